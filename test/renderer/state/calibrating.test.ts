/** How the Models page asks for a calibration, follows it, finds it again, and what its form makes of what is typed. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CalibrationPlan, CalibrationReport } from '../../../src/shared/calibration'
import { AssayError } from '../../../src/shared/errors'
import type { TrainingSummary } from '../../../src/shared/training-record'
import type { BundleSummary, Job } from '../../../src/shared/types'

const call = vi.fn<(name: string, input: unknown) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: unknown) => call(name, input) } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const kept = new Map<string, string>()
vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) })
const { changeForm, findCalibration, forgetCalibration, isEnough, isRunning, namedScans, openCalibration, receiveCalibration, speaksOf, startCalibration, stopCalibration, takeScans, useCalibrating } = await import('../../../src/renderer/state/calibrating')
const { emptyForm, jobOf, problemsOf, suggested } = await import('../../../src/renderer/state/calibrate-form')
const { useSession } = await import('../../../src/renderer/state/session')

const bundle = (id: string, name: string): BundleSummary => ({ id, name, canScreen: true }) as BundleSummary
const bundles = [bundle('chest', 'Chest'), bundle('chest-local', 'Chest, local')]
const around = { bundles, trainings: [], dataFolder: '/data', provider: 'auto' as const }
const job = (changes: Partial<Job> = {}): Job => ({ id: 'one', kind: 'calibrate', state: 'running', title: '', done: 0, total: 10, message: '', startedAt: 0, endedAt: null, remainingSeconds: null, ...changes })
const plan: CalibrationPlan = { images: 120, choosing: 36, behind: 84, falseAlarms: null, lacks: [] }
const report: CalibrationReport = {
  bundle: 'chest-local-2', scans: 120, calibrationCount: 84, scores: [{ name: 'residual', median: 0, scale: 1 }], combine: 'max', sentence: '', choice: null, heatmapUsual: 0.01, date: '2026-01-01', alpha: 0.05,
  falseAlarms: { alpha: 0.05, mean: 0.047, low: 0.01, high: 0.1 }, origins: { modalities: [], manufacturers: [], devices: [] }, earlier: null, warnings: [], failures: [],
}
const asked = (name: string): unknown[] => call.mock.calls.filter(([each]) => each === name).map(([, input]) => input)
const state = useCalibrating.getState
const answers = (over: Record<string, unknown>): void => void call.mockImplementation(async (name) => {
  const answer = ({ 'jobs.list': [job()], 'jobs.start': job(), 'jobs.wait': { result: report }, 'bundles.list': bundles, 'train.list': [], 'models.planCalibration': plan, ...over } as Record<string, unknown>)[name]
  if (answer instanceof Error) throw answer
  return answer
})
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000)

beforeEach(() => {
  vi.useFakeTimers()
  call.mockReset()
  answers({})
  kept.clear()
  useSession.setState({ bundles, dataFolder: '/data' })
  useCalibrating.setState({ view: 'closed', form: { ...emptyForm, bundle: 'chest', data: '/scans' }, planning: null, starting: false, startError: null, run: null })
})
afterEach(() => void vi.useRealTimers())

describe('the form', () => {
  it('makes a copy with a free name and id, whatever is calibrated, and never goes into the bundle itself', () => {
    expect(suggested({ bundle: 'chest' }, around)).toEqual({ id: 'chest-local-2', name: 'Chest, local 2' })
    expect(suggested({ bundle: 'chest-local' }, around)).toEqual({ id: 'chest-local-2', name: 'Chest, local 2' })
    expect(jobOf({ ...state().form, seed: '7', keepScores: true }, around)).toEqual({ kind: 'calibrate', parameters: { bundle: 'chest', data: '/scans', out: '/data/bundles/chest-local-2', id: 'chest-local-2', name: 'Chest, local 2', keepScores: true, seed: 7, provider: 'auto' } })
    expect(jobOf({ ...state().form, id: 'ward', name: ' Ward ' }, { ...around, dataFolder: 'C:\\data' })!.parameters).toMatchObject({ out: 'C:\\data\\bundles\\ward', id: 'ward', name: 'Ward' })
  })
  it('leaves alone what a training that is not finished is to make', () => {
    const paused = { ...around, trainings: [{ state: 'cancelled', out: '/data/bundles/chest-local-2' } as TrainingSummary] }
    expect(suggested({ bundle: 'chest' }, paused).id).toBe('chest-local-3')
    expect(problemsOf({ ...state().form, id: 'chest-local-2' }, paused).id).toContain('not finished')
  })
  it('says what is missing or taken', () => {
    expect(problemsOf(state().form, around)).toEqual({})
    expect(Object.keys(problemsOf({ ...emptyForm, id: 'chest', seed: '1.5' }, around))).toEqual(['data', 'id', 'seed'])
    expect(problemsOf({ ...state().form, id: 'Chest!' }, around).id).toContain('small letters')
    expect(jobOf({ ...state().form, data: ' ' }, around)).toBeNull()
  })
})

describe('the plan', () => {
  it('is asked for once the scans are named, not at any part of a path, and speaks of those scans alone', async () => {
    for (const data of ['/', '/a', '/ab']) {
      changeForm({ data })
      await settled()
    }
    expect([asked('models.planCalibration'), state().planning]).toEqual([[], null])
    await namedScans()
    await namedScans()
    expect(asked('models.planCalibration')).toEqual([{ bundle: 'chest', data: '/ab', keepScores: false }])
    expect([speaksOf(state().planning, state().form), isEnough(state().planning!.plan)]).toEqual([true, true])
    expect(speaksOf(state().planning, { ...state().form, keepScores: true })).toBe(false)
    expect(isEnough({ ...plan, lacks: [{ code: 'too-few', atLeast: 24 }] })).toBe(false)
  })
  it('tells why there is none', async () => {
    answers({ 'models.planCalibration': new AssayError('file-not-found', 'There is no /a.') })
    changeForm({ data: '/a' })
    await namedScans()
    expect(state().planning).toMatchObject({ plan: null, error: { code: 'file-not-found' } })
  })
  it('follows a folder that was handed over', async () => {
    await takeScans({ deliver: async () => ({ paths: ['/up/1.png', '/up/2.png'], failures: [] }) } as never)
    await settled()
    expect(asked('models.planCalibration')).toEqual([{ bundle: 'chest', data: '/up', keepScores: false }])
  })
})

describe('a calibration', () => {
  const done = (): void => receiveCalibration({ name: 'job', payload: job({ state: 'done', endedAt: 5 }) })
  it('is followed to its result, read once, and its bundle is among the models then', async () => {
    await startCalibration()
    expect(asked('jobs.start')).toMatchObject([{ kind: 'calibrate', parameters: { out: '/data/bundles/chest-local-2' } }])
    expect([state().view, isRunning(state().run)]).toEqual(['run', true])
    receiveCalibration({ name: 'job', payload: job({ id: 'another', state: 'done' }) })
    done()
    done()
    await settled()
    expect(state().run).toMatchObject({ name: 'Chest, local 2', made: 'chest-local-2', report: { calibrationCount: 84 } })
    expect([asked('jobs.wait'), asked('bundles.list')].map(({ length }) => length)).toEqual([1, 1])
  })
  it('that ended before its number was known is found', async () => {
    answers({ 'jobs.list': [job({ state: 'done' })] })
    await startCalibration()
    expect(state().run?.report).toEqual(report)
  })
  it('comes back after a reload: one that runs to the front, one that has ended when it is asked for', async () => {
    await startCalibration()
    useCalibrating.setState({ view: 'closed', run: null })
    await findCalibration()
    expect([state().view, state().run?.made, isRunning(state().run)]).toEqual(['run', 'chest-local-2', true])
    useCalibrating.setState({ view: 'closed', run: null })
    answers({ 'jobs.list': [job({ state: 'done' })] })
    await findCalibration()
    expect([state().view, state().run?.report]).toEqual(['closed', report])
    forgetCalibration()
    await findCalibration()
    expect(state().run).toBeNull()
  })
  it('whose records are gone is forgotten', async () => {
    await startCalibration()
    useCalibrating.setState({ run: null })
    answers({ 'jobs.list': [] })
    await findCalibration()
    expect(state().run).toBeNull()
    expect(kept.get('assay.calibration')).toBe('')
  })
  it('can be stopped, and says so; a failure says why', async () => {
    await startCalibration()
    await stopCalibration()
    expect(asked('jobs.cancel')).toEqual([{ jobId: 'one' }])
    receiveCalibration({ name: 'job', payload: job({ state: 'cancelled' }) })
    await settled()
    expect(state().run).toMatchObject({ report: null, error: { code: 'cancelled' } })
    await startCalibration()
    receiveCalibration({ name: 'job', payload: job({ state: 'failed', error: { code: 'data-set-invalid', message: 'Too few.', facts: {} } }) })
    await settled()
    expect(state().run?.error?.code).toBe('data-set-invalid')
  })
  it('that cannot be started leaves the form with the reason', async () => {
    answers({ 'jobs.start': new AssayError('output-not-writable', 'No.') })
    await startCalibration()
    expect(state()).toMatchObject({ run: null, starting: false, startError: { code: 'output-not-writable' } })
  })
  it('that runs is what opens, for whichever bundle; then the form', async () => {
    await startCalibration()
    openCalibration(bundles[1]!)
    expect(state().view).toBe('run')
    done()
    await settled()
    openCalibration(bundles[1]!)
    expect(state()).toMatchObject({ view: 'form', form: { bundle: 'chest-local', data: '/scans' } })
  })
})
