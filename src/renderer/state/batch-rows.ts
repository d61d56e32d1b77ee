/**
 * The rows of a batch as data: taken from pages of the engine, kept in the order of a column, filtered and grouped. Made
 * for 20,000 rows and more: what arrives is merged into what is sorted, nothing is sorted twice.
 */
import { batchStatuses } from '../../shared/batch'
import type { BatchRows, BatchStatus } from '../../shared/batch'
import type { SerializedError } from '../../shared/errors'

export interface BatchRow {
  /** Line of results.jsonl. */
  line: number
  path: string
  name: string
  /** Sorts by name as people count: "scan-9" before "scan-10". */
  key: string
  /** The path in small letters, for searching. */
  text: string
  status: BatchStatus
  score: number | null
  pValue: number | null
  before: string
  after: string
  /** The classifier answers otherwise once the scan is purified; null where there is no answer. */
  changed: boolean | null
  /** Milliseconds since 1970; 0 where it was not kept. */
  at: number
  error?: SerializedError
  warning?: string
  frame?: number
  frames?: number
}

export type Column = 'verdict' | 'name' | 'score' | 'pValue' | 'before' | 'after' | 'changed' | 'at'

export interface Sorting {
  column: Column
  descending: boolean
}

export interface BatchFilter {
  status: BatchStatus | 'all'
  /** A class that the classifier answered, before or after; all when empty. */
  answer: string
  /** Only where the answer changes. */
  changed: boolean
  search: string
}

export const everything: BatchFilter = { status: 'all', answer: '', changed: false, search: '' }

export interface Group {
  group: BatchStatus
  count: number
  collapsed: boolean
}
export type Item = BatchRow | Group

export const isGroup = (item: Item): item is Group => 'group' in item
export const isRow = (item: Item): item is BatchRow => !isGroup(item)

/** What has to be looked at comes first. */
export const groupOrder: readonly BatchStatus[] = ['suspicious', 'error', 'clean']

const naturalKey = (name: string): string => name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))

/** Rows of a page, and the lines in whose place they stand. */
export function rowsOf(page: BatchRows): { rows: BatchRow[]; replaced: Set<number> } {
  const replaced = new Set(page.gone)
  const rows = page.line.map((line, i): BatchRow => {
    const name = page.name[i]!
    const path = page.folders[page.folder[i]!]! + name
    const [before, after] = [page.labels[page.before[i]!] ?? '', page.labels[page.after[i]!] ?? '']
    return {
      line, path, name, before, after,
      key: naturalKey(name),
      text: path.toLowerCase(),
      status: batchStatuses[page.status[i]!]!,
      score: page.score[i]!,
      pValue: page.pValue[i]!,
      changed: before === '' || after === '' ? null : before !== after,
      at: page.at[i]!,
    }
  })
  for (const { row, replaces, ...note } of page.notes) {
    Object.assign(rows[row]!, note)
    if (replaces !== undefined) replaced.add(replaces)
  }
  return { rows, replaced }
}

type Value = string | number | null

const values: Record<Column, (row: BatchRow) => Value> = {
  verdict: ({ status }) => groupOrder.indexOf(status),
  name: ({ key }) => key,
  score: ({ score }) => score,
  pValue: ({ pValue }) => pValue,
  before: ({ before }) => before || null,
  after: ({ after }) => after || null,
  // Changed answers first.
  changed: ({ changed }) => (changed === null ? null : changed ? 0 : 1),
  at: ({ at }) => at || null,
}

/** Order of two rows; what has no value comes last either way, and equals keep the order in which they were screened. */
export function comparing({ column, descending }: Sorting): (a: BatchRow, b: BatchRow) => number {
  const of = values[column]
  const sign = descending ? -1 : 1
  return (a, b) => {
    const [x, y] = [of(a), of(b)]
    if (x === y) return a.line - b.line
    if (x === null) return 1
    if (y === null) return -1
    return x < y ? -sign : sign
  }
}

/** Adds rows to a sorted list. @param replaced lines that are no longer there */
export function mergeRows(sorted: readonly BatchRow[], added: readonly BatchRow[], replaced: ReadonlySet<number>, compare: (a: BatchRow, b: BatchRow) => number): BatchRow[] {
  const old = replaced.size === 0 ? sorted : sorted.filter(({ line }) => !replaced.has(line))
  // A row that is tried again within one page is there once.
  const fresh = added.filter(({ line }) => !replaced.has(line)).sort(compare)
  const merged: BatchRow[] = new Array<BatchRow>(old.length + fresh.length)
  for (let i = 0, j = 0, k = 0; k < merged.length; k++) merged[k] = j >= fresh.length || (i < old.length && compare(old[i]!, fresh[j]!) <= 0) ? old[i++]! : fresh[j++]!
  return merged
}

export function filterBatch(rows: readonly BatchRow[], { status, answer, changed, search }: BatchFilter): readonly BatchRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (status === 'all' && answer === '' && !changed && words.length === 0) return rows
  return rows.filter(
    (row) =>
      (status === 'all' || row.status === status) &&
      (answer === '' || row.before === answer || row.after === answer) &&
      (!changed || row.changed === true) &&
      words.every((word) => row.text.includes(word)),
  )
}

/** Filtered rows with a heading before each verdict. */
export function groupRows(rows: readonly BatchRow[], collapsed: ReadonlySet<BatchStatus>): Item[] {
  const items: Item[] = []
  for (const group of groupOrder) {
    const members = rows.filter(({ status }) => status === group)
    if (members.length === 0) continue
    items.push({ group, count: members.length, collapsed: collapsed.has(group) })
    if (!collapsed.has(group)) for (const row of members) items.push(row)
  }
  return items
}

export interface BatchCounts extends Record<BatchStatus | 'all', number> {
  changed: number
}

export function countBatch(rows: readonly BatchRow[]): BatchCounts {
  const counts = { all: rows.length, clean: 0, suspicious: 0, error: 0, changed: 0 }
  for (const { status, changed } of rows) {
    counts[status]++
    if (changed) counts.changed++
  }
  return counts
}

const verdictWords: Record<BatchStatus, string> = { clean: 'without a finding', suspicious: 'suspicious', error: 'not screened' }

/** What a filter leaves, in words for an export; empty where it leaves all. */
export function filterInWords({ status, answer, changed, search }: BatchFilter): string {
  const parts = [
    ...(status === 'all' ? [] : [`only ${verdictWords[status]}`]),
    ...(answer === '' ? [] : [`only with the answer ${answer}`]),
    ...(changed ? ['only where the answer changes'] : []),
    ...(search.trim() === '' ? [] : [`only with “${search.trim()}” in the path`]),
  ]
  return parts.join(', ')
}
