/**
 * What a room hands in to be run as a job: long work with progress, cancel and a durable record.
 * The runner (runner.ts) gives it a context; the work never touches transports or fronts.
 */
import type { AnyEvent } from '../../shared/contract'
import type { JobParameters } from '../../shared/job-parameters'
import type { JobKind } from '../../shared/types'

/** Where the engine finds and keeps things. */
export interface EnginePlaces {
  version: string
  /** The application's own writable folder. */
  dataFolder: string
  /** Folders whose children are bundles, searched in order when a bundle is named by id. */
  bundleFolders: string[]
  /** Folder of the shipped samples. */
  samplesFolder: string
}

/** Bytes kept for fronts to fetch by handle. */
export interface ByteStore {
  put(entry: { bytes: Uint8Array; mediaType: string; fileName?: string }): string
}

export interface JobContext {
  readonly jobId: string
  readonly signal: AbortSignal
  /** Fires when the person wants the job to end well now, with what it has; jobs that cannot do so go on to their end. */
  readonly finish?: AbortSignal
  readonly places: EnginePlaces
  /** Folder of the job's own records; exists. */
  readonly folder: string
  progress(update: { done?: number; total?: number; message?: string }): void
  emit(event: AnyEvent): void
}

export interface JobOutcome {
  /** What `--json` prints and `jobs.wait` answers. */
  result: unknown
  /** 3 when the job is done but some inputs could not be read. */
  exitCode: 0 | 3
}

export interface JobDefinition<K extends JobKind = JobKind> {
  readonly kind: K
  title(parameters: JobParameters[K]): string
  /** Whether its results are left out of the events. */
  quiet?(parameters: JobParameters[K]): boolean
  /** @throws AssayError; `cancelled` when the signal fired. */
  run(parameters: JobParameters[K], context: JobContext): Promise<JobOutcome>
}
