/** One row per attack and strength; rows of an audit that runs fill in as it goes. */
import type { AuditReport, AuditRow } from '../../../shared/audit'
import { strengthText } from '../../../shared/audit-words'
import { figure, t } from '../../language'
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

const smallestTitle = ({ smallest }: AuditRow): string | undefined =>
  smallest && t('audit.smallest', { linf: figure((255 * smallest.medianLinf).toPrecision(3)), l2: figure(smallest.medianL2.toPrecision(3)), count: smallest.broken })

export function ResultsTable({ report, live }: { report: AuditReport; live: Readonly<Record<string, LiveRun>> | undefined }) {
  const rows = shownRows(report, live)
  const defences = report.defences
  const head = 'bg-panel px-2 py-1.5 align-bottom font-normal text-ink-soft'
  const rightHead = `${head} text-right`
  if (rows.length === 0) return <p className="text-ink-soft">{t('audit.rowsAppear')}</p>
  return (
    <div className="overflow-x-auto rounded-lg border border-line" role="region" aria-label={t('audit.table')} tabIndex={0}>
      <table className="w-full text-xs" data-results>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-left`}>{t('audit.attack')}</th>
            <th scope="col" className={`${head} text-left`}>{t('audit.attacker')}</th>
            <th scope="col" className={rightHead}>{t('audit.strength')}</th>
            {defences.map((defence) => (
              <th key={defence} scope="col" className={rightHead} title={t('audit.robust', { defence: defenceName(defence) })}>
                {defenceName(defence)}
              </th>
            ))}
            <th scope="col" className={rightHead} title={t('audit.aucHint')}>{t('audit.auc')}</th>
            <th scope="col" className={rightHead}>{t('audit.detected')}</th>
            <th scope="col" className={rightHead} title={t('audit.evadesHint')}>{t('audit.evades')}</th>
            <th scope="col" className={rightHead} title={t('audit.medianLinfHint')}>{t('audit.medianLinf')}</th>
            <th scope="col" className={rightHead}>{t('audit.medianL2')}</th>
            <th scope="col" className={rightHead}>{t('audit.speed')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, share }) => (
            <tr key={`${row.run} ${row.eps}`} data-row={`${row.threat}/${row.attack}/${strengthText(row.eps, row.norm)}`} className="border-t border-line hover:bg-raised/60">
              <th scope="row" className="min-w-24 px-2 py-1 text-left font-medium">
                {rowName(row)}
                {share !== null && <span className="numbers pl-2 font-normal text-accent">{t('audit.shareDone', { share: Math.round(100 * share) })}</span>}
              </th>
              <td className="px-2 py-1 text-ink-soft">{threatName(row.threat)}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{strength(row.eps, row.norm)}</td>
              {defences.map((defence) => {
                const own = row.robust[defence]
                return (
                  <td key={defence} className="numbers px-2 py-1 text-right whitespace-nowrap" style={own ? { background: heat(own.value) } : {}} title={shareTitle(own)}>
                    {own ? percent(own.value) : '–'}
                  </td>
                )
              })}
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{row.detectionAuc === null ? '–' : figure(row.detectionAuc.toFixed(3))}</td>
              <Number_ value={row.detectedAtAlpha} />
              <Number_ value={row.evaded?.value} title={shareTitle(row.evaded ?? undefined)} />
              <td className="numbers px-2 py-1 text-right whitespace-nowrap" title={smallestTitle(row)}>{row.medianLinf === 0 ? '–' : figure((255 * row.medianLinf).toFixed(2))}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap" title={smallestTitle(row)}>{row.medianLinf === 0 ? '–' : figure(row.medianL2.toFixed(3))}</td>
              <td className="numbers px-2 py-1 text-right whitespace-nowrap">{row.imagesPerSecond < 10 ? figure(row.imagesPerSecond.toPrecision(2)) : Math.round(row.imagesPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
