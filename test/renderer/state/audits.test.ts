/** The images of a run by what became of them, and how an audit is followed while it runs. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AuditImage, AuditReport, AuditRun, ImageFate } from '../../../src/shared/audit'
import { AssayError } from '../../../src/shared/errors'
import type { Job } from '../../../src/shared/types'

const call = vi.fn<(name: string, input: unknown) => Promise<unknown>>()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (name: string, input: unknown) => call(name, input) } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { changeForm, receiveAudit, resumeAudit, selectAudit, startAudit, useAudits } = await import('../../../src/renderer/state/audits')
const { emptyForm } = await import('../../../src/renderer/state/audit-form')
const { filterImages } = await import('../../../src/renderer/state/audit-images')

const image = (number: number, fate: ImageFate): AuditImage => ({ image: number, fate }) as AuditImage

describe('the images of a run', () => {
  const images = (['resisted', 'broken', 'evaded', 'wrong', 'beyond', 'untried'] as const).map((fate, i) => image(i, fate))
  it('are found by what became of them, as the table counts: the unnoticed are broken too, and what took more than ε resisted', () => {
    const numbers = (filter: 'all' | 'broken' | 'resisted' | 'evaded'): number[] => filterImages(images, filter).map((each) => each.image)
    expect([numbers('broken'), numbers('evaded'), numbers('resisted')]).toEqual([[1, 2], [2], [0, 4]])
    expect(numbers('all')).toHaveLength(6)
  })
})

describe('the plan of an audit', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('that meets names which are no class asks for them in the form, and is made with the answers', async () => {
    useAudits.setState({ form: emptyForm })
    call.mockReset()
    call.mockRejectedValueOnce(new AssayError('data-set-invalid', 'The folder opacity is none of the classes.', { unknown: 'opacity' }))
    call.mockResolvedValue({})
    changeForm({ bundle: 'chest', data: '/test' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(useAudits.getState()).toMatchObject({ planError: { code: 'data-set-invalid' }, form: { classNames: { opacity: '' } } })
    changeForm({ classNames: { opacity: 'PNEUMONIA' } })
    await vi.advanceTimersByTimeAsync(1000)
    expect(call.mock.calls.map(([, input]) => (input as { classNames?: object }).classNames)).toEqual([undefined, { opacity: 'PNEUMONIA' }])
    expect(useAudits.getState().planError).toBeNull()
    changeForm({ data: '/others' })
    expect(useAudits.getState().form.classNames).toEqual({})
    await vi.advanceTimersByTimeAsync(1000)
    // Of one finding the classes are with it and without: there is nothing to choose from.
    call.mockRejectedValueOnce(new AssayError('data-set-invalid', 'None.', { unknown: 'opacity' }))
    changeForm({ finding: 'Effusion' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(useAudits.getState()).toMatchObject({ planError: { code: 'data-set-invalid' }, form: { classNames: {} } })
  })
})

describe('an audit that runs', () => {
  const job = (state: Job['state'], done = 0): Job => ({ id: 'one', kind: 'audit', title: '', state, done, total: 10, message: '', startedAt: 0, endedAt: null }) as unknown as Job
  const run = (done: number, total: number) => ({ name: 'audit.run' as const, payload: { jobId: 'one', run: { id: 'oblivious/fgsm/linf/4' } as AuditRun, done, total, row: null } })
  const read = (): number => call.mock.calls.filter(([name]) => name === 'audit.report').length
  const report = (n: number, runs: number): AuditReport => ({ n, runs: Array.from({ length: runs }) }) as unknown as AuditReport
  const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)

  beforeEach(() => {
    vi.useFakeTimers()
    call.mockReset()
    useAudits.setState({ selected: null, report: null, jobs: [job('running')], audits: [] })
  })
  afterEach(() => void vi.useRealTimers())

  it('has no results at first, which is no error, and is read again until a run is there', async () => {
    call.mockResolvedValue(null)
    await selectAudit('one')
    expect(useAudits.getState()).toMatchObject({ report: null, reportError: null, loading: false })
    call.mockResolvedValue(report(12, 0))
    for (let done = 1; done < 5; done++) receiveAudit({ name: 'job', payload: job('running', done) })
    await later(2000)
    expect(read(), 'a burst of news is one reading').toBe(2)
    expect(useAudits.getState().report?.n).toBe(12)
  })

  it('is read again when a run is done, not for every chunk of it, and not when another is looked at', async () => {
    call.mockResolvedValue(report(12, 1))
    await selectAudit('one')
    receiveAudit(run(1, 2))
    receiveAudit({ name: 'job', payload: job('running', 5) })
    await later(2000)
    expect(read()).toBe(1)
    receiveAudit(run(2, 2))
    await later(2000)
    expect(read()).toBe(2)
    useAudits.setState({ selected: 'other' })
    receiveAudit(run(2, 2))
    await later(2000)
    expect(read()).toBe(2)
  })

  it('is read a last time at its end', async () => {
    call.mockImplementation((name) => Promise.resolve(name === 'audit.report' ? report(12, 1) : []))
    await selectAudit('one')
    receiveAudit({ name: 'job', payload: job('done', 10) })
    await later(0)
    expect(read()).toBe(2)
  })
})

describe('a form that is filled in', () => {
  it('starts one audit, also while that one is not shown yet', async () => {
    let list = (_: unknown): void => undefined
    const listed = new Promise((resolve) => (list = resolve))
    call.mockReset()
    call.mockImplementation((name) => (name === 'jobs.start' ? Promise.resolve({ id: 'new', kind: 'audit', state: 'queued' }) : name === 'audit.list' ? listed : Promise.resolve(name === 'audit.report' ? null : [])))
    useAudits.setState({ selected: null, form: { ...emptyForm, bundle: 'tiny', data: '/data' } })
    const first = startAudit()
    // The engine computes by now, and is slow to say which audits there are.
    await vi.waitFor(() => expect(call.mock.calls.map(([name]) => name)).toContain('audit.list'))
    const second = startAudit()
    list([])
    await Promise.all([first, second])
    expect(call.mock.calls.filter(([name]) => name === 'jobs.start')).toHaveLength(1)
    expect(useAudits.getState()).toMatchObject({ selected: 'new', starting: false })
  })
})

describe('an audit that was stopped', () => {
  it('is gone on with once, however often that is asked for before it has begun', async () => {
    call.mockReset()
    call.mockImplementation((name) => Promise.resolve(name === 'audit.resume' ? { id: 'two', kind: 'audit', state: 'queued' } : name === 'audit.report' ? null : []))
    const stopped = { jobId: 'one', state: 'cancelled' } as never
    await Promise.all([resumeAudit(stopped), resumeAudit(stopped)])
    expect(call.mock.calls.filter(([name]) => name === 'audit.resume')).toHaveLength(1)
    await resumeAudit(stopped)
    expect(call.mock.calls.filter(([name]) => name === 'audit.resume')).toHaveLength(2)
  })
})
