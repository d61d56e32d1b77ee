/** What came out of an audit: warnings first, then the worst case, the table and the curves. */
import type { AuditReport, Norm, Share, WorstCase } from '../../../shared/audit'
import { figure, t } from '../../language'
import { useAudits } from '../../state/audits'
import { defenceName, endsOf, normName, shareText, shareTitle, strength, threatDetail, threatName } from '../../wording/audit'
import { percent } from '../../wording/probability'
import { Curves } from './Curves'
import { Warnings } from './PlanPanel'
import { ResultsTable } from './ResultsTable'

function Tile({ title, share, note }: { title: string; share: Share | undefined; note: string }) {
  return (
    <div className="min-w-44 rounded-lg border border-line bg-panel px-3.5 py-2.5">
      <div className="text-xs text-ink-soft">{title}</div>
      <div className="numbers text-xl font-semibold" title={shareTitle(share)}>
        {shareText(share)}
      </div>
      <div className="numbers text-2xs text-ink-soft">{[...(share ? [t('audit.range', endsOf(share))] : []), note].filter(Boolean).join(' · ')}</div>
    </div>
  )
}

/** One line per attacker: what is left in the worst case at each strength. */
function WorstCases({ cases, norm }: { cases: readonly WorstCase[]; norm: Norm }) {
  const sizes = [...new Set(cases.map(({ eps }) => eps))].sort((a, b) => a - b)
  const defences = (['none', 'purifier'] as const).filter((defence) => cases.some(({ robust }) => robust[defence]))
  const cell = 'numbers px-3 py-1 text-right whitespace-nowrap'
  return (
    <div className="w-fit max-w-full overflow-x-auto rounded-lg border border-line" role="region" aria-label={t('audit.worstIn', { norm: normName[norm] })} tabIndex={0}>
      <table>
        <thead className="bg-panel text-xs text-ink-soft">
          <tr>
            <th scope="col" rowSpan={2} className="px-3 py-1 text-left align-bottom font-normal">
              {t('audit.attacker')}
            </th>
            {sizes.map((eps) => (
              <th key={eps} scope="colgroup" colSpan={defences.length} className="numbers border-l border-line px-3 pt-1 text-center font-normal text-ink">
                {norm === 'l2' && 'L2 '}
                {strength(eps, norm)}
              </th>
            ))}
          </tr>
          <tr>
            {sizes.map((eps) =>
              defences.map((defence) => (
                <th key={`${eps} ${defence}`} scope="col" className={`px-3 pb-1 text-right font-normal whitespace-nowrap ${defence === 'none' ? 'border-l border-line' : ''}`}>
                  {defenceName(defence)}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {[...new Set(cases.map(({ threat }) => threat))].map((threat) => (
            <tr key={threat} className="border-t border-line">
              <th scope="row" className="px-3 py-1 text-left font-normal">
                {threatName(threat)} <span className="block text-2xs text-ink-soft">{threatDetail(threat)}</span>
              </th>
              {sizes.map((eps) => {
                const own = cases.find((each) => each.threat === threat && each.eps === eps)
                return defences.map((defence) => (
                  <td key={`${eps} ${defence}`} className={`${cell} ${defence === 'none' ? 'border-l border-line' : 'font-semibold'}`} title={own && t('audit.worstOf', { share: shareTitle(own.robust[defence]), attacks: own.attacks.join(', ') })}>
                    {shareText(own?.robust[defence])}
                  </td>
                ))
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Results({ jobId, report, running }: { jobId: string; report: AuditReport; running: boolean }) {
  const live = useAudits((state) => state.live[jobId])
  if (report.n === 0) return <p className="p-8 text-center text-ink-soft">{running ? t('audit.resultsAppear') : t('audit.endedEarly')}</p>
  return (
    <div className="max-w-[110rem] space-y-5 p-4">
      {report.warnings.length > 0 && (
        <section aria-label={t('audit.warnings')}>
          <h3 className="pb-1.5 font-semibold">{t('audit.warnings')}</h3>
          <Warnings warnings={report.warnings} />
        </section>
      )}
      <section aria-label={t('audit.without')}>
        <h3 className="pb-1.5 font-semibold">{t('audit.without')}</h3>
        <div className="flex flex-wrap gap-2.5">
          <Tile title={t('audit.accuracy')} share={report.clean['none']} note={t('audit.images', { n: report.n })} />
          {report.clean['purifier'] && <Tile title={t('audit.accuracyPurified')} share={report.clean['purifier']} note="" />}
          {report.falseAlarms && <Tile title={t('audit.flaggedAt', { alpha: figure(report.alpha) })} share={report.falseAlarms} note={t('audit.falseAlarms')} />}
        </div>
      </section>
      {report.worstCase.length > 0 && (
        <section aria-label={t('audit.worst')}>
          <h3 className="pb-1.5 font-semibold">{t('audit.worst')}</h3>
          <p className="max-w-3xl pb-2 text-xs text-ink-soft">{t('audit.worstText')}</p>
          <div className="space-y-2.5">
            {(['linf', 'l2'] as const).map((norm) => {
              const cases = report.worstCase.filter((each) => each.norm === norm)
              return cases.length > 0 && <WorstCases key={norm} cases={cases} norm={norm} />
            })}
          </div>
        </section>
      )}
      <section aria-label={t('audit.attacksHead')}>
        <h3 className="pb-1.5 font-semibold">{t('audit.attacksHead')}</h3>
        <ResultsTable report={report} live={running ? live : undefined} />
      </section>
      {report.curves.length > 0 && (
        <section aria-label={t('audit.curves')}>
          <h3 className="pb-1.5 font-semibold">{t('audit.curvesHead')}</h3>
          <Curves report={report} />
        </section>
      )}
      {report.limits.length > 0 && (
        <section aria-label={t('audit.limits')} className="max-w-4xl">
          <h3 className="pb-1.5 font-semibold">{t('audit.limitsHead')}</h3>
          <ul lang="en" className="selectable list-disc space-y-1 pl-5 text-ink-soft">
            {report.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label={t('audit.provenance')}>
        <h3 className="pb-1.5 font-semibold">{t('audit.provenanceHead')}</h3>
        <dl className="selectable grid max-w-4xl grid-cols-[10rem_minmax(0,1fr)] gap-y-0.5 text-xs">
          {[
            [t('audit.model'), `${report.model.name} (${report.model.id})`],
            [t('classes'), report.model.classes.map((name, i) => t('audit.classImages', { name, n: report.data.counts[i] ?? 0 })).join(', ')],
            ...(report.model.finding ? [[t('audit.finding'), report.model.finding]] : []),
            [t('classifier'), `sha256 ${report.model.classifier}`],
            ...(report.model.purifier ? [[t('purifier'), `sha256 ${report.model.purifier}`]] : []),
            [t('audit.imagesHead'), `${report.data.path}, sha256 ${report.data.sha256}`],
            [t('audit.seed'), String(report.seed)],
            [t('audit.ranOn'), `${report.provider}; ${Object.entries(report.versions).map(([name, version]) => `${name} ${version}`).join(', ')}`],
          ].map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-ink-soft">{label}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <p className="text-xs text-ink-soft">{t('audit.norms', { linf: normName.linf, l2: normName.l2, share: percent(report.cleanAccuracy) })}</p>
    </div>
  )
}
