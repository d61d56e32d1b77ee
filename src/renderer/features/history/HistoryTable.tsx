/** The records, newest first. Those in sight are drawn, and read when they come into sight. */
import { MessageSquareWarning } from 'lucide-react'
import { memo, useEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import type { HistoryRow } from '../../../shared/history'
import { dateAndTime, figure, t } from '../../language'
import { openResult } from '../../state/batches'
import { moveHistorySelection, needRows, useHistory } from '../../state/history'
import { visibleRange } from '../../state/rows'
import { useLanguage } from '../../state/settings'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { useSight } from '../../ui/use-sight'
import { fileName } from '../../wording/amounts'

const rowHeight = 28
const headHeight = 30
const template = 'grid grid-cols-[9.5rem_8rem_minmax(9rem,2.5fr)_minmax(6rem,1.2fr)_4.5rem_3rem_minmax(8rem,2fr)] items-center gap-x-3 px-4'

/** The file's name where it is known, else the beginning of its hash. */
export const fileOf = ({ path, sha256, file }: HistoryRow): string => (path !== null ? fileName(path) : sha256 ? `SHA-256 ${sha256.slice(0, 16)}…` : t('history.mark', { mark: file.mark.slice(0, 16) }))

export const answersOf = ({ before, after, error }: HistoryRow): string => error ?? (before === after ? (before ?? '') : `${before ?? '?'} → ${after ?? '?'}`)

/** Why the verdict is not to be relied on, each with the language that it is told in. Records of older versions do not know. */
export const doubtsIn = ({ warning, unfamiliar }: HistoryRow): { text: string; lang?: 'en' }[] => [
  ...(warning ? [{ text: warning, lang: 'en' as const }] : []),
  ...(unfamiliar ? [{ text: t('verdict.unfamiliar') }] : []),
]

export const Row = memo(function Row({ row, index, selected }: { row: HistoryRow | undefined; index: number; selected: boolean }) {
  useLanguage()
  const place = { top: headHeight + index * rowHeight, height: rowHeight }
  const look = `${template} absolute inset-x-0 border-l-2 ${selected ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised/60'}`
  if (!row)
    return (
      <div role="row" aria-rowindex={index + 2} className={look} style={place}>
        <div role="gridcell" className="text-xs text-ink-soft">…</div>
      </div>
    )
  const { text } = statusLook[row.status]
  const { seq, status, time, path, bundle, pValue, alpha, error } = row
  const doubts = doubtsIn(row).map((doubt) => doubt.text).join(' ')
  return (
    <div role="row" id={`record-${index}`} data-record={seq} aria-rowindex={index + 2} aria-selected={selected} className={look} style={place} onClick={() => useHistory.setState({ selected: index })} onDoubleClick={() => row.opens && void openResult(row.job, row.line)}>
      <div role="gridcell" className="numbers truncate text-xs" title={time}>{dateAndTime(Date.parse(time))}</div>
      <div role="gridcell" className={`flex min-w-0 items-center gap-1.5 text-xs ${text}`}>
        <StatusIcon status={status} size={15} /> <span className="truncate">{statusWord(status)}</span>
        {doubts && (
          <span data-doubts title={doubts} className="ml-auto shrink-0 text-suspicious">
            <MessageSquareWarning size={14} aria-hidden />
            <span className="sr-only">{doubts}</span>
          </span>
        )}
      </div>
      <div role="gridcell" className={`truncate ${path === null ? 'numbers text-xs text-ink-soft' : ''}`} title={path ?? undefined}>{fileOf(row)}</div>
      <div role="gridcell" className="truncate" title={bundle.id}>{bundle.id}</div>
      <div role="gridcell" className="numbers text-right">{pValue === null ? '' : figure(Number(pValue.toPrecision(3)))}</div>
      <div role="gridcell" className="numbers text-right text-ink-soft">{figure(alpha)}</div>
      <div role="gridcell" className={`truncate ${error ? 'text-xs text-danger' : ''}`} title={answersOf(row)}>{answersOf(row)}</div>
    </div>
  )
})

/** Null stands for α. */
const heads = ['history.head.time', 'column.verdict', 'column.name', 'screen.bundle', 'column.pValue', null, 'history.head.answer'] as const

export function HistoryTable() {
  const { matched, rows, selected, total } = useHistory()
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const { top, height } = useSight(box)
  const { start, end } = visibleRange(top, height, rowHeight, matched)
  const scrolledTo = useRef<number | null>(null)
  useEffect(() => {
    if (total !== null) needRows(start, end)
  }, [start, end, total])

  useEffect(() => {
    if (!box || selected === null || scrolledTo.current === selected) return
    scrolledTo.current = selected
    const [from, to] = [selected * rowHeight, headHeight + (selected + 1) * rowHeight]
    if (from < box.scrollTop) box.scrollTop = from
    else if (to > box.scrollTop + box.clientHeight) box.scrollTop = to - box.clientHeight
  }, [box, selected])

  const keyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(height / rowHeight) - 2)
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }
    const by = moves[event.key]
    const row = selected === null ? undefined : rows.get(selected)
    if (by !== undefined) moveHistorySelection(by)
    else if (event.key === 'Enter' && row?.opens) void openResult(row.job, row.line)
    else return
    event.preventDefault()
  }

  return (
    <div ref={setBox} role="grid" tabIndex={0} aria-label={t('history.list')} aria-rowcount={matched + 1} aria-activedescendant={selected !== null && selected >= start && selected < end ? `record-${selected}` : undefined} className="relative min-h-0 min-w-0 flex-1 overflow-auto focus-visible:-outline-offset-2" onKeyDown={keyDown}>
      <div role="presentation" className="relative min-w-[48rem]" style={{ height: headHeight + matched * rowHeight }}>
        <div role="row" aria-rowindex={1} className={`${template} sticky top-0 z-10 border-b border-l-2 border-b-line border-l-transparent bg-panel text-xs text-ink-soft`} style={{ height: headHeight }}>
          {heads.map((head, i) => (
            <div key={head} role="columnheader" className={`truncate ${i === 4 || i === 5 ? 'text-right' : ''}`}>
              {head === null ? 'α' : t(head)}
            </div>
          ))}
        </div>
        {Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i).map((index) => (
          <Row key={index} row={rows.get(index)} index={index} selected={index === selected} />
        ))}
      </div>
      {matched === 0 && total !== null && (
        <p role="status" className="absolute inset-x-0 top-16 text-center text-ink-soft">
          {total === 0 ? t('history.noRecords') : t('history.noneFits')}
        </p>
      )}
    </div>
  )
}
