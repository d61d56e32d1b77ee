/** How the Batch page follows a scan: what it reads, what it keeps when the scan goes on as another job, what it exports. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageOfRows } from '../../../src/engine/batch/rows'
import type { BatchSummary } from '../../../src/shared/batch'
import type { Job, ScanResult } from '../../../src/shared/types'
import { bigResults } from '../../support/big-batch'

const call = vi.fn<(name: string, input: Record<string, unknown>) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: Record<string, unknown>) => call(name, input), urlFor: () => '' } }))
vi.mock('../../../src/renderer/state/artifacts', () => ({ saveArtifact: async () => undefined }))
const storage = () => {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) }
}
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
vi.stubGlobal('localStorage', storage())
vi.stubGlobal('sessionStorage', storage())
const { changeForm, newBatch, openBatches, receiveBatch, resumeBatch, selectBatch, useBatches } = await import('../../../src/renderer/state/batches')
const { changeFilter, exportShown, moveSelection, readRows, setGrouped, sortBy, toggleGroup, useBatchTable } = await import('../../../src/renderer/state/batch-table')
const { everything } = await import('../../../src/renderer/state/batch-rows')

const batch = (changes: Partial<BatchSummary> = {}): BatchSummary => ({ jobId: 'one', title: '', state: 'running', startedAt: 0, endedAt: null, bundle: 'chest', alpha: 0.05, paths: ['/a'], pathCount: 1, out: '/out', done: 0, total: 100, message: '', ...changes })
const job = (changes: Partial<Job> = {}): Job => ({ id: 'one', kind: 'scan', state: 'running', title: '', done: 10, total: 100, message: '', startedAt: 0, endedAt: null, remainingSeconds: 3, quiet: true, ...changes })
const told = (changes: Partial<Job> = {}): void => receiveBatch({ name: 'job', payload: job(changes) })
const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
const asked = (name: string): Record<string, unknown>[] => call.mock.calls.filter(([each]) => each === name).map(([, input]) => input)

/** What the engine has of the scan. */
let lines: ScanResult[]
let listed: BatchSummary[]

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
  listed = [batch()]
  call.mockReset()
  call.mockImplementation(async (name, input) => {
    if (name === 'batch.rows') return pageOfRows(input['jobId'] === 'other' ? [] : lines, input['from'] as number, new Map(), 1000)
    if (name === 'batch.list') return listed
    if (name === 'batch.open') return batch({ jobId: input['jobId'] as string })
    if (name === 'batch.resume') return job({ id: 'two' })
    if (name === 'batch.count') return { files: 7, unreadable: [], unreadableCount: 0 }
    return {}
  })
  newBatch()
  useBatches.setState({ batches: listed })
  changeFilter(everything)
  setGrouped(false)
})
afterEach(() => void vi.useRealTimers())

describe('a batch that runs', () => {
  it('is read page by page, then only what is new, at most once a second', async () => {
    lines = bigResults(2500)
    selectBatch(batch())
    await later(50)
    expect(asked('batch.rows').map(({ from }) => from)).toEqual([0, 1000, 2000])
    expect(useBatchTable.getState()).toMatchObject({ loaded: true, counts: { all: 2500, suspicious: 500 } })
    lines = bigResults(2520)
    for (let done = 1; done <= 20; done++) told({ done })
    await later(900)
    expect(asked('batch.rows')).toHaveLength(3)
    await later(200)
    expect(asked('batch.rows').at(-1)).toEqual({ jobId: 'one', from: 2500 })
    expect(useBatchTable.getState().counts.all).toBe(2520)
    expect(useBatches.getState()).toMatchObject({ remainingSeconds: 3, selected: { done: 20 } })
  })

  it('is read a last time when it ends, and asked for when it is new here', async () => {
    selectBatch(batch())
    await later(10)
    lines = bigResults(5)
    told({ state: 'done', endedAt: 1, done: 5, remainingSeconds: null })
    await later(10)
    expect(useBatchTable.getState().counts.all).toBe(5)
    const before = asked('batch.list').length
    for (let i = 0; i < 5; i++) told({ id: 'unheard-of' })
    receiveBatch({ name: 'job', payload: { ...job({ id: 'single' }), quiet: undefined } as Job })
    await later(10)
    expect(asked('batch.list')).toHaveLength(before + 1)
  })

  it('comes back after a reload, also when it is another than the newest', async () => {
    listed = [batch({ jobId: 'newer', state: 'done' }), batch(), batch({ jobId: 'older' })]
    selectBatch(batch({ jobId: 'older' }))
    useBatches.setState({ selected: null })
    await openBatches()
    expect(useBatches.getState().selected?.jobId).toBe('older')
    newBatch()
    await openBatches()
    expect(useBatches.getState().selected?.jobId).toBe('one')
  })

  it('goes on as another job without losing what was read', async () => {
    lines = bigResults(30)
    selectBatch(batch({ state: 'cancelled' }))
    await later(10)
    lines = bigResults(50)
    await resumeBatch('one', true)
    await later(10)
    expect(asked('batch.resume')).toEqual([{ jobId: 'one', retryFailed: true }])
    expect(asked('batch.rows').at(-1)).toMatchObject({ jobId: 'two', from: expect.any(Number) as number })
    expect(asked('batch.rows').filter(({ from }) => from === 0)).toHaveLength(1)
    expect(useBatchTable.getState()).toMatchObject({ jobId: 'two', counts: { all: 50 } })
  })

  it('shows nothing of a batch that was left while it was being read', async () => {
    lines = bigResults(2500)
    selectBatch(batch())
    selectBatch(batch({ jobId: 'other' }))
    await later(50)
    expect(useBatchTable.getState()).toMatchObject({ jobId: 'other', counts: { all: 0 }, loaded: true })
  })

  it('says why its results could not be read, and reads them when asked again', async () => {
    call.mockRejectedValueOnce(new Error('gone'))
    selectBatch(batch())
    await later(10)
    expect(useBatchTable.getState().readError).toMatchObject({ code: 'internal' })
    lines = bigResults(3)
    await readRows()
    expect(useBatchTable.getState()).toMatchObject({ readError: null, counts: { all: 3 } })
  })
})

describe('the table', () => {
  beforeEach(async () => {
    lines = bigResults(100)
    selectBatch(batch({ jobId: 'table' }))
    await later(10)
  })

  it('moves the selection within what is shown, headings included, and holds it at both ends', () => {
    sortBy('name')
    moveSelection(Infinity)
    const shown = useBatchTable.getState().items
    expect(useBatchTable.getState().selected).toBe((shown.at(-1) as { line: number }).line)
    moveSelection(1)
    moveSelection(-Infinity)
    setGrouped(true)
    moveSelection(-Infinity)
    expect(useBatchTable.getState().selected).toBe('suspicious')
    toggleGroup('suspicious')
    moveSelection(1)
    expect(useBatchTable.getState().selected).toBe('error')
  })

  it('exports what is shown in its order, folded groups too, and says what was left out', async () => {
    sortBy('name')
    if (useBatchTable.getState().sorting.descending) sortBy('name')
    changeFilter({ status: 'error' })
    await exportShown('csv')
    // Names count backwards, so the later line comes first.
    expect(asked('batch.export')).toEqual([{ jobId: 'table', format: 'csv', lines: [57, 7], filter: 'only not screened' }])
    changeFilter(everything)
    setGrouped(true)
    toggleGroup('clean')
    await exportShown('pdf')
    const { lines: exported, filter } = asked('batch.export').at(-1) as { lines: number[]; filter: string }
    expect([exported.length, filter]).toEqual([100, ''])
    expect(exported.slice(20, 22)).toEqual([57, 7])
  })
})

describe('the form', () => {
  it('counts the files once the typing pauses, and forgets the count with the paths', async () => {
    for (const typed of ['/', '/d', '/da', '/data']) changeForm({ typed })
    await later(300)
    expect(asked('batch.count')).toEqual([])
    await later(200)
    expect(asked('batch.count')).toEqual([{ paths: ['/data'] }])
    expect(useBatches.getState().counting?.found?.files).toBe(7)
    changeForm({ typed: '' })
    await later(500)
    expect(useBatches.getState().counting).toBeNull()
  })
})
