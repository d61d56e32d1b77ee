/** What the History page looks for, its exports, and the check of the chain. */
import { plural, t } from '../../language'
import { Download, LoaderCircle, ShieldCheck, X } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { changeHistoryFilter, exportHistory, isFiltered, useHistory, verifyHistory } from '../../state/history'
import { filters } from '../../state/rows'
import { Button } from '../../ui/Button'
import { SearchBox } from '../../ui/SearchBox'
import { floating, menuItem } from '../../ui/floating'

/** Milliseconds after the last key until the records are searched. */
const searchAfter = 250

const searchFor = (text: string): void => changeHistoryFilter({ text })

const control = 'h-7 min-w-0 rounded-md border border-line bg-ground px-1.5 text-xs hover:border-line-strong focus-visible:border-accent'

export function HistoryBar() {
  const { filter, bundles, total, matched, checking, exporting } = useHistory()
  const wide = isFiltered(filter)
  return (
    <div className="flex min-h-12 shrink-0 flex-wrap items-center gap-2 border-b py-2 border-line px-4" role="toolbar" aria-label={t('page.history')}>
      <SearchBox
        aria-label={t('history.search')}
        placeholder={t('history.searchPlaceholder')}
        title={t('history.searchHint')}
        className="w-64 2xl:w-96"
        search={filter.text}
        after={searchAfter}
        onSearch={searchFor}
      />
      <label className="flex items-center gap-1 text-xs text-ink-soft">
        {t('history.from')}
        <input type="date" className={control} value={filter.from ?? ''} max={filter.to} onChange={({ target }) => changeHistoryFilter({ from: target.value })} />
      </label>
      <label className="flex items-center gap-1 text-xs text-ink-soft">
        {t('history.to')}
        <input type="date" className={control} value={filter.to ?? ''} min={filter.from} onChange={({ target }) => changeHistoryFilter({ to: target.value })} />
      </label>
      <select aria-label={t('screen.bundle')} className={`${control} max-w-40`} value={filter.bundle ?? ''} onChange={({ target }) => changeHistoryFilter({ bundle: target.value })}>
        <option value="" className="bg-raised">
          {t('history.anyBundle')}
        </option>
        {bundles.map((bundle) => (
          <option key={bundle} value={bundle} className="bg-raised">
            {bundle}
          </option>
        ))}
      </select>
      <select aria-label={t('column.verdict')} className={control} value={filter.status ?? ''} onChange={({ target }) => changeHistoryFilter({ status: (target.value || undefined) as typeof filter.status })}>
        {filters.map((id) => (
          <option key={id} value={id === 'all' ? '' : id} className="bg-raised">
            {id === 'all' ? t('history.anyVerdict') : t(`filter.${id}`)}
          </option>
        ))}
      </select>
      {wide && (
        <Button weight="quiet" aria-label={t('history.showAll')} title={t('history.showAll')} onClick={() => changeHistoryFilter({ text: '', from: '', to: '', bundle: '', status: undefined })}>
          <X size={14} aria-hidden />
        </Button>
      )}
      <span className="numbers ml-auto truncate text-xs text-ink-soft" role="status" data-matched={matched}>
        {total === null ? '' : wide ? t('part', { part: matched, whole: total }) : plural('history.records', total)}
      </span>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button disabled={exporting || matched === 0}>
            <Download size={14} aria-hidden /> {t('export')}
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={6} className={`${floating} w-64 p-1`}>
            <DropdownMenu.Label className="px-3 py-1 text-xs text-ink-soft">{wide ? t('history.exportShown') : t('history.exportAll')}</DropdownMenu.Label>
            {(['csv', 'json'] as const).map((format) => (
              <DropdownMenu.Item key={format} className={menuItem} onSelect={() => void exportHistory(format)}>
                {format.toUpperCase()}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Button weight="primary" disabled={checking} onClick={() => void verifyHistory()}>
        {checking ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : <ShieldCheck size={14} aria-hidden />} {t('history.verify')}
      </Button>
    </div>
  )
}
