/** The screened files in order of arrival. Only the rows in sight are drawn, so thousands scroll like ten. */
import { t } from '../../language'
import { useEffect, useRef, useState } from 'react'
import { useOpening } from '../../state/opening'
import { countRows, filterRows, filters, visibleRange } from '../../state/rows'
import type { Row } from '../../state/rows'
import { select, setFilter, useScreening } from '../../state/screening'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { useSight } from '../../ui/use-sight'
import { belowName } from '../../wording/about-file'
import { inWords, pValueInWords } from '../../wording/probability'

const rowHeight = 52

function Filters({ rows }: { rows: readonly Row[] }) {
  const filter = useScreening((state) => state.filter)
  const counts = countRows(rows)
  return (
    <div role="group" aria-label={t('screen.show')} className="flex gap-0.5 rounded-md bg-ground p-0.5">
      {filters.map((id) => (
        <button
          key={id}
          type="button"
          aria-pressed={filter === id}
          className={`flex-auto rounded px-1.5 py-1 text-xs ${filter === id ? 'bg-raised text-ink' : 'text-ink-soft hover:text-ink'}`}
          onClick={() => setFilter(id)}
        >
          {t(`filter.${id}`)} <span className="numbers block">{counts[id]}</span>
        </button>
      ))}
    </div>
  )
}

const secondLine = ({ result }: Row): string => {
  if (result.error) return belowName(result.error.message, result.path)
  if (result.warning) return t('screen.otherKind')
  if (result.unfamiliar) return t('screen.unfamiliar')
  return result.pValue === null ? '' : t('screen.like', { share: inWords(result.pValue) })
}

/** Which of several pictures of the file was screened; without a noun, since slice, frame or page is known once the file is open. */
const screenedFrame = ({ result: { frame, frames } }: Row): string => (frame !== undefined && frames !== undefined ? t('part', { part: frame, whole: frames }) : '')

const inFull = ({ result }: Row): string => result.error?.message ?? result.warning ?? (result.unfamiliar ? t('verdict.unfamiliar') : undefined) ?? (result.pValue === null ? '' : pValueInWords(result.pValue))

function ResultRow({ row, index, count, selected, open }: { row: Row; index: number; count: number; selected: boolean; open: boolean }) {
  const look = statusLook[row.result.status]
  const frame = screenedFrame(row)
  return (
    <div
      id={`row-${row.id}`}
      role="option"
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={count}
      data-status={row.result.status}
      title={`${row.result.path}\n${inFull(row)}`}
      className={`absolute inset-x-0 flex items-center gap-2.5 border-l-2 px-2.5 ${open ? 'border-accent bg-accent-deep' : selected ? 'border-line-strong bg-raised' : 'border-transparent hover:bg-raised/60'}`}
      style={{ top: index * rowHeight, height: rowHeight }}
      onClick={() => select(row.id, true)}
    >
      <StatusIcon status={row.result.status} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate">{row.name}</span>
          {frame && <span className="numbers shrink-0 text-2xs text-ink-soft">{frame}</span>}
        </div>
        <div className="numbers truncate text-xs text-ink-soft">
          <span className={look.text}>{statusWord(row.result.status)}</span> · {secondLine(row)}
        </div>
      </div>
    </div>
  )
}

export function ResultList() {
  const rows = useScreening((state) => state.rows)
  const filter = useScreening((state) => state.filter)
  const selectedId = useScreening((state) => state.selectedId)
  const openId = useOpening((state) => (state.place === 'screen' ? state.row?.id : undefined))
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const { top, height } = useSight(box)
  const shown = filterRows(rows, filter)
  const { start, end } = visibleRange(top, height, rowHeight, shown.length)
  const selectedAt = shown.findIndex((row) => row.id === selectedId)
  const scrolledTo = useRef(-1)

  useEffect(() => {
    if (!box || selectedAt < 0 || scrolledTo.current === selectedAt) return
    scrolledTo.current = selectedAt
    const [from, to] = [selectedAt * rowHeight, (selectedAt + 1) * rowHeight]
    if (from < box.scrollTop) box.scrollTop = from
    else if (to > box.scrollTop + box.clientHeight) box.scrollTop = to - box.clientHeight
  }, [box, selectedAt])

  return (
    <>
      <Filters rows={rows} />
      <div
        ref={setBox}
        role="listbox"
        tabIndex={0}
        aria-label={t('screen.screened')}
        aria-activedescendant={selectedAt >= start && selectedAt < end ? `row-${selectedId}` : undefined}
        className="relative -mx-2.5 min-h-0 focus-visible:-outline-offset-2 flex-1 overflow-y-auto border-t border-line"
      >
        <div style={{ height: shown.length * rowHeight }} role="presentation">
          {shown.slice(start, end).map((row, i) => (
            <ResultRow key={row.id} row={row} index={start + i} count={shown.length} selected={row.id === selectedId} open={row.id === openId} />
          ))}
        </div>
        {shown.length === 0 && <p className="p-4 text-center text-ink-soft">{rows.length === 0 ? t('screen.resultsAppear') : t('screen.noneOfThese')}</p>}
      </div>
    </>
  )
}
