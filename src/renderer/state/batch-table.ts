/** The table of one batch: its rows as they are read, how they are sorted and filtered, what is selected and opened. */
import { create } from 'zustand'
import type { BatchStatus } from '../../shared/batch'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { platform } from '../platform'
import { saveArtifact } from './artifacts'
import { comparing, countBatch, everything, filterBatch, filterInWords, groupRows, isGroup, isRow, mergeRows, rowsOf } from './batch-rows'
import type { BatchCounts, BatchFilter, BatchRow, Column, Item, Sorting } from './batch-rows'
import { openRow, useOpening } from './opening'
import { complain } from './toasts'

interface BatchTableState {
  jobId: string | null
  /** All rows, in the order of the sorting. */
  rows: readonly BatchRow[]
  /** What the table shows: filtered, with headings where it is grouped. */
  items: readonly Item[]
  counts: BatchCounts
  /** Classes that occur among the answers. */
  answers: readonly string[]
  sorting: Sorting
  filter: BatchFilter
  grouped: boolean
  collapsed: ReadonlySet<BatchStatus>
  /** Line of the selected row, or the heading that is selected. */
  selected: number | BatchStatus | null
  /** The selected row is open in the viewer, in place of the table. */
  viewing: boolean
  /** All results that there are have been read once. */
  loaded: boolean
  readError: SerializedError | null
  exporting: boolean
}

const inOrder: Sorting = { column: 'verdict', descending: false }
const empty = { rows: [], items: [], counts: countBatch([]), answers: [], filter: everything, collapsed: new Set<BatchStatus>(), selected: null, viewing: false, loaded: false, readError: null }

export const useBatchTable = create<BatchTableState>()(() => ({ ...empty, jobId: null, sorting: inOrder, grouped: false, exporting: false }))

/** Line to read from next, and which reading is the current one. */
let next = 0
let reading = 0
let busy = false
let again = false

function shown(state: Pick<BatchTableState, 'rows' | 'filter' | 'grouped' | 'collapsed'>): readonly Item[] {
  const filtered = filterBatch(state.rows, state.filter)
  return state.grouped ? groupRows(filtered, state.collapsed) : filtered
}

/** Changes how the rows are shown, and what is shown with it. */
function put(change: Partial<BatchTableState>): void {
  useBatchTable.setState((state) => ({ ...change, items: shown({ ...state, ...change }) }))
}

/** Shows the results of another batch; those of the same one stay. */
export function showBatch(jobId: string | null): void {
  if (useBatchTable.getState().jobId === jobId) return
  reading++
  next = 0
  busy = false
  useBatchTable.setState({ ...empty, jobId })
  if (jobId !== null) void readRows()
}

/** The batch goes on as another job, into the same folder: what was read stays as it is. */
export function continueAs(jobId: string): void {
  if (useBatchTable.getState().jobId === null) return showBatch(jobId)
  useBatchTable.setState({ jobId })
  void readRows()
}

const nextFrame = (): Promise<void> => new Promise((done) => setTimeout(done, 0))

/** Reads what is new, page by page, with room for a frame between two. */
export async function readRows(): Promise<void> {
  if (busy) {
    again = true
    return
  }
  const mine = reading
  busy = true
  try {
    do {
      again = false
      for (let more = true; more; ) {
        const { jobId } = useBatchTable.getState()
        if (jobId === null) return
        const page = await platform.call('batch.rows', { jobId, from: next })
        if (mine !== reading) return
        next = page.next
        more = page.more
        const { rows, replaced } = rowsOf(page)
        if (rows.length > 0) take(rows, replaced)
        if (more) await nextFrame()
        if (mine !== reading) return
      }
    } while (again)
    useBatchTable.setState({ loaded: true, readError: null })
  } catch (error) {
    if (mine === reading) useBatchTable.setState({ readError: serializeError(error) })
  } finally {
    if (mine === reading) busy = false
  }
}

function take(added: readonly BatchRow[], replaced: ReadonlySet<number>): void {
  const state = useBatchTable.getState()
  const rows = mergeRows(state.rows, added, replaced, comparing(state.sorting))
  const answers = [...new Set([...state.answers, ...added.flatMap(({ before, after }) => [before, after])])].filter(Boolean).sort()
  put({ rows, counts: countBatch(rows), answers: answers.length === state.answers.length ? state.answers : answers })
}

/** A second touch of a column turns it around. */
export function sortBy(column: Column): void {
  const { sorting, rows } = useBatchTable.getState()
  const changed = { column, descending: sorting.column === column && !sorting.descending }
  put({ sorting: changed, rows: [...rows].sort(comparing(changed)) })
}

export const changeFilter = (change: Partial<BatchFilter>): void => put({ filter: { ...useBatchTable.getState().filter, ...change } })
export const setGrouped = (grouped: boolean): void => put({ grouped })

export function toggleGroup(group: BatchStatus): void {
  const collapsed = new Set(useBatchTable.getState().collapsed)
  if (!collapsed.delete(group)) collapsed.add(group)
  put({ collapsed })
}

export const idOf = (item: Item): number | BatchStatus => (isGroup(item) ? item.group : item.line)

export const select = (selected: number | BatchStatus | null): void => useBatchTable.setState({ selected })

/** Moves the selection, held at both ends. With nothing selected, down begins at the first and up at the last. */
export function moveSelection(by: number): void {
  const { items, selected } = useBatchTable.getState()
  const found = items.findIndex((item) => idOf(item) === selected)
  const from = found >= 0 ? found : by > 0 ? -1 : items.length
  const item = items[Math.min(items.length - 1, Math.max(0, from + by))]
  if (item) select(idOf(item))
}

function open(row: BatchRow): void {
  const { jobId } = useBatchTable.getState()
  if (jobId === null) return
  const { line, path, name, status, error, frame } = row
  useBatchTable.setState({ selected: line, viewing: true })
  void openRow({ id: `${jobId}:${line}`, jobId, name, result: { path, status, ...(error && { error }), ...(frame !== undefined && { frame }) } }, 'batch')
}

export function openLine(line: number): boolean {
  const row = useBatchTable.getState().rows.find((each) => each.line === line)
  if (row) open(row)
  return row !== undefined
}

/** Enter: opens a row, folds a heading. */
export function actOnSelection(): void {
  const { selected } = useBatchTable.getState()
  if (typeof selected === 'number') openLine(selected)
  else if (selected !== null) toggleGroup(selected)
}

export const closeViewed = (): void => useBatchTable.setState({ viewing: false })

/** Next or previous in the order of the table, as it is filtered. */
export function stepViewed(by: number): void {
  const { items, selected } = useBatchTable.getState()
  const rows = items.filter(isRow)
  const found = rows.findIndex(({ line }) => line === selected)
  const row = rows[Math.min(rows.length - 1, Math.max(0, found + by))]
  if (row && row.line !== selected) open(row)
}

/** The viewer comes back to this page from another. */
export function returnToBatch(): void {
  const { viewing, selected } = useBatchTable.getState()
  if (viewing && typeof selected === 'number' && useOpening.getState().place !== 'batch') openLine(selected)
}

/** Saves what is shown, in the order in which it is shown; rows of folded groups too. */
export async function exportShown(format: 'csv' | 'json' | 'pdf'): Promise<void> {
  const { jobId, exporting, rows, filter, grouped } = useBatchTable.getState()
  if (jobId === null || exporting) return
  useBatchTable.setState({ exporting: true })
  try {
    const all = filterBatch(rows, filter)
    const ordered = grouped ? groupRows(all, new Set()).filter(isRow) : all
    await saveArtifact(await platform.call('batch.export', { jobId, format, lines: ordered.map(({ line }) => line), filter: filterInWords(filter) }))
  } catch (error) {
    complain(error)
  } finally {
    useBatchTable.setState({ exporting: false })
  }
}
