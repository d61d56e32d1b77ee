/** What the table shows: verdicts with their counts, a class, changed answers, words in the name, groups. */
import { t } from '../../language'
import { ArrowRightLeft, Group, X } from 'lucide-react'
import type { BatchFilter } from '../../state/batch-rows'
import { everything } from '../../state/batch-rows'
import { changeFilter, setGrouped, useBatchTable } from '../../state/batch-table'
import { filters } from '../../state/rows'
import { Button } from '../../ui/Button'
import { SearchBox } from '../../ui/SearchBox'
import { amount } from '../../wording/batch'

/** Milliseconds after the last key until the rows are searched. */
const searchAfter = 120

const searchFor = (search: string): void => changeFilter({ search })

/** Escape empties the field; once it is empty, as Enter and the arrow, it leads back to the table. */
function keyOfSearch(key: string, text: string, clear: () => void): boolean {
  if (key === 'Escape' && text !== '') clear()
  else if (key === 'Enter' || key === 'ArrowDown' || key === 'Escape') document.getElementById('batch-table')?.focus()
  else return false
  return true
}

const filtered = (filter: BatchFilter): boolean => JSON.stringify(filter) !== JSON.stringify(everything)

export function TableBar() {
  const filter = useBatchTable((state) => state.filter)
  const counts = useBatchTable((state) => state.counts)
  const answers = useBatchTable((state) => state.answers)
  const grouped = useBatchTable((state) => state.grouped)
  return (
    <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-4" role="toolbar" aria-label={t('batch.shown')}>
      <div role="group" aria-label={t('column.verdict')} className="flex shrink-0 gap-0.5 rounded-md bg-panel p-0.5">
        {filters.map((id) => (
          <button
            key={id}
            type="button"
            aria-pressed={filter.status === id}
            data-filter={id}
            className={`rounded px-2 py-1 text-xs whitespace-nowrap ${filter.status === id ? 'bg-raised text-ink' : 'text-ink-soft hover:text-ink'}`}
            onClick={() => changeFilter({ status: id })}
          >
            {t(`filter.${id}`)} <span className="numbers">{amount(counts[id])}</span>
          </button>
        ))}
      </div>
      <Button weight="quiet" className="text-xs" pressed={filter.changed} title={t('batch.changedHint')} onClick={() => changeFilter({ changed: !filter.changed })}>
        <ArrowRightLeft size={14} aria-hidden /> {t('batch.changed')} <span className="numbers">{amount(counts.changed)}</span>
      </Button>
      <select aria-label={t('batch.answer')} className="h-7 max-w-36 min-w-0 rounded-md border border-line bg-ground px-1.5 text-xs hover:border-line-strong" value={filter.answer} onChange={({ target }) => changeFilter({ answer: target.value })}>
        <option value="" className="bg-raised">
          {t('batch.anyAnswer')}
        </option>
        {answers.map((answer) => (
          <option key={answer} value={answer} className="bg-raised">
            {answer}
          </option>
        ))}
      </select>
      <Button weight="quiet" className="text-xs" pressed={grouped} title={t('batch.groupHint')} onClick={() => setGrouped(!grouped)}>
        <Group size={14} aria-hidden /> {t('batch.group')}
      </Button>
      <span className="ml-auto" />
      {filtered(filter) && (
        <Button weight="quiet" className="text-xs" aria-label={t('showAllRows')} title={t('showAllRows')} onClick={() => changeFilter(everything)}>
          <X size={14} aria-hidden />
        </Button>
      )}
      <SearchBox id="batch-search" aria-label={t('batch.search')} placeholder={`${t('field.name')}  ( / )`} className="w-36 2xl:w-64" search={filter.search} after={searchAfter} onSearch={searchFor} onKey={keyOfSearch} />
    </div>
  )
}
