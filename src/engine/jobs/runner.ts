/**
 * Runs job definitions one after another: they are all heavy, and two at once would only slow each other down. While
 * one runs, the engine still answers short calls between its steps.
 */
import type { AnyEvent, CallOutput } from '../../shared/contract'
import { AssayError, serializeError, toAssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import type { Job, JobKind } from '../../shared/types'
import type { EnginePlaces, JobContext, JobDefinition } from './definition'
import { createPace } from './pace'
import { createJobFolder, listRecords, newJobId, readRecord, readResult, writeRecord, writeResult } from './records'
import type { JobRecord } from './records'
import { throttle } from './throttle'

export type JobEnd = CallOutput<'jobs.wait'>

export interface JobRunner {
  /** Queues the job. @throws AssayError `output-not-writable` when no record can be kept. */
  start<K extends JobKind>(definition: JobDefinition<K>, parameters: JobParameters[K]): Promise<Job>
  /** Recent jobs, newest first, those of earlier runs of Assay included. */
  list(): Promise<Job[]>
  /** @throws AssayError `job-not-found` */
  cancel(jobId: string): Promise<Job>
  /** Asks the job to end well with what it has. @throws AssayError `job-not-found` */
  finish(jobId: string): Promise<Job>
  /** Resolves when the job has ended, however it ended. @throws AssayError `job-not-found` */
  wait(jobId: string): Promise<JobEnd>
  /** Jobs that have not ended. */
  live(): ReadonlySet<string>
  /** Cancels everything and resolves when the records are written. */
  stop(): Promise<void>
}

interface LiveJob {
  record: JobRecord
  readonly folder: string
  readonly controller: AbortController
  readonly finishing: AbortController
  readonly ended: Promise<JobEnd>
}

const eventInterval = 100
const recordInterval = 5000

const notFound = (jobId: string): AssayError =>
  new AssayError('job-not-found', 'There is no such job, or another running Assay owns it.', { jobId: jobId.slice(0, 80) })

export function createJobRunner(places: EnginePlaces, emit: (event: AnyEvent) => void): JobRunner {
  const live = new Map<string, LiveJob>()
  let queue: Promise<unknown> = Promise.resolve()

  const announce = (job: Job): void => emit({ name: 'job', payload: { ...job } })

  async function run<K extends JobKind>(definition: JobDefinition<K>, parameters: JobParameters[K], entry: Omit<LiveJob, 'ended'>): Promise<JobEnd> {
    const { record, folder, controller, finishing } = entry
    const { job } = record
    const pace = createPace()
    const publish = throttle(() => {
      job.remainingSeconds = pace.remainingSeconds(Date.now())
      announce(job)
    }, eventInterval)
    // Written one at a time; a record that fails to be written in between is no reason to stop the work.
    let writing: Promise<unknown> = Promise.resolve()
    const save = throttle(() => void (writing = writing.then(() => writeRecord(folder, record)).catch(() => {})), recordInterval)

    async function finish(state: Job['state'], exitCode: JobEnd['exitCode'], result: unknown, error?: unknown): Promise<JobEnd> {
      publish.cancel()
      save.cancel()
      Object.assign(job, { state, endedAt: Date.now(), remainingSeconds: null, ...(error === undefined ? {} : { error: serializeError(error) }) })
      record.exitCode = exitCode
      await writing
      try {
        if (state === 'done') await writeResult(folder, result)
        await writeRecord(folder, record)
      } catch {
        // The job's own outcome stands; only its record is lost.
      }
      announce(job)
      return { job: { ...job }, result, exitCode }
    }

    if (controller.signal.aborted) return finish('cancelled', 1, null)
    job.state = 'running'
    job.startedAt = Date.now()
    save()
    announce(job)
    const context: JobContext = {
      jobId: job.id,
      signal: controller.signal,
      finish: finishing.signal,
      places,
      folder,
      emit,
      progress({ done = job.done, total = job.total, message = job.message }) {
        if (job.endedAt !== null) return
        Object.assign(job, { done, total, message })
        pace.update(done, total, Date.now())
        publish()
        save()
      },
    }
    try {
      const { result, exitCode } = await definition.run(parameters, context)
      return await finish('done', exitCode, result)
    } catch (error) {
      if (toAssayError(error).code === 'cancelled') return finish('cancelled', 1, null)
      if (process.env.ASSAY_DEBUG) console.error(error)
      return finish('failed', 1, null, error)
    }
  }

  return {
    async start(definition, parameters) {
      const now = new Date()
      const id = newJobId(now)
      const folder = await createJobFolder(places.dataFolder, id)
      const job: Job = {
        id,
        kind: definition.kind,
        state: 'queued',
        title: definition.title(parameters),
        done: 0,
        total: 0,
        message: '',
        startedAt: now.getTime(),
        endedAt: null,
        remainingSeconds: null,
        ...(definition.quiet?.(parameters) && { quiet: true }),
      }
      const versions = { assay: places.version, node: process.versions.node, platform: `${process.platform}-${process.arch}` }
      const record: JobRecord = { format: 'assay-job/1', job, parameters: { ...parameters }, versions, processId: process.pid, exitCode: null }
      await writeRecord(folder, record)
      const entry = { record, folder, controller: new AbortController(), finishing: new AbortController() }
      // A job that is cancelled while it waits ends at once.
      const cancelled = new Promise<void>((resolve) => entry.controller.signal.addEventListener('abort', () => resolve()))
      const ended = Promise.race([queue, cancelled]).then(() => run(definition, parameters, entry))
      queue = Promise.all([queue, ended])
      live.set(id, { ...entry, ended })
      announce(job)
      return { ...job }
    },

    async list() {
      const kept = (await listRecords(places.dataFolder)).map(({ job }) => live.get(job.id)?.record.job ?? job)
      return kept.map((job) => ({ ...job }))
    },

    async cancel(jobId) {
      const entry = live.get(jobId)
      if (!entry) throw notFound(jobId)
      entry.controller.abort(new AssayError('cancelled', 'Cancelled.'))
      return { ...entry.record.job }
    },

    async finish(jobId) {
      const entry = live.get(jobId)
      if (!entry) throw notFound(jobId)
      entry.finishing.abort()
      return { ...entry.record.job }
    },

    async wait(jobId) {
      const entry = live.get(jobId)
      if (entry) return entry.ended
      const record = await readRecord(places.dataFolder, jobId)
      if (!record || record.exitCode === null) throw notFound(jobId)
      return { job: record.job, result: await readResult(places.dataFolder, jobId), exitCode: record.exitCode }
    },

    live: () => new Set([...live.values()].flatMap(({ record: { job } }) => (job.endedAt === null ? [job.id] : []))),

    async stop() {
      for (const { controller } of live.values()) controller.abort(new AssayError('cancelled', 'Assay is closing.'))
      await queue
    },
  }
}
