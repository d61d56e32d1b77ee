/** The elements as a tree of rows, of which only those in sight are drawn. Arrows move, fold and unfold. */
import { ChevronDown, ChevronRight, Lock } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { plural, t } from '../../language'
import { visibleRange } from '../../state/rows'
import { useSight } from '../../ui/use-sight'
import type { TagRow } from './tag-rows'

const rowHeight = 26
const columns = 'grid grid-cols-[minmax(12rem,15rem)_2.25rem_minmax(10rem,22rem)_minmax(0,1fr)] gap-x-3'
/** Deeper nesting is not indented further. */
const deepest = 8

interface TagTableProps {
  rows: readonly TagRow[]
  /** Place of the active row among `rows`. */
  active: number
  onActive: (at: number) => void
  onFold: (row: TagRow, folded: boolean) => void
  onCopy: (row: TagRow) => void
}

function Cells({ row }: { row: TagRow }) {
  const { tag, vr, name, value, depth, hidden } = row.tag
  const Chevron = row.folded ? ChevronRight : ChevronDown
  return (
    <>
      <span role="gridcell" className="numbers flex min-w-0 items-center gap-1 whitespace-nowrap" style={{ paddingLeft: Math.min(depth, deepest) * 12 }}>
        {row.below > 0 ? <Chevron size={13} className="shrink-0 text-ink-soft" aria-hidden /> : <span className="w-[13px] shrink-0" />}
        {tag}
      </span>
      <span role="gridcell" className="text-ink-soft">
        {vr}
      </span>
      <span role="gridcell" className="flex min-w-0 items-center gap-2">
        <span className="truncate">{name || '–'}</span>
        {row.tag.private && <span className="shrink-0 rounded bg-raised px-1 text-2xs text-ink-soft">{t('tags.private')}</span>}
      </span>
      <span role="gridcell" className="min-w-0 truncate">
        {hidden ? (
          <span className="inline-flex items-center gap-1 text-ink-soft italic">
            <Lock size={11} aria-hidden /> {t('tags.hiddenValue')}
          </span>
        ) : row.below > 0 && !value ? (
          <span className="text-ink-soft">{plural('tags.elements', row.below)}</span>
        ) : (
          value
        )}
      </span>
    </>
  )
}

export function TagTable({ rows, active, onActive, onFold, onCopy }: TagTableProps) {
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const { top, height } = useSight(box)
  const { start, end } = visibleRange(top, height, rowHeight, rows.length)
  const scrolledTo = useRef(-1)

  useEffect(() => {
    if (!box || scrolledTo.current === active) return
    scrolledTo.current = active
    const [from, to] = [active * rowHeight, (active + 1) * rowHeight]
    if (from < box.scrollTop) box.scrollTop = from
    else if (to > box.scrollTop + box.clientHeight) box.scrollTop = to - box.clientHeight
  }, [box, active])

  const go = (at: number): void => onActive(Math.min(rows.length - 1, Math.max(0, at)))
  const parentOf = (at: number): number => {
    const { depth } = rows[at]!.tag
    let i = at - 1
    while (i >= 0 && rows[i]!.tag.depth >= depth) i--
    return Math.max(i, 0)
  }
  const keys = (event: KeyboardEvent): void => {
    const row = rows[active]
    if (!row) return
    const page = Math.max(1, Math.floor((box?.clientHeight ?? 0) / rowHeight) - 1)
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(active + 1),
      ArrowUp: () => go(active - 1),
      PageDown: () => go(active + page),
      PageUp: () => go(active - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row.folded ? onFold(row, false) : go(active + 1)),
      ArrowLeft: () => (row.below > 0 && !row.folded ? onFold(row, true) : go(parentOf(active))),
      Enter: () => row.below > 0 && onFold(row, !row.folded),
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c' && !getSelection()?.toString()) onCopy(row)
    else if (moves[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) moves[event.key]!()
    else return
    event.preventDefault()
  }

  return (
    <div role="treegrid" aria-label={t('tags.list')} aria-rowcount={rows.length} aria-readonly className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-ground">
      <div role="row" className={`${columns} border-b border-line px-3 py-1 text-2xs text-ink-soft`}>
        {(['tag', 'vr', 'name', 'value'] as const).map((column) => (
          <span key={column} role="columnheader">
            {t(`tags.column.${column}`)}
          </span>
        ))}
      </div>
      <div
        ref={setBox}
        role="rowgroup"
        tabIndex={0}
        aria-label={t('tags.listHint')}
        aria-activedescendant={active >= start && active < end ? `tag-${rows[active]?.index}` : undefined}
        data-tags
        className="relative min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
        onKeyDown={keys}
      >
        <div role="presentation" style={{ height: rows.length * rowHeight }}>
          {rows.slice(start, end).map((row, i) => (
            <div
              key={row.index}
              id={`tag-${row.index}`}
              role="row"
              aria-rowindex={start + i + 1}
              aria-level={row.tag.depth + 1}
              aria-selected={start + i === active}
              aria-expanded={row.below > 0 ? !row.folded : undefined}
              className={`${columns} absolute inset-x-0 items-center px-3 ${start + i === active ? 'bg-accent-deep' : 'hover:bg-raised/60'} ${row.found ? '' : 'text-ink-soft'}`}
              style={{ top: (start + i) * rowHeight, height: rowHeight }}
              onClick={() => {
                if (row.below > 0 && (start + i === active || row.folded)) onFold(row, !row.folded)
                onActive(start + i)
              }}
            >
              <Cells row={row} />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
