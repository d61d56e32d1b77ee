/** How the model stood before and how it stands now, on the same images. */
import type { BeforeAfter, Counted, MeasuredRow } from '../../../shared/training-record'
import { t } from '../../language'
import { percent } from '../../wording/probability'
import { countedText, countedTitle, rowTitle, strengthOf } from '../../wording/training'

const Share = ({ value, strong = false }: { value: Counted | null | undefined; strong?: boolean }) => (
  <td className={`numbers px-2.5 py-1 text-right whitespace-nowrap ${strong ? 'font-semibold' : ''}`} title={value ? countedTitle(value) : t('notMeasured')}>
    {value ? countedText(value) : '–'}
  </td>
)

function Row({ row, epsilons, adaptive, flags }: { row: MeasuredRow; epsilons: readonly number[]; adaptive: readonly number[]; flags: boolean }) {
  const strong = row.when === 'after'
  return (
    <tr className={`border-t border-line ${strong ? 'bg-accent-deep/40' : ''}`} data-measured={`${row.when} ${row.purified ? 'purified' : 'bare'}`}>
      <th scope="row" className={`px-2.5 py-1 text-left whitespace-nowrap ${strong ? 'font-semibold' : 'font-normal'}`}>
        {rowTitle(row)}
      </th>
      <Share value={row.clean} strong={strong} />
      <td className="numbers px-2.5 py-1 text-right whitespace-nowrap">{percent(row.balancedAccuracy)}</td>
      {epsilons.map((epsilon) => (
        <Share key={epsilon} value={row.attacked.find((each) => each.epsilon === epsilon)?.oblivious} strong={strong} />
      ))}
      {adaptive.map((epsilon) => <Share key={epsilon} value={row.attacked.find((each) => each.epsilon === epsilon)?.adaptive} strong={strong} />)}
      {flags && (
        <>
          <Share value={row.flagged?.clean} />
          {epsilons.map((epsilon) => (
            <Share key={epsilon} value={row.flagged?.attacked.find((each) => each.epsilon === epsilon)?.flagged} strong={strong} />
          ))}
        </>
      )}
    </tr>
  )
}

/** Attacks lead away from the true answer, so that an image that is wrong without one may come out right. */
const helpedByAttacks = ({ clean, attacked }: MeasuredRow): boolean => attacked.some(({ oblivious }) => oblivious.count > clean.count)

export function BeforeAfterTable({ table }: { table: BeforeAfter }) {
  const epsilons = [...new Set(table.rows.flatMap(({ attacked }) => attacked.map(({ epsilon }) => epsilon)))].sort((a, b) => a - b)
  const adaptive = epsilons.filter((epsilon) => table.rows.some(({ attacked }) => attacked.some((each) => each.epsilon === epsilon && each.adaptive)))
  const flagged = table.rows.find((row) => row.flagged)?.flagged
  const group = 'border-l border-line px-2.5 pt-1 text-center font-normal text-ink whitespace-nowrap'
  const head = 'numbers px-2.5 pb-1 text-right font-normal whitespace-nowrap'
  const fewest = Math.min(...table.rows.flatMap(({ attacked }) => attacked.flatMap((each) => (each.adaptive ? [each.adaptive.of] : []))))
  return (
    <section aria-label={t('train.beforeAfter')}>
      <h3 className="pb-1.5 font-semibold">{t('train.beforeAfter')}</h3>
      <div className="w-fit max-w-full overflow-x-auto rounded-lg border border-line" role="region" aria-label={t('train.beforeAfterTable')} tabIndex={0}>
        <table data-before-after>
          <thead className="bg-panel text-xs text-ink-soft">
            <tr>
              <th scope="col" rowSpan={2} className="px-2.5 py-1 text-left align-bottom font-normal">
                {t('train.rightAnswers')}
              </th>
              <th scope="colgroup" colSpan={2} className={group}>
                {t('train.untouched')}
              </th>
              <th scope="colgroup" colSpan={epsilons.length} className={group} title={t('train.attackedHint', { steps: table.steps })}>
                {t('train.attacked')}
              </th>
              {adaptive.length > 0 && (
                <th scope="colgroup" colSpan={adaptive.length} className={group} title={t('train.knowingHint', { steps: table.steps })}>
                  {t('train.knowing')}
                </th>
              )}
              {flagged && (
                <th scope="colgroup" colSpan={1 + epsilons.length} className={group}>
                  {t('train.flagged')}
                </th>
              )}
            </tr>
            <tr>
              <th scope="col" className={`${head} border-l border-line`}>
                {t('train.all')}
              </th>
              <th scope="col" className={head} title={t('train.balancedHint')}>
                {t('train.balanced')}
              </th>
              {epsilons.map((epsilon, i) => (
                <th key={epsilon} scope="col" className={`${head} ${i === 0 ? 'border-l border-line' : ''}`}>
                  {strengthOf(epsilon)}
                </th>
              ))}
              {adaptive.map((epsilon, i) => (
                <th key={epsilon} scope="col" className={`${head} ${i === 0 ? 'border-l border-line' : ''}`}>
                  {strengthOf(epsilon)}
                </th>
              ))}
              {flagged && (
                <>
                  <th scope="col" className={`${head} border-l border-line`}>
                    {t('train.untouchedColumn')}
                  </th>
                  {epsilons.map((epsilon) => (
                    <th key={epsilon} scope="col" className={head}>
                      {strengthOf(epsilon)}
                    </th>
                  ))}
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <Row key={`${row.when} ${String(row.purified)}`} row={row} epsilons={epsilons} adaptive={adaptive} flags={flagged !== undefined} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="max-w-3xl pt-1.5 text-xs text-ink-soft">
        {[
          t(table.part === 'test' ? 'train.tableTest' : 'train.tableHeld', { images: table.images }),
          Number.isFinite(fewest) && fewest < table.images ? t('train.tableAttacksFewer', { steps: table.steps, fewest }) : t('train.tableAttacks', { steps: table.steps }),
          ...(table.rows.some(helpedByAttacks) ? [t('train.tableHelped')] : []),
          ...(flagged ? [t('train.tableFlagged', { share: percent(flagged.alpha).replace(/[.,]0/, '') })] : []),
          t('train.tableAudit'),
        ].join(' ')}
      </p>
    </section>
  )
}
