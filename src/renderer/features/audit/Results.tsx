/** What came out of an audit: warnings first, then the worst case, the table and the curves. */
import type { AuditReport, Norm, Share, WorstCase } from '../../../shared/audit'
import { useAudits } from '../../state/audits'
import { defenceName, normName, shareText, shareTitle, strength, threatDetail, threatName } from '../../wording/audit'
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
      <div className="numbers text-2xs text-ink-soft">{[...(share ? [`${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)} %`] : []), note].filter(Boolean).join(' · ')}</div>
    </div>
  )
}

/** One line per attacker: what is left in the worst case at each strength. */
function WorstCases({ cases, norm }: { cases: readonly WorstCase[]; norm: Norm }) {
  const sizes = [...new Set(cases.map(({ eps }) => eps))].sort((a, b) => a - b)
  const defences = (['none', 'purifier'] as const).filter((defence) => cases.some(({ robust }) => robust[defence]))
  const cell = 'numbers px-3 py-1 text-right whitespace-nowrap'
  return (
    <div className="w-fit max-w-full overflow-x-auto rounded-lg border border-line" role="region" aria-label={`Worst case in ${normName[norm]}`} tabIndex={0}>
      <table>
        <thead className="bg-panel text-xs text-ink-soft">
          <tr>
            <th scope="col" rowSpan={2} className="px-3 py-1 text-left align-bottom font-normal">
              Attacker
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
                {threatName[threat]} <span className="block text-2xs text-ink-soft">{threatDetail[threat]}</span>
              </th>
              {sizes.map((eps) => {
                const own = cases.find((each) => each.threat === threat && each.eps === eps)
                return defences.map((defence) => (
                  <td key={`${eps} ${defence}`} className={`${cell} ${defence === 'none' ? 'border-l border-line' : 'font-semibold'}`} title={own && `${shareTitle(own.robust[defence])}; worst of ${own.attacks.join(', ')}`}>
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
  if (report.n === 0) return <p className="p-8 text-center text-ink-soft">{running ? 'Results appear here once the images are read.' : 'It ended before the images were read.'}</p>
  return (
    <div className="max-w-[110rem] space-y-5 p-4">
      {report.warnings.length > 0 && (
        <section aria-label="Warnings">
          <h3 className="pb-1.5 font-semibold">Warnings</h3>
          <Warnings warnings={report.warnings} />
        </section>
      )}
      <section aria-label="Without an attack">
        <h3 className="pb-1.5 font-semibold">Without an attack</h3>
        <div className="flex flex-wrap gap-2.5">
          <Tile title="Accuracy" share={report.clean['none']} note={`${report.n} images`} />
          {report.clean['purifier'] && <Tile title="Accuracy behind the purifier" share={report.clean['purifier']} note="" />}
          {report.falseAlarms && <Tile title={`Flagged at α ${report.alpha}`} share={report.falseAlarms} note="false alarms" />}
        </div>
      </section>
      {report.worstCase.length > 0 && (
        <section aria-label="Worst case">
          <h3 className="pb-1.5 font-semibold">Worst case</h3>
          <p className="max-w-3xl pb-2 text-xs text-ink-soft">Accuracy that is left when each image meets the attack that is worst for it. The adaptive attacker also has what the weaker ones found.</p>
          <div className="space-y-2.5">
            {(['linf', 'l2'] as const).map((norm) => {
              const cases = report.worstCase.filter((each) => each.norm === norm)
              return cases.length > 0 && <WorstCases key={norm} cases={cases} norm={norm} />
            })}
          </div>
        </section>
      )}
      <section aria-label="Attacks">
        <h3 className="pb-1.5 font-semibold">Attacks</h3>
        <ResultsTable report={report} live={running ? live : undefined} />
      </section>
      {report.curves.length > 0 && (
        <section aria-label="Curves">
          <h3 className="pb-1.5 font-semibold">Accuracy against strength</h3>
          <Curves report={report} />
        </section>
      )}
      {report.limits.length > 0 && (
        <section aria-label="Limits" className="max-w-4xl">
          <h3 className="pb-1.5 font-semibold">What this does not show</h3>
          <ul className="selectable list-disc space-y-1 pl-5 text-ink-soft">
            {report.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="Provenance">
        <h3 className="pb-1.5 font-semibold">What was attacked</h3>
        <dl className="selectable grid max-w-4xl grid-cols-[10rem_minmax(0,1fr)] gap-y-0.5 text-xs">
          {[
            ['Model', `${report.model.name} (${report.model.id})`],
            ['Classes', report.model.classes.map((name, i) => `${name} (${report.data.counts[i] ?? 0} images)`).join(', ')],
            ...(report.model.finding ? [['Finding', report.model.finding]] : []),
            ['Classifier', `sha256 ${report.model.classifier}`],
            ...(report.model.purifier ? [['Purifier', `sha256 ${report.model.purifier}`]] : []),
            ['Images', `${report.data.path}, sha256 ${report.data.sha256}`],
            ['Seed', String(report.seed)],
            ['Ran on', `${report.provider}; ${Object.entries(report.versions).map(([name, version]) => `${name} ${version}`).join(', ')}`],
          ].map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-ink-soft">{label}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <p className="text-xs text-ink-soft">Norms: {normName.linf} is the largest change of a pixel, {normName.l2} the length of the change over all pixels. {percent(report.cleanAccuracy)} of the images are classified right without an attack; robust accuracy counts over all images.</p>
    </div>
  )
}
