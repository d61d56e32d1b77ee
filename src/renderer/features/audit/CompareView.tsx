/** Two audits row by row: the same attack, attacker and strength in both, and by how much the accuracies differ. */
import type { AuditReport, AuditRow, AuditSummary } from '../../../shared/audit'
import { compareWith, useAudits } from '../../state/audits'
import { SelectField } from '../../ui/Field'
import { fileName } from '../../wording/amounts'
import { rowName, shareTitle, strength, threatName } from '../../wording/audit'
import { percent } from '../../wording/probability'
import { pairRows, reasonsToDoubt } from './comparison'

const label = (audit: AuditSummary): string => `${audit.bundle}, ${fileName(audit.data)}, ${new Date(audit.startedAt).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' })}`

function Cells({ row, defence }: { row: AuditRow | null; defence: 'none' | 'purifier' }) {
  const share = row?.robust[defence]
  return (
    <td className="numbers px-2.5 py-1 text-right" title={shareTitle(share)}>
      {share ? percent(share.value) : '–'}
    </td>
  )
}

function Difference({ before, after, defence }: { before: AuditRow | null; after: AuditRow | null; defence: 'none' | 'purifier' }) {
  const [a, b] = [before?.robust[defence], after?.robust[defence]]
  if (!a || !b) return <td className="px-2.5 py-1 text-right text-ink-soft">–</td>
  const points = 100 * (a.value - b.value)
  const clear = a.low > b.high || b.low > a.high
  return (
    <td className={`numbers px-2.5 py-1 text-right ${clear ? (points > 0 ? 'text-clean' : 'text-danger') : 'text-ink-soft'}`} title={clear ? 'their intervals do not overlap' : 'their intervals overlap'}>
      {points > 0 ? '+' : ''}
      {points.toFixed(1)}
    </td>
  )
}

export function CompareView({ report, others }: { report: AuditReport; others: readonly AuditSummary[] }) {
  const { comparedId, compared } = useAudits()
  const pairs = compared ? pairRows(report.runs, compared.runs) : []
  const purified = pairs.some(({ one, other }) => one?.robust['purifier'] || other?.robust['purifier'])
  const head = 'px-2.5 py-1.5 text-right font-normal text-ink-soft'
  return (
    <div className="space-y-4 p-4">
      <SelectField
        className="max-w-xl"
        label="Beside which audit"
        value={comparedId ?? ''}
        choices={[{ value: '', label: 'Choose an audit' }, ...others.map((audit) => ({ value: audit.jobId, label: label(audit) }))]}
        onChange={({ target }) => void compareWith(target.value || null)}
      />
      {comparedId && !compared && <p className="text-ink-soft">Reading the other audit …</p>}
      {compared && (
        <>
          <ul className="list-disc pl-5 text-suspicious">
            {reasonsToDoubt(report, compared).map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <div className="overflow-x-auto rounded-lg border border-line">
            <table className="w-full text-xs" data-comparison>
              <thead>
                <tr className="bg-panel">
                  <th scope="col" className={`${head} text-left`}>Attack</th>
                  <th scope="col" className={`${head} text-left`}>Attacker</th>
                  <th scope="col" className={head}>Strength</th>
                  {(['none', ...(purified ? ['purifier'] : [])] as const).map((defence) => (
                    <th key={defence} scope="col" colSpan={3} className={head}>
                      {defence === 'none' ? 'No defence' : 'Purifier'}: this, the other, points
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {pairs.map(({ key, one, other }) => {
                  const row = (one ?? other)!
                  return (
                    <tr key={key} className="border-t border-line">
                      <th scope="row" className="px-2.5 py-1 text-left font-medium">
                        {rowName(row)}
                      </th>
                      <td className="px-2.5 py-1 text-ink-soft">{threatName[row.threat]}</td>
                      <td className="numbers px-2.5 py-1 text-right">{strength(row.eps, row.norm)}</td>
                      <Cells row={one} defence="none" />
                      <Cells row={other} defence="none" />
                      <Difference before={one} after={other} defence="none" />
                      {purified && (
                        <>
                          <Cells row={one} defence="purifier" />
                          <Cells row={other} defence="purifier" />
                          <Difference before={one} after={other} defence="purifier" />
                        </>
                      )}
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
          <p className="text-xs text-ink-soft">Points are this audit less the other. Colour stands only where the 95 % intervals do not overlap.</p>
        </>
      )}
    </div>
  )
}
