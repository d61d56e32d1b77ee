import { describe, expect, it } from 'vitest'
import { pageOfRows } from '../../../src/engine/batch/rows'
import { comparing, countBatch, everything, filterBatch, filterInWords, groupRows, isGroup, isRow, mergeRows, rowsOf } from '../../../src/renderer/state/batch-rows'
import type { BatchRow, Column } from '../../../src/renderer/state/batch-rows'
import { mostRows } from '../../../src/shared/batch'
import type { ScanResult } from '../../../src/shared/types'
import { bigResults } from '../../support/big-batch'

const none = new Set<number>()
const count = 20_000
const results = bigResults(count)

/** All pages of the engine, merged as they come. */
function read(lines: readonly ScanResult[], column: Column = 'verdict', descending = false): BatchRow[] {
  const replaced = new Map<number, number>()
  const latest = new Map<string, number>()
  lines.forEach(({ path }, line) => {
    if (latest.has(path)) replaced.set(line, latest.get(path)!)
    latest.set(path, line)
  })
  const compare = comparing({ column, descending })
  let rows: BatchRow[] = []
  for (let from = 0, more = true; more; ) {
    const page = pageOfRows(lines, from, replaced)
    expect(page.line.length).toBeLessThanOrEqual(mostRows)
    const taken = rowsOf(page)
    rows = mergeRows(rows, taken.rows, taken.replaced, compare)
    ;({ next: from, more } = page)
  }
  return rows
}

describe('20,000 results in pages', () => {
  it('come back as they were, in messages of a few hundred kilobytes', () => {
    const rows = read(results, 'at')
    expect(rows.map(({ path, status, score, pValue, before, after, at, error }) => ({ path, status, score, pValue, before, after, at, code: error?.code }))).toEqual(
      results.map(({ path, status, score, pValue, before, after, at, error }) => ({ path, status, score, pValue, before: before?.label ?? '', after: after?.label ?? '', at, code: error?.code })),
    )
    expect(JSON.stringify(pageOfRows(results, 0, new Map())).length).toBeLessThan(400_000)
  })

  it.each(['verdict', 'name', 'score', 'pValue', 'before', 'after', 'changed', 'at'] as const)('merged by %s are in the order of a single sort, either way', (column) => {
    for (const descending of [false, true]) {
      const rows = read(results.slice(0, 5000), column, descending)
      expect(rows.map(({ line }) => line)).toEqual([...rows].sort(comparing({ column, descending })).map(({ line }) => line))
      expect(new Set(rows.map(({ line }) => line)).size).toBe(5000)
    }
  })

  it('sort names as people count, and leave what has no value at the end either way', () => {
    expect(read(results, 'name').slice(0, 12).map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, i) => `scan-${i + 1}.dcm`))
    for (const descending of [false, true]) expect(read(results.slice(0, 1000), 'score', descending).slice(-20).every(({ score }) => score === null)).toBe(true)
  })
})

describe('files that were tried again', () => {
  it('are there once, with the later result, also when both came in one page', () => {
    const again: ScanResult[] = results.slice(0, 100).filter(({ status }) => status === 'error').map((result) => ({ ...result, status: 'clean', error: undefined }))
    expect(again).toHaveLength(2)
    const lines = [...results.slice(0, 100), ...again]
    for (const all of [read(lines), mergeRows(read(results.slice(0, 100)), rowsOf(pageOfRows(lines, 100, new Map([[100, 7], [101, 57]]))).rows, new Set([7, 57]), comparing({ column: 'verdict', descending: false }))]) {
      expect(countBatch(all)).toMatchObject({ all: 100, error: 0 })
      expect(all.filter(({ path }) => path === again[0]!.path).map(({ line, status }) => [line, status])).toEqual([[100, 'clean']])
    }
  })

  it('are no longer there where an error of a folder was taken back, also in a later page', () => {
    const lines: ScanResult[] = [...results.slice(0, 100), { ...results[7]!, withdrawn: true }]
    const later = rowsOf(pageOfRows(lines, 100, new Map([[100, 7]])))
    for (const all of [read(lines), mergeRows(read(results.slice(0, 100)), later.rows, later.replaced, comparing({ column: 'verdict', descending: false }))]) {
      expect(countBatch(all)).toMatchObject({ all: 99, error: 1 })
      expect(all.some(({ line }) => line === 7 || line === 100)).toBe(false)
    }
  })

  it('say all that makes a verdict doubtful', () => {
    expect(read([{ ...results[0]!, warning: 'Another modality.', unfamiliar: true }])[0]!.warning).toMatch(/^Another modality\. This image looks unlike/)
  })
})

describe('what is shown', () => {
  const rows = read(results.slice(0, 1000))

  it('is filtered by verdict, class, changed answer and words of the path, all at once', () => {
    const only = filterBatch(rows, { status: 'suspicious', answer: 'clear', changed: true, search: 'WARD-5 scan' })
    expect(only.length).toBeGreaterThan(0)
    expect(only.every((row) => row.status === 'suspicious' && row.before !== row.after && row.path.includes('ward-5'))).toBe(true)
    const expected = results.slice(0, 1000).filter(({ status, path, before, after }) => status === 'suspicious' && path.includes('ward-5') && before!.label !== after!.label && [before!.label, after!.label].includes('clear'))
    expect(only).toHaveLength(expected.length)
    expect(filterBatch(rows, everything)).toBe(rows)
    expect(filterInWords({ status: 'error', answer: '', changed: false, search: ' x ' })).toBe('only not screened, only with “x” in the path')
    expect(filterInWords(everything)).toBe('')
  })

  it('is grouped by verdict, what has to be looked at first, and folded groups keep their count', () => {
    const items = groupRows(rows, new Set(['suspicious']))
    const groups = items.filter(isGroup)
    expect(groups.map(({ group, count: members, collapsed }) => [group, members, collapsed])).toEqual([['suspicious', 200, true], ['error', 20, false], ['clean', 780, false]])
    expect(items.filter(isRow)).toHaveLength(800)
  })

  it('without any results is nothing', () => {
    expect(mergeRows([], [], none, comparing({ column: 'name', descending: false }))).toEqual([])
    expect(groupRows([], new Set())).toEqual([])
  })
})
