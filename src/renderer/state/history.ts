/** The History page: the records that a filter leaves, read in pieces as they come into sight, and whether the chain holds. */
import { create } from 'zustand'
import type { HistoryCheck, HistoryFilter, HistoryRow } from '../../shared/history'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { t } from '../language'
import { platform } from '../platform'
import { announce } from './announcements'
import { saveArtifact } from './artifacts'
import { complain } from './toasts'

export const noFilter: HistoryFilter = { text: '' }

interface HistoryState {
  /** Null until the record was looked into. */
  total: number | null
  matched: number
  /** By place among what the filter leaves; those that were not in sight yet are absent. */
  rows: ReadonlyMap<number, HistoryRow>
  bundles: readonly string[]
  file: string
  filter: HistoryFilter
  /** Place of the selected record. */
  selected: number | null
  error: SerializedError | null
  check: HistoryCheck | null
  checking: boolean
  checkError: SerializedError | null
  exporting: boolean
}

export const useHistory = create<HistoryState>()(() => ({
  total: null, matched: 0, rows: new Map(), bundles: [], file: '', filter: noFilter, selected: null, error: null, check: null, checking: false, checkError: null, exporting: false,
}))

/** Midnight here. Days that the field takes and no record can have go on as they are, so that the engine refuses them. */
function midnight(day: string, after: number): Date | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null
  const date = new Date(`${day}T00:00`)
  date.setDate(date.getDate() + after)
  return date
}

/** The days of a filter mean days here, as the table shows times; the records have UTC. */
function inLocalDays({ from, to, ...filter }: HistoryFilter): HistoryFilter {
  const begin = from === undefined ? null : midnight(from, 0)
  const end = to === undefined ? null : midnight(to, 1)
  return {
    ...filter,
    ...(from !== undefined && { from: begin?.toISOString() ?? from }),
    ...(to !== undefined && { to: end ? new Date(end.getTime() - 1).toISOString() : to }),
  }
}

/** Records read at once. */
export const piece = 200
let asking = 0
const asked = new Set<number>()

async function read(number: number): Promise<void> {
  if (asked.has(number)) return
  asked.add(number)
  const mine = asking
  try {
    const page = await platform.call('history.list', { ...inLocalDays(useHistory.getState().filter), offset: number * piece, limit: piece })
    if (mine !== asking) return
    const { rows: known, total, matched, selected } = useHistory.getState()
    if (known.size > 0 && total !== page.total) {
      // Something was screened meanwhile: its records come first, and every place that was read before is another one by now.
      asking++
      const again = [...asked]
      asked.clear()
      useHistory.setState({ rows: new Map(), total: page.total, matched: page.matched, selected: selected === null ? null : selected + page.matched - matched })
      await Promise.all(again.map(read))
      return
    }
    const rows = new Map(known)
    page.rows.forEach((row, i) => rows.set(number * piece + i, row))
    useHistory.setState({ total: page.total, matched: page.matched, bundles: page.bundles, file: page.file, rows, error: null })
  } catch (error) {
    asked.delete(number)
    if (mine === asking) useHistory.setState({ error: serializeError(error) })
  }
}

/** Sees to it that the records from `start` to `end` are there. */
export function needRows(start: number, end: number): void {
  for (let number = Math.floor(start / piece); number * piece < Math.max(end, 1); number++) void read(number)
}

/** Looks anew: new records come first, so that every place has changed. */
export async function refreshHistory(): Promise<void> {
  asking++
  asked.clear()
  useHistory.setState({ rows: new Map(), selected: null })
  await read(0)
}

export function changeHistoryFilter(change: Partial<HistoryFilter>): void {
  const filter = { ...useHistory.getState().filter, ...change }
  useHistory.setState({ filter: Object.fromEntries(Object.entries(filter).filter(([name, value]) => name === 'text' || (value !== undefined && value !== ''))) as HistoryFilter })
  void refreshHistory()
}

export const isFiltered = (filter: HistoryFilter): boolean => filter.text.trim() !== '' || Object.keys(filter).length > 1

export function moveHistorySelection(by: number): void {
  const { matched, selected } = useHistory.getState()
  if (matched === 0) return
  const from = selected ?? (by > 0 ? -1 : matched)
  useHistory.setState({ selected: Math.min(matched - 1, Math.max(0, from + by)) })
}

export async function verifyHistory(): Promise<void> {
  if (useHistory.getState().checking) return
  useHistory.setState({ checking: true, checkError: null })
  try {
    const check = await platform.call('history.verify', {})
    useHistory.setState({ check })
    announce(check.intact ? t('history.spoken.unchanged') : t('history.spoken.changed'))
  } catch (error) {
    useHistory.setState({ checkError: serializeError(error) })
  } finally {
    useHistory.setState({ checking: false })
  }
}

export const dismissCheck = (): void => useHistory.setState({ check: null, checkError: null })

export async function exportHistory(format: 'csv' | 'json'): Promise<void> {
  if (useHistory.getState().exporting) return
  useHistory.setState({ exporting: true })
  try {
    await saveArtifact(await platform.call('history.export', { ...inLocalDays(useHistory.getState().filter), format }))
  } catch (error) {
    complain(error)
  } finally {
    useHistory.setState({ exporting: false })
  }
}
