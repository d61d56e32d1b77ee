/** How the Train page follows a training and the check of its data, and how a model is taken into use and given back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BundleSummary, Job } from '../../../src/shared/types'

const call = vi.fn<(name: string, input: unknown) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: unknown) => call(name, input) } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const kept = new Map<string, string>()
vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) })
const { checkAgain, checkData, finishTraining, isChecking, receiveTraining, resumeTraining, selectTraining, speaksOf, startTraining, useTrainings, warningsOf } = await import('../../../src/renderer/state/trainings')
const { emptyForm } = await import('../../../src/renderer/state/train-form')
const { takeIntoUse, undoable, undoUse, useInUse } = await import('../../../src/renderer/state/in-use')
const { useSession } = await import('../../../src/renderer/state/session')
const { useSettings } = await import('../../../src/renderer/state/settings')

const job = (changes: Partial<Job> = {}): Job => ({ id: 'one', kind: 'train-purifier', state: 'running', title: '', done: 0, total: 10, message: '', startedAt: 0, endedAt: null, remainingSeconds: null, ...changes })
const opened = (changes: object = {}) => ({ summary: { jobId: 'one' }, read: { record: 'one', lines: 1 }, follows: false, steps: [], epochs: [], ...changes })
const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
const asked = (name: string): number => call.mock.calls.filter(([each]) => each === name).length
const check = { classes: [{ name: 'a', training: 10, test: 0 }], images: { training: 10, test: 0 }, channels: 1, unreadable: [], patients: { known: false, training: 10, test: 0, inBoth: 0 }, findings: [], giveaway: null, tone: null, seconds: 1 }

beforeEach(() => {
  vi.useFakeTimers()
  call.mockReset()
  useTrainings.setState({ selected: null, opened: null, jobs: [job()], trainings: [], check: null, warned: {}, finishing: null, acting: false, starting: false, startError: null, form: { ...emptyForm, data: '/data', bundle: 'chest' } })
})
afterEach(() => void vi.useRealTimers())

describe('a training that runs', () => {
  const metrics = (jobId = 'one') => ({ name: 'train.metrics' as const, payload: { jobId, epoch: 1, step: 10, metrics: { loss: 1 } } })
  it('is read again when it has something to say, once for a burst of it, and not when another is looked at', async () => {
    call.mockResolvedValue(opened())
    await selectTraining('one')
    for (let i = 0; i < 5; i++) receiveTraining(metrics())
    receiveTraining(metrics('other'))
    await later(3000)
    expect(asked('train.open')).toBe(2)
  })
  it('is asked for what is new, which is added to what was read; a record that does not follow takes its place', async () => {
    const [first, second, third] = [1, 2, 3].map((epoch) => ({ epoch }))
    call.mockResolvedValueOnce(opened({ epochs: [first], steps: [{ step: 3 }] }))
    await selectTraining('one')
    call.mockResolvedValueOnce(opened({ epochs: [second], follows: true, read: { record: 'one', lines: 3 } }))
    await selectTraining('one')
    expect(useTrainings.getState().opened).toMatchObject({ epochs: [first, second], steps: [{ step: 3 }] })
    call.mockResolvedValueOnce(opened({ epochs: [third] }))
    await selectTraining('one')
    expect(useTrainings.getState().opened?.epochs).toEqual([third])
    call.mockResolvedValueOnce(opened({ summary: { jobId: 'two' } }))
    await selectTraining('two')
    expect(call.mock.calls.map(([, input]) => input)).toEqual([{ jobId: 'one' }, { jobId: 'one', read: { record: 'one', lines: 1 } }, { jobId: 'one', read: { record: 'one', lines: 3 } }, { jobId: 'two' }])
  })
  it('that ends is read a last time, and its bundle is among the models', async () => {
    call.mockImplementation(async (name) => (name === 'train.open' ? opened() : []))
    await selectTraining('one')
    useTrainings.setState({ finishing: 'one' })
    receiveTraining({ name: 'job', payload: job({ state: 'done', endedAt: 5 }) })
    await later(10)
    expect([asked('train.open'), asked('train.list'), asked('bundles.list')]).toEqual([2, 1, 1])
    expect(useTrainings.getState().finishing).toBeNull()
  })
  it('that is paused goes on before it is ended with the best it has', async () => {
    call.mockImplementation(async (name) => (name === 'train.list' || name === 'jobs.list' ? [] : name === 'train.open' ? opened() : job({ id: 'two' })))
    await finishTraining({ jobId: 'one', state: 'cancelled' })
    expect(call.mock.calls.map(([name]) => name)).toEqual(['train.resume', 'train.list', 'jobs.list', 'train.open', 'jobs.finish'])
    expect(call.mock.calls.at(-1)![1]).toEqual({ jobId: 'two' })
    expect(useTrainings.getState().finishing).toBe('two')
  })
})

describe('what is asked twice, as by a double click', () => {
  /** Answers of the engine, the list held back until it is let go. */
  function slowList(): () => void {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => void (release = resolve))
    call.mockImplementation(async (name) => {
      if (name === 'train.list' || name === 'jobs.list') return held.then(() => [])
      return name === 'train.open' ? opened({ summary: { jobId: 'two' } }) : job({ id: 'two' })
    })
    return release
  }
  it('starts one training', async () => {
    useSession.setState({ bundles: [{ id: 'chest', name: 'Chest', classes: ['a', 'b'], canScreen: true } as BundleSummary], dataFolder: '/home/me' })
    const release = slowList()
    const first = startTraining()
    await later(10)
    expect(useTrainings.getState().starting, 'the job is queued and not shown yet').toBe(true)
    await startTraining()
    release()
    await first
    expect([asked('jobs.start'), useTrainings.getState().selected, useTrainings.getState().starting]).toEqual([1, 'two', false])
  })
  it('goes on once', async () => {
    const release = slowList()
    const first = resumeTraining('one')
    await later(10)
    expect(useTrainings.getState().acting).toBe(true)
    await Promise.all([resumeTraining('one'), finishTraining({ jobId: 'one', state: 'cancelled' })])
    release()
    await first
    expect([asked('train.resume'), asked('jobs.finish'), useTrainings.getState().acting]).toEqual([1, 0, false])
  })
  it('is ended once with the best it has', async () => {
    const release = slowList()
    const first = finishTraining({ jobId: 'one', state: 'cancelled' })
    await later(10)
    await finishTraining({ jobId: 'one', state: 'cancelled' })
    release()
    await first
    expect([asked('train.resume'), asked('jobs.finish'), useTrainings.getState().finishing]).toEqual([1, 1, 'two'])
  })
  it('may be asked again where it came to nothing', async () => {
    call.mockRejectedValue(new Error('no'))
    await resumeTraining('one')
    await finishTraining({ jobId: 'one', state: 'running' })
    await startTraining()
    expect(useTrainings.getState()).toMatchObject({ acting: false, finishing: null, starting: false })
    await resumeTraining('one')
    expect(asked('train.resume')).toBe(2)
  })
})

describe('warnings of a training', () => {
  const shown = (state: string, warnings: string[] = []) => warningsOf({ summary: { jobId: 'one', state }, warnings } as Parameters<typeof warningsOf>[0], useTrainings.getState().warned)
  const warned = (jobId: string, ...warnings: string[]) => receiveTraining({ name: 'train.warnings', payload: { jobId, warnings } })
  it('are shown as soon as they are said, each once, and those of others are not', () => {
    warned('one', 'Few images.', 'Doubles.')
    warned('other', 'Of another.')
    expect(shown('running')).toEqual(['Few images.', 'Doubles.'])
    expect(shown('cancelled', ['Doubles.', 'Few images.'])).toEqual(['Few images.', 'Doubles.'])
    expect(shown('running', ['Few images.', 'Few images.'])).toEqual(['Few images.', 'Doubles.'])
  })
  it('are those of the result once there is one, which says in the end what holds', () => {
    warned('one', 'Too few to calibrate on.')
    expect(shown('done', ['Only 16 scans stand behind the calibration.'])).toEqual(['Only 16 scans stand behind the calibration.'])
  })
})

describe('the check of the data', () => {
  const checkJob = (changes: Partial<Job> = {}) => job({ id: 'check', kind: 'check-data', ...changes })
  it('is made once for the same data, and speaks of no others', async () => {
    call.mockImplementation(async (name) => (name === 'jobs.start' ? checkJob() : name === 'jobs.list' ? [checkJob()] : { result: check }))
    await checkData()
    await checkData()
    expect(asked('jobs.start')).toBe(1)
    expect(isChecking(useTrainings.getState().check)).toBe(true)
    receiveTraining({ name: 'job', payload: checkJob({ state: 'done' }) })
    await later(10)
    const state = useTrainings.getState()
    expect(state.check?.result?.images.training).toBe(10)
    expect([speaksOf(state.check, state.form), speaksOf(state.check, { ...state.form, data: '/other' })]).toEqual([true, false])
  })
  it('is made again for the same data when the person asks: files may have been mended since', async () => {
    call.mockImplementation(async (name) => (name === 'jobs.start' ? checkJob() : name === 'jobs.list' ? [checkJob({ state: 'done' })] : { result: check }))
    await checkData()
    await checkData()
    expect(asked('jobs.start')).toBe(1)
    await checkAgain()
    expect(asked('jobs.start')).toBe(2)
    expect(useTrainings.getState().check?.result).not.toBeNull()
  })
  it('that ended before its number was known is found', async () => {
    call.mockImplementation(async (name) => (name === 'jobs.start' ? checkJob() : name === 'jobs.list' ? [checkJob({ state: 'done' })] : { result: check }))
    await checkData()
    expect(useTrainings.getState().check?.result?.images.training).toBe(10)
  })
  it('that failed says why and may be made again', async () => {
    const error = { code: 'data-set-invalid' as const, message: 'No class folders.', facts: {} }
    call.mockImplementation(async (name) => (name === 'jobs.start' ? checkJob() : [checkJob({ state: 'failed', error })]))
    await checkData()
    expect(useTrainings.getState().check?.error).toEqual(error)
    await checkData()
    expect(asked('jobs.start')).toBe(2)
  })
})

describe('a model in use', () => {
  const bundles = ['before', 'after'].map((id) => ({ id, name: id, classes: ['a', 'b'], canScreen: true }) as BundleSummary)
  beforeEach(() => {
    kept.clear()
    useInUse.setState({ change: null })
    useSession.setState({ bundles, bundleId: 'before' })
  })
  it('is remembered, and undoing brings back the one before', () => {
    takeIntoUse('after')
    expect([useSession.getState().bundleId, useSettings.getState().settings.bundle]).toEqual(['after', 'after'])
    undoUse()
    expect([useSession.getState().bundleId, useSettings.getState().settings.bundle]).toEqual(['before', 'before'])
    expect(undoable(useInUse.getState().change, useSession.getState())).toBeNull()
  })
  it('cannot be undone where the one before is gone, or where something else was chosen since', () => {
    takeIntoUse('after')
    const { change } = useInUse.getState()
    expect(undoable(change, { bundles, bundleId: 'after' })?.id).toBe('before')
    expect(undoable(change, { bundles: bundles.slice(1), bundleId: 'after' })).toBeNull()
    expect(undoable(change, { bundles, bundleId: 'third' })).toBeNull()
  })
})
