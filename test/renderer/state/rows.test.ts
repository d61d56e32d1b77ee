import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summarise } from '../../../src/renderer/state/announcements'
import { addRows, countRows, filterRows, neighbour, putJob, rowName, rowOfView, visibleRange } from '../../../src/renderer/state/rows'
import type { Row } from '../../../src/renderer/state/rows'
import type { Job, ScanResult } from '../../../src/shared/types'

const row = (id: string, status: ScanResult['status'] = 'clean'): Row => ({
  id, jobId: 'j', name: id, result: { path: `/x/${id}`, status, score: null, pValue: null, before: null, after: null, heatmap: null },
})

describe('the list of results', () => {
  const rows = [row('a'), row('b', 'suspicious'), row('c', 'error'), row('d', 'suspicious')]

  it('stays in order of arrival and takes a result that comes twice once', () =>
    expect(addRows([row('a'), row('b')], [row('b'), row('c'), row('c')]).map((each) => each.id)).toEqual(['a', 'b', 'c']))

  it('is the same list when nothing is new, so that nothing is drawn again', () => expect(addRows(rows, [row('b')])).toBe(rows))

  it('is filtered and counted by verdict', () => {
    expect(filterRows(rows, 'suspicious').map((each) => each.id)).toEqual(['b', 'd'])
    expect(filterRows(rows, 'all')).toHaveLength(4)
    expect(countRows(rows)).toEqual({ all: 4, suspicious: 2, clean: 1, error: 1 })
  })

  it('gives its name to no other file’s pictures, while the next file is being opened', () => {
    expect(rowOfView(row('b'), { resultId: 'a' })).toBeNull()
    const opened = row('a')
    expect(rowOfView(opened, { resultId: 'a' })).toBe(opened)
    // Nothing to be seen yet: the row is what there is to speak of.
    expect(rowOfView(opened, undefined)).toBe(opened)
  })

  it('is walked by keys and held at its ends', () => {
    expect(neighbour(rows, 'a', 1)?.id).toBe('b')
    expect(neighbour(rows, 'a', -1)?.id).toBe('a')
    expect(neighbour(rows, 'd', 1)?.id).toBe('d')
    expect(neighbour(rows, 'b', Infinity)?.id).toBe('d')
    expect(neighbour(rows, null, 1)?.id).toBe('a')
    expect(neighbour(rows, null, -1)?.id).toBe('d')
    expect(neighbour(rows, null, Infinity)?.id).toBe('d')
    expect(neighbour([], null, 1)).toBeUndefined()
  })

  it('names samples by their title and files by their name', () => {
    const sample = { id: 's', title: 'Attacked phantom', description: '', path: '/samples/s.dcm', bundleId: 'b' }
    expect(rowName('/samples/s.dcm', [sample])).toBe('Attacked phantom')
    expect(rowName('/elsewhere/s.dcm', [sample])).toBe('s.dcm')
  })

  it('is spoken of in one sentence per burst', () => {
    expect(summarise([row('chest.dcm', 'suspicious')])).toBe('chest.dcm: suspicious.')
    expect(summarise(rows)).toBe('4 scans: 2 suspicious, 1 could not be screened.')
    // What stands beside a verdict for those who see it.
    const unfamiliar = { ...row('knee.dcm'), result: { ...row('knee.dcm').result, unfamiliar: true as const } }
    const warned = { ...row('ct.dcm', 'suspicious'), result: { ...row('ct.dcm', 'suspicious').result, warning: 'This file says it is CT.' } }
    expect(summarise([unfamiliar])).toBe('knee.dcm: no perturbation found. 1 verdict is not to be relied on.')
    expect(summarise([unfamiliar, warned, row('chest.dcm')])).toBe('3 scans: 1 suspicious. 2 verdicts are not to be relied on.')
  })
})

describe('the rows in sight', () => {
  it('are all that can be seen and a few more, never more than there are', () =>
    fc.assert(
      fc.property(fc.nat(200_000), fc.integer({ min: 0, max: 3000 }), fc.nat(5000), (top, height, count) => {
        const { start, end } = visibleRange(top, height, 52, count)
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(count)
        expect(end - start).toBeLessThanOrEqual(Math.ceil(height / 52) + 14)
        for (let i = 0; i < count; i++) if ((i + 1) * 52 > top && i * 52 < top + height) expect(i >= start && i < end).toBe(true)
      }),
      { numRuns: 50 },
    ))
})

describe('jobs', () => {
  const job = (id: string, done: number): Job => ({ id, kind: 'scan', state: 'running', title: '', done, total: 9, message: '', startedAt: 0, endedAt: null, remainingSeconds: null })
  it('keep their place when their state changes', () =>
    expect(putJob([job('a', 1), job('b', 1)], job('a', 2)).map(({ id, done }) => [id, done])).toEqual([['a', 2], ['b', 1]]))
})
