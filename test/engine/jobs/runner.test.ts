import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EnginePlaces, JobContext, JobDefinition, JobOutcome } from '../../../src/engine/jobs/definition'
import { createJobRunner } from '../../../src/engine/jobs/runner'
import type { AnyEvent } from '../../../src/shared/contract'
import { AssayError } from '../../../src/shared/errors'
import type { Job } from '../../../src/shared/types'

let places: EnginePlaces
let events: AnyEvent[]
beforeEach(() => {
  places = { version: '9.9.9', dataFolder: mkdtempSync(join(tmpdir(), 'assay-jobs-')), bundleFolders: [], samplesFolder: '' }
  events = []
})
afterEach(() => rmSync(places.dataFolder, { recursive: true, force: true }))

const runner = () => createJobRunner(places, (event) => events.push(event))
const job = (run: (context: JobContext) => Promise<JobOutcome>): JobDefinition<'calibrate'> => ({ kind: 'calibrate', title: () => 'A test job', run: (_parameters, context) => run(context) })
const asked = { bundle: 'b', data: '/data', provider: 'auto' as const, keepScores: false, seed: 0 }
const recordOf = (id: string) => JSON.parse(readFileSync(join(places.dataFolder, 'jobs', id, 'job.json'), 'utf8')) as { job: Job; parameters: unknown; versions: { assay: string }; processId: number }
const states = (id: string) => events.flatMap((event) => (event.name === 'job' && event.payload.id === id ? [event.payload.state] : []))

/** Runs until it is cancelled. */
const endless = job(({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new AssayError('cancelled', 'Cancelled.')))))

describe('the job runner', () => {
  it('runs a job to its result and keeps a record of it', async () => {
    const jobs = runner()
    const started = await jobs.start(job(async () => ({ result: { answer: 42 }, exitCode: 3 })), asked)
    expect(started.state).toBe('queued')
    expect(await jobs.wait(started.id)).toMatchObject({ job: { state: 'done' }, result: { answer: 42 }, exitCode: 3 })
    expect(recordOf(started.id)).toMatchObject({ job: { state: 'done' }, parameters: asked, versions: { assay: '9.9.9' } })
    expect(states(started.id)).toEqual(['queued', 'running', 'done'])
  })

  it('runs one job at a time, in the order they came', async () => {
    const jobs = runner()
    const log: string[] = []
    const step = (name: string) =>
      job(async () => {
        log.push(`${name} begins`)
        await new Promise((resolve) => setTimeout(resolve, 10))
        log.push(`${name} ends`)
        return { result: null, exitCode: 0 }
      })
    const started = [await jobs.start(step('first'), asked), await jobs.start(step('second'), asked)]
    await Promise.all(started.map(({ id }) => jobs.wait(id)))
    expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
  })

  it('reports a failing job through its error and goes on with the next', async () => {
    const jobs = runner()
    const failing = await jobs.start(job(() => Promise.reject(new AssayError('data-set-invalid', 'There are no images.', { path: '/data' }))), asked)
    const next = await jobs.start(job(async () => ({ result: 1, exitCode: 0 })), asked)
    expect(await jobs.wait(failing.id)).toMatchObject({ job: { state: 'failed', error: { code: 'data-set-invalid', facts: { path: '/data' } } }, exitCode: 1 })
    expect(await jobs.wait(next.id)).toMatchObject({ job: { state: 'done' } })
  })

  it('cancels a running job, and a queued one without waiting for its turn', async () => {
    const jobs = runner()
    const running = await jobs.start(endless, asked)
    const queued = await jobs.start(endless, asked)
    await jobs.cancel(queued.id)
    expect(await jobs.wait(queued.id)).toMatchObject({ job: { state: 'cancelled' }, exitCode: 1 })
    expect(states(queued.id)).toEqual(['queued', 'cancelled'])
    await jobs.cancel(running.id)
    expect(await jobs.wait(running.id)).toMatchObject({ job: { state: 'cancelled' } })
  })

  it('sends at most some ten progress events a second, the end state never lost', async () => {
    const jobs = runner()
    const started = await jobs.start(
      job(async ({ progress }) => {
        for (let done = 1; done <= 500; done++) {
          progress({ done, total: 500 })
          if (done % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        }
        return { result: null, exitCode: 0 }
      }),
      asked,
    )
    const { job: end } = await jobs.wait(started.id)
    const seconds = (end.endedAt! - end.startedAt) / 1000
    expect(events.length).toBeLessThanOrEqual(3 + Math.ceil(seconds * 10) + 1)
    expect(events.length).toBeGreaterThan(3)
    expect(events.at(-1)).toMatchObject({ name: 'job', payload: { state: 'done', done: 500 } })
  })

  it('lists jobs of earlier runs, newest first, and knows their results', async () => {
    const earlier = runner()
    const { id } = await earlier.start(job(async () => ({ result: { kept: true }, exitCode: 0 })), asked)
    await earlier.wait(id)
    const later = runner()
    expect(await later.list()).toMatchObject([{ id, state: 'done' }])
    expect(await later.wait(id)).toMatchObject({ result: { kept: true }, exitCode: 0 })
  })

  it('calls a job failed whose process is gone', async () => {
    const jobs = runner()
    const { id } = await jobs.start(job(async () => ({ result: 1, exitCode: 0 })), asked)
    await jobs.wait(id)
    const record = recordOf(id)
    // Larger than any process id that Linux, macOS or Windows hand out.
    Object.assign(record, { processId: 2 ** 30, job: { ...record.job, state: 'running', endedAt: null } })
    writeFileSync(join(places.dataFolder, 'jobs', id, 'job.json'), JSON.stringify(record))
    expect(await runner().list()).toMatchObject([{ id, state: 'failed', error: { code: 'engine-stopped' } }])
  })

  it.each(['nope', '../../etc', ''])('knows no job %j', async (id) => {
    await expect(runner().wait(id)).rejects.toMatchObject({ code: 'job-not-found' })
    await expect(runner().cancel(id)).rejects.toMatchObject({ code: 'job-not-found' })
  })

  it('refuses to start where no record can be kept', async () => {
    writeFileSync(join(places.dataFolder, 'jobs'), 'a file where the folder should be')
    await expect(runner().start(endless, asked)).rejects.toMatchObject({ code: 'output-not-writable' })
  })

  it('cancels what runs when it is stopped, and the record says so', async () => {
    const jobs = runner()
    const { id } = await jobs.start(endless, asked)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await jobs.stop()
    expect(recordOf(id).job.state).toBe('cancelled')
  })
})
