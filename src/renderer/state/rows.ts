/** The list of screened files as data: pure functions over rows in order of arrival. */
import type { Job, Sample, ScanResult } from '../../shared/types'
import { fileName } from '../wording/amounts'

/** What can be opened in the viewer, from whichever list. */
export interface Openable {
  id: string
  jobId: string
  name: string
  result: Pick<ScanResult, 'path' | 'status' | 'error' | 'frame'>
}

export interface Row extends Openable {
  result: ScanResult
}

/** The row that the pictures on the screen belong to; null while they are still those of the file before. */
export const rowOfView = (row: Openable | null, view: { resultId: string } | undefined): Openable | null => (view && view.resultId !== row?.id ? null : row)

export type Filter = 'all' | ScanResult['status']
export const filters: readonly Filter[] = ['all', 'suspicious', 'clean', 'error']

/** Adds rows that are not there yet; a result that came twice (event and reload) keeps its first place. */
export function addRows(rows: readonly Row[], added: readonly Row[]): Row[] {
  const known = new Set(rows.map((row) => row.id))
  const fresh = added.filter((row) => !known.has(row.id) && known.add(row.id))
  return fresh.length === 0 ? (rows as Row[]) : [...rows, ...fresh]
}

export const filterRows = (rows: readonly Row[], filter: Filter): readonly Row[] =>
  filter === 'all' ? rows : rows.filter((row) => row.result.status === filter)

export function countRows(rows: readonly Row[]): Record<Filter, number> {
  const counts = { all: rows.length, suspicious: 0, clean: 0, error: 0 }
  for (const row of rows) counts[row.result.status]++
  return counts
}

/** A sample goes by its title, everything else by its file name. */
export const rowName = (path: string, samples: readonly Sample[]): string =>
  samples.find((sample) => sample.path === path)?.title ?? fileName(path)

/** The row `step` places from `selectedId`, held at both ends. With nothing selected, down begins at the first and up at the last. */
export function neighbour(rows: readonly Row[], selectedId: string | null, step: number): Row | undefined {
  const found = rows.findIndex((row) => row.id === selectedId)
  const at = found >= 0 ? found : step > 0 ? -1 : rows.length
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))]
}

/** Replaces a job by its newer state, or adds it. */
export const putJob = (jobs: readonly Job[], job: Job): Job[] =>
  jobs.some((each) => each.id === job.id) ? jobs.map((each) => (each.id === job.id ? job : each)) : [...jobs, job]

/** How a job stands now, in the list of what such jobs made; the same list where that says nothing new. */
export function putStanding<T extends { jobId: string; state: Job['state']; endedAt: number | null }>(items: readonly T[], { id, state, endedAt }: Job): T[] {
  if (!items.some((each) => each.jobId === id && (each.state !== state || each.endedAt !== endedAt))) return items as T[]
  return items.map((each) => (each.jobId === id ? { ...each, state, endedAt } : each))
}

export const isActive = (job: Job): boolean => job.state === 'queued' || job.state === 'running'

/** Which rows of a long list are worth drawing: first index and the one after the last. */
export function visibleRange(scrollTop: number, height: number, rowHeight: number, count: number, overscan = 6): { start: number; end: number } {
  const start = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscan)
  return { start: Math.min(start, end), end }
}
