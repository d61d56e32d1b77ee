/** What came out of an audit: warnings first, then the worst case, the table and the curves. */
import type { AuditReport, Share, WorstCase } from '../../../shared/audit'
import { useAudits } from '../../state/audits'
import { normName, shareText, shareTitle, strength, threatDetail, threatName } from '../../wording/audit'
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
      <div className="numbers text-2xs text-ink-soft">{share ? `${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)} %` : ''} {note}</div>
    </div>
  )
}

/** One line per attacker and norm: what is left in the worst case at each strength. */
function WorstCases({ cases }: { cases: readonly WorstCase[] }) {
  const keys = [...new Set(cases.map(({ threat, norm }) => `${threat} ${norm}`))]
  return (
    <div className="overflow-x-auto">
      <table className="text-sm">
        <caption className="pb-1 text-left text-xs text-ink-soft">Accuracy that is left when each image meets the attack that is worst for it, bare and behind the purifier</caption>
        <tbody>
          {keys.map((key) => {
            const own = cases.filter(({ threat, norm }) => `${threat} ${norm}` === key).sort((a, b) => a.eps - b.eps)
            const [first] = own
            return (
              <tr key={key} className="border-t border-line">
                <th scope="row" className="py-1.5 pr-6 text-left font-normal">
                  {threatName[first!.threat]} <span className="text-xs text-ink-soft">{threatDetail[first!.threat]}{first!.norm === 'l2' ? ', L2' : ''}</span>
                </th>
                {own.map(({ eps, norm, robust, attacks }) => (
                  <td key={eps} className="numbers py-1.5 pr-6" title={`worst of ${attacks.join(', ')}`}>
                    <span className="text-xs text-ink-soft">{strength(eps, norm)}</span> <span title={shareTitle(robust['none'])}>{shareText(robust['none'])}</span>
                    {robust['purifier'] && (
                      <strong className="pl-1.5" title={shareTitle(robust['purifier'])}>
                        {shareText(robust['purifier'])}
                      </strong>
                    )}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

export function Results({ jobId, report, running }: { jobId: string; report: AuditReport; running: boolean }) {
  const live = useAudits((state) => state.live[jobId])
  return (
    <div className="space-y-5 p-4">
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
          <WorstCases cases={report.worstCase} />
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
