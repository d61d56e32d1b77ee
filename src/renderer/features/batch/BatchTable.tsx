/** The results of a batch. Only the rows in sight are drawn, so that 20,000 scroll like ten. */
import { ArrowDown, ArrowRightLeft, ArrowUp, ChevronDown, ChevronRight } from 'lucide-react'
import { memo, useEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { dateAndTime, figure, t } from '../../language'
import type { PlainKey } from '../../language'
import { isGroup } from '../../state/batch-rows'
import type { BatchRow, Column, Group } from '../../state/batch-rows'
import { actOnSelection, idOf, moveSelection, openLine, select, sortBy, toggleGroup, useBatchTable } from '../../state/batch-table'
import { visibleRange } from '../../state/rows'
import { useLanguage } from '../../state/settings'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { useSight } from '../../ui/use-sight'
import { belowName } from '../../wording/about-file'
import { folderName } from '../../wording/amounts'
import { amount } from '../../wording/batch'

const rowHeight = 28
const headHeight = 30

const template = 'grid grid-cols-[8rem_minmax(9rem,2fr)_4rem_4.5rem_minmax(4rem,0.8fr)_minmax(4rem,0.8fr)_4.75rem_minmax(10rem,2.4fr)] items-center gap-x-3 px-4'

const columns: readonly { id: Column; right?: boolean; hint?: PlainKey }[] = [
  { id: 'verdict' },
  { id: 'name' },
  { id: 'score', right: true, hint: 'column.scoreHint' },
  { id: 'pValue', right: true, hint: 'column.pValueHint' },
  { id: 'before', hint: 'column.beforeHint' },
  { id: 'after', hint: 'column.afterHint' },
  { id: 'changed', hint: 'column.changedHint' },
  { id: 'at' },
]

function Head() {
  const { column, descending } = useBatchTable((state) => state.sorting)
  return (
    <div role="row" aria-rowindex={1} className={`${template} sticky top-0 z-10 border-b border-l-2 border-b-line border-l-transparent bg-panel text-xs text-ink-soft`} style={{ height: headHeight }}>
      {columns.map(({ id, right, hint }) => (
        <div key={id} role="columnheader" aria-sort={column === id ? (descending ? 'descending' : 'ascending') : 'none'} className={`min-w-0 ${right ? 'text-right' : ''}`}>
          <button type="button" tabIndex={-1} data-sort={id} title={hint && t(hint)} className={`inline-flex max-w-full items-center gap-1 hover:text-ink ${column === id ? 'text-ink' : ''}`} onClick={() => sortBy(id)}>
            <span className="truncate">{t(`column.${id}`)}</span>
            {column === id && (descending ? <ArrowDown size={12} className="shrink-0" aria-hidden /> : <ArrowUp size={12} className="shrink-0" aria-hidden />)}
          </button>
        </div>
      ))}
    </div>
  )
}

const remark = ({ error, warning, at, path }: BatchRow): string => (error ? belowName(error.message, path) : (warning ?? (at > 0 ? dateAndTime(at, 'short', 'medium') : '')))

const shortened = (value: number | null): string => (value === null ? '' : figure(value >= 0.001 || value === 0 ? Number(value.toPrecision(3)) : value.toExponential(1)))

interface PlaceProps {
  /** Among what is shown. */
  index: number
  selected: boolean
}

const look = (selected: boolean): string => `absolute inset-x-0 border-l-2 ${selected ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised/60'}`
const place = (index: number) => ({ top: headHeight + index * rowHeight, height: rowHeight })

const ResultRow = memo(function ResultRow({ row, index, selected }: PlaceProps & { row: BatchRow }) {
  useLanguage()
  const { line, path, name, status, score, pValue, before, after, changed, error, warning, frame, frames } = row
  const { text } = statusLook[status]
  return (
    <div role="row" id={`batch-row-${line}`} aria-rowindex={index + 2} aria-selected={selected} data-row={line} data-status={status} className={`${template} ${look(selected)}`} style={place(index)} onClick={() => select(line)} onDoubleClick={() => openLine(line)}>
      <div role="gridcell" className={`flex min-w-0 items-center gap-1.5 text-xs ${text}`}>
        <StatusIcon status={status} size={15} /> <span className="truncate">{statusWord(status)}</span>
      </div>
      <div role="gridcell" className="min-w-0 truncate" title={path}>
        <button type="button" tabIndex={-1} className="max-w-full truncate align-bottom hover:underline" onClick={() => openLine(line)}>
          {name}
        </button>
        {/* Names are often the same from folder to folder. */}
        <span className="pl-2 text-2xs text-ink-soft">{folderName(path)}</span>
        {frames !== undefined && (
          <span className="numbers pl-1.5 text-2xs text-ink-soft">
            {t('part', { part: frame ?? '', whole: frames })}
          </span>
        )}
      </div>
      <div role="gridcell" className="numbers text-right">{score === null ? '' : figure(score.toFixed(2))}</div>
      <div role="gridcell" className="numbers text-right">{shortened(pValue)}</div>
      <div role="gridcell" className="truncate" title={before}>{before}</div>
      <div role="gridcell" className="truncate" title={after}>{after}</div>
      <div role="gridcell" className="text-xs">
        {changed && (
          <span className="inline-flex items-center gap-1 text-suspicious">
            <ArrowRightLeft size={13} aria-hidden /> {t('batch.yes')}
          </span>
        )}
        {changed === false && <span className="text-ink-soft">{t('batch.no')}</span>}
      </div>
      <div role="gridcell" lang={error || warning ? 'en' : undefined} className={`numbers truncate text-xs ${error ? 'text-danger' : warning ? 'text-suspicious' : 'text-ink-soft'}`} title={error ? `${error.message} (${error.code})` : warning}>
        {remark(row)}
      </div>
    </div>
  )
})

const GroupRow = memo(function GroupRow({ item: { group, count, collapsed }, index, selected }: PlaceProps & { item: Group }) {
  useLanguage()
  const Chevron = collapsed ? ChevronRight : ChevronDown
  return (
    <div role="row" id={`batch-row-${group}`} aria-rowindex={index + 2} aria-selected={selected} data-group={group} className={`${look(selected)} bg-panel`} style={place(index)} onClick={() => (select(group), toggleGroup(group))}>
      <div role="gridcell" aria-expanded={!collapsed} className="flex h-full items-center gap-1.5 px-3 font-semibold">
        <Chevron size={15} aria-hidden /> <StatusIcon status={group} size={15} /> {statusWord(group)} <span className="numbers font-normal text-ink-soft">{amount(count)}</span>
      </div>
    </div>
  )
})

/** Not drawn anew for each step of the progress. */
export const BatchTable = memo(function BatchTable({ running }: { running: boolean }) {
  useLanguage()
  const items = useBatchTable((state) => state.items)
  const selected = useBatchTable((state) => state.selected)
  const loaded = useBatchTable((state) => state.loaded)
  const none = useBatchTable((state) => state.rows.length === 0)
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const { top, height } = useSight(box)
  const { start, end } = visibleRange(top, height, rowHeight, items.length)
  const selectedAt = selected === null ? -1 : items.findIndex((item) => idOf(item) === selected)
  const scrolledTo = useRef(-1)

  useEffect(() => {
    if (!box || selectedAt < 0 || scrolledTo.current === selectedAt) return
    scrolledTo.current = selectedAt
    const [from, to] = [selectedAt * rowHeight, headHeight + (selectedAt + 1) * rowHeight]
    if (from < box.scrollTop) box.scrollTop = from
    else if (to > box.scrollTop + box.clientHeight) box.scrollTop = to - box.clientHeight
  }, [box, selectedAt])

  const keyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(height / rowHeight) - 2)
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }
    const by = moves[event.key]
    if (by !== undefined) moveSelection(by)
    else if (event.key === 'Enter' || event.key === ' ') actOnSelection()
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={setBox}
      id="batch-table"
      role="grid"
      tabIndex={0}
      aria-label={t('batch.results')}
      aria-rowcount={items.length + 1}
      aria-activedescendant={selectedAt >= start && selectedAt < end ? `batch-row-${selected}` : undefined}
      className="relative min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
      onKeyDown={keyDown}
    >
      <div role="presentation" className="relative min-w-[52rem]" style={{ height: headHeight + items.length * rowHeight }}>
        <Head />
        {items.slice(start, end).map((item, i) => {
          const at = { index: start + i, selected: start + i === selectedAt }
          return isGroup(item) ? <GroupRow key={item.group} item={item} {...at} /> : <ResultRow key={item.line} row={item} {...at} />
        })}
      </div>
      {items.length === 0 && (
        <p role="status" className="absolute inset-x-0 top-16 text-center text-ink-soft">
          {!none ? t('screen.noneOfThese') : running ? t('screen.resultsAppear') : loaded ? t('batch.noResults') : t('results.reading')}
        </p>
      )}
    </div>
  )
})
