/** What becomes of files that are handed over while others are brought or screened, and which results open by themselves. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Job, Sample, ScanResult } from '../../../src/shared/types'

const call = vi.fn<(name: string, input: unknown) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: unknown) => call(name, input) } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined })
const { receive, returnToScreening, screenIntake, screenSample, select, useScreening } = await import('../../../src/renderer/state/screening')
const { useNavigation } = await import('../../../src/renderer/state/navigation')
const { useOpening } = await import('../../../src/renderer/state/opening')
const { useSession } = await import('../../../src/renderer/state/session')

const job = (id: string, state: Job['state'] = 'running'): Job => ({ id, kind: 'scan', state, title: id, done: 0, total: 2, message: '', startedAt: 0, endedAt: null, remainingSeconds: null })
const result = (path: string, status: ScanResult['status']): ScanResult => ({ path, status, score: 1, pValue: 0.5, before: null, after: null, heatmap: null })
let started = 0
const drop = async (): Promise<void> => {
  started++
  await screenSample({ path: `${started}.dcm`, bundleId: 'chest' } as Sample)
}
const arrives = async (jobId: string, line: number, status: ScanResult['status'] = 'clean'): Promise<void> => {
  receive({ name: 'scan.result', payload: { jobId, resultId: `${jobId}:${line}`, result: result(`${jobId}-${line}.dcm`, status) } })
  await vi.advanceTimersByTimeAsync(200)
}
const shown = (): string | null => useScreening.getState().selectedId

beforeEach(() => {
  vi.useFakeTimers()
  started = 0
  call.mockClear()
  useScreening.setState({ jobs: [], rows: [], selectedId: null })
  useSession.setState({ bundleId: 'chest' })
  call.mockImplementation(async (name) => {
    if (name === 'jobs.start') return job(`job${started}`)
    throw new Error('no engine')
  })
})
afterEach(() => void vi.useRealTimers())

it('a scan dropped while others are screened is what opens, not the next of the others', async () => {
  await drop()
  await arrives('job1', 0)
  expect(shown()).toBe('job1:0')
  await drop()
  await arrives('job1', 1)
  expect(shown()).toBe('job1:0')
  await arrives('job2', 0)
  expect(shown()).toBe('job2:0')
  await arrives('job1', 2)
  expect(shown()).toBe('job2:0')
})

it('the end of an earlier screening opens none of its files', async () => {
  await drop()
  await arrives('job1', 0)
  await drop()
  receive({ name: 'job', payload: job('job1', 'cancelled') })
  await vi.advanceTimersByTimeAsync(200)
  select('job1:0', false)
  await arrives('job2', 0, 'error')
  receive({ name: 'job', payload: job('job2', 'done') })
  expect(shown()).toBe('job2:0')
})

it('two dropped one after another: the first that has a result', async () => {
  await drop()
  await drop()
  await arrives('job1', 0)
  await arrives('job2', 0)
  expect(shown()).toBe('job1:0')
})

it('the viewer is not taken from a scan of a batch that is being looked at', async () => {
  await drop()
  useNavigation.setState({ pageId: 'batch' })
  useOpening.setState({ row: { id: 'night:7', jobId: 'night', name: '7.dcm', result: result('7.dcm', 'clean') }, place: 'batch' })
  await arrives('job1', 0)
  await arrives('job1', 1)
  expect(useOpening.getState()).toMatchObject({ row: { id: 'night:7' }, place: 'batch' })
  useNavigation.setState({ pageId: 'screen' })
  returnToScreening()
  expect(useOpening.getState()).toMatchObject({ row: { id: 'job1:0' }, place: 'screen' })
})

it('files handed over while others are still being brought wait for their turn, with the bundle of their drop', async () => {
  let brought = (): void => undefined
  const first = new Promise<void>((resolve) => (brought = resolve))
  const intake = (path: string, ready: Promise<void>) => ({ deliver: () => ready.then(() => ({ paths: [path], failures: [] })) })
  const both = [screenIntake(intake('a.dcm', first)), screenIntake(intake('b.dcm', Promise.resolve()))]
  useSession.setState({ bundleId: 'skin' })
  await vi.advanceTimersByTimeAsync(0)
  expect(call).not.toHaveBeenCalled()
  brought()
  await Promise.all(both)
  expect(call.mock.calls.map(([, input]) => input)).toMatchObject([{ parameters: { paths: ['a.dcm'], bundle: 'chest' } }, { parameters: { paths: ['b.dcm'], bundle: 'chest' } }])
})

it('a drop that fails or brings nothing does not hold up the next', async () => {
  await screenIntake({ deliver: () => Promise.reject(new Error('the disk is gone')) })
  expect(useScreening.getState().startError).toMatchObject({ code: 'internal' })
  await screenIntake({ deliver: () => Promise.resolve({ paths: ['a.dcm'], failures: [] }) })
  expect(call).toHaveBeenCalledTimes(1)
})
