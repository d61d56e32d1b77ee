/** Two audits row by row: the same attack, attacker and strength in both, and by how much the accuracies differ. */
import { dateAndTime, figure, t } from '../../language'
import { Fragment } from 'react'
import type { AuditReport, AuditRow, AuditSummary } from '../../../shared/audit'
import type { BundleSummary } from '../../../shared/types'
import { compareWith, useAudits } from '../../state/audits'
import { useSession } from '../../state/session'
import { SelectField } from '../../ui/Field'
import { fileName } from '../../wording/amounts'
import { defenceName, rowName, shareTitle, strength, threatName } from '../../wording/audit'
import { percent } from '../../wording/probability'
import { pairRows, reasonsToDoubt } from './comparison'

const label = (audit: AuditSummary, bundles: readonly BundleSummary[]): string => `${bundles.find(({ id }) => id === audit.bundle)?.name ?? audit.bundle}, ${fileName(audit.data)}, ${dateAndTime(audit.startedAt, 'short')}`

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
    <td className={`numbers px-2.5 py-1 text-right ${clear ? (points > 0 ? 'text-clean' : 'text-danger') : 'text-ink-soft'}`} title={clear ? t('audit.clear') : t('audit.unclear')}>
      {points > 0 ? '+' : points < 0 ? '−' : ''}
      {figure(Math.abs(points).toFixed(1))}
    </td>
  )
}

export function CompareView({ report, others }: { report: AuditReport; others: readonly AuditSummary[] }) {
  const { comparedId, compared } = useAudits()
  const bundles = useSession((state) => state.bundles)
  const pairs = compared ? pairRows(report.runs, compared.runs) : []
  const defences = (['none', 'purifier'] as const).filter((defence) => pairs.some(({ one, other }) => one?.robust[defence] ?? other?.robust[defence]))
  const head = 'px-2.5 py-1.5 font-normal text-ink-soft'
  const doubts = compared ? reasonsToDoubt(report, compared) : []
  return (
    <div className="space-y-4 p-4">
      <SelectField
        className="max-w-xl"
        label={t('audit.beside')}
        value={comparedId ?? ''}
        choices={[{ value: '', label: t('audit.chooseOther') }, ...others.map((audit) => ({ value: audit.jobId, label: label(audit, bundles) }))]}
        onChange={({ target }) => void compareWith(target.value || null)}
      />
      {comparedId && !compared && <p className="text-ink-soft">{t('audit.readingOther')}</p>}
      {compared && (
        <>
          {doubts.length > 0 && (
            <div className="text-suspicious">
              {t('audit.doubts')}
              <ul className="list-disc pl-5">
                {doubts.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </div>
          )}
          <div className="max-w-6xl overflow-x-auto rounded-lg border border-line" role="region" aria-label={t('audit.both')} tabIndex={0}>
            <table className="w-full text-xs" data-comparison>
              <thead className="bg-panel">
                <tr>
                  {(['audit.attack', 'audit.attacker'] as const).map((title) => (
                    <th key={title} scope="col" rowSpan={2} className={`${head} text-left align-bottom`}>
                      {t(title)}
                    </th>
                  ))}
                  <th scope="col" rowSpan={2} className={`${head} text-right align-bottom`}>
                    {t('audit.strength')}
                  </th>
                  {defences.map((defence) => (
                    <th key={defence} scope="colgroup" colSpan={3} className={`${head} border-l border-line text-center text-ink`}>
                      {defenceName(defence)}
                    </th>
                  ))}
                </tr>
                <tr>
                  {defences.map((defence) =>
                    (['audit.this', 'audit.other', 'audit.points'] as const).map((title, i) => (
                      <th key={`${defence} ${title}`} scope="col" className={`${head} pt-0! text-right ${i === 0 ? 'border-l border-line' : ''}`}>
                        {t(title)}
                      </th>
                    )),
                  )}
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
                      <td className="px-2.5 py-1 text-ink-soft">{threatName(row.threat)}</td>
                      <td className="numbers px-2.5 py-1 text-right">{strength(row.eps, row.norm)}</td>
                      {defences.map((defence) => (
                        <Fragment key={defence}>
                          <Cells row={one} defence={defence} />
                          <Cells row={other} defence={defence} />
                          <Difference before={one} after={other} defence={defence} />
                        </Fragment>
                      ))}
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
          <p className="text-xs text-ink-soft">{t('audit.pointsText')}</p>
        </>
      )}
    </div>
  )
}
