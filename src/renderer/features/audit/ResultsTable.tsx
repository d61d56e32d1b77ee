/** One row per attack and strength; rows of an audit that runs fill in as it goes. */
import type { AuditReport, AuditRow } from '../../../shared/audit'
import type { LiveRun } from '../../state/audits'
import { defenceName, rowName, shareTitle, strength, threatName } from '../../wording/audit'
import { percent } from '../../wording/probability'

interface Shown {
  row: AuditRow
  /** Share of the images that is done, where the run is not complete. */
  share: number | null
}

/** Complete rows of the report, then those of runs under way. */
export function shownRows(report: AuditReport, live: Readonly<Record<string, LiveRun>> | undefined): Shown[] {
  const complete = new Set(report.runs.map(({ run }) => run))
  const running = Object.values(live ?? {}).flatMap(({ run, row, done, total }) => (row && !complete.has(run.id) ? [{ row, share: done < total ? done / total : null }] : []))
  return [...report.runs.map((row) => ({ row, share: null })), ...running]
}

const heat = (value: number): string => `color-mix(in srgb, var(--danger-deep) ${Math.round(100 * (1 - value))}%, transparent)`

const Number_ = ({ value, title }: { value: number | null | undefined; title?: string | undefined }) => (
  <td className="numbers px-2 py-1 text-right whitespace-nowrap" title={title}>
    {value === null || value === undefined ? '–' : percent(value)}
  </td>
)

export function ResultsTable({ report, live }: { report: AuditReport; live: Readonly<Record<string, LiveRun>> | undefined }) {
  const rows = shownRows(report, live)
  const defences = report.defences
  const head = 'bg-panel px-2 py-1.5 align-bottom font-normal text-ink-soft'
  const figure = `${head} text-right`
  if (rows.length === 0) return <p className="text-ink-soft">Rows appear here as the runs are done.</p>
  return (
    <div className="overflow-x-auto rounded-lg border border-line" role="region" aria-label="Results by attack" tabIndex={0}>
      <table className="w-full text-xs" data-results>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-left`}>Attack</th>
            <th scope="col" className={`${head} text-left`}>Attacker</th>
            <th scope="col" className={figure}>Strength</th>
            {defences.map((defence) => (
              <th key={defence} scope="col" className={figure} title={`Robust accuracy: ${defenceName(defence)}`}>
                {defenceName(defence)}
              </th>
            ))}
            <th scope="col" className={figure} title="Area under the curve of clean against attacked images">AUC</th>
            <th scope="col" className={figure}>Detected</th>
            <th scope="col" className={figure} title="Wrong behind the purifier, and not flagged">Evades</th>
            <th scope="col" className={figure} title="Median size of the changes that succeeded, in 255ths">Median L∞</th>
            <th scope="col" className={figure}>Median L2</th>
            <th scope="col" className={figure}>Images/s</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, share }) => (
            <tr key={`${row.run} ${row.eps}`} data-row={`${row.threat}/${row.attack}/${strength(row.eps, row.norm)}`} className="border-t border-line hover:bg-raised/60">
              <th scope="row" className="min-w-36 px-2 py-1 text-left font-medium">
                {rowName(row)}
                {share !== null && <span className="numbers pl-2 font-normal text-accent">{Math.round(100 * share)} % done</span>}
              </th>
              <td className="px-2 py-1 text-ink-soft">{threatName[row.threat]}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{strength(row.eps, row.norm)}</td>
              {defences.map((defence) => {
                const own = row.robust[defence]
                return (
                  <td key={defence} className="numbers px-2 py-1 text-right whitespace-nowrap" style={own ? { background: heat(own.value) } : {}} title={shareTitle(own)}>
                    {own ? percent(own.value) : '–'}
                  </td>
                )
              })}
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{row.detectionAuc === null ? '–' : row.detectionAuc.toFixed(3)}</td>
              <Number_ value={row.detectedAtAlpha} />
              <Number_ value={row.evaded?.value} title={shareTitle(row.evaded ?? undefined)} />
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{(255 * row.medianLinf).toFixed(2)}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{row.medianL2.toFixed(3)}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{row.imagesPerSecond < 10 ? row.imagesPerSecond.toPrecision(2) : Math.round(row.imagesPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
