/**
 * The sentences of decoding that was stopped, written once.
 */
import { AssayError } from '../../../shared/errors'

const amount = (bytes: number): string => (bytes >= 2 ** 30 ? `${Math.round((bytes / 2 ** 30) * 10) / 10} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`)

export const timedOut = (path: string, milliseconds: number): AssayError =>
  new AssayError('decode-timeout', `${path} was not decoded within ${Math.round(milliseconds / 100) / 10} s and was given up; convert it with another program first.`, {
    path,
    milliseconds,
  })

export const outOfMemory = (path: string, bytes: number): AssayError =>
  new AssayError('decode-out-of-memory', `${path} needs more than the ${amount(bytes)} of memory that Assay gives to one file; crop, split or convert it first.`, {
    path,
    bytes,
  })

export const workerDied = (path: string, why: string): AssayError =>
  new AssayError('internal', `The worker that decoded ${path} stopped unexpectedly (${why}); convert the file with another program first.`, { path })

export const poolClosed = (path: string): AssayError => new AssayError('engine-stopped', 'Assay is closing.', { path })

/** What an aborted signal stands for: its own reason where that is one of our errors. */
export const cancelled = (signal: AbortSignal): AssayError => (signal.reason instanceof AssayError ? signal.reason : new AssayError('cancelled', 'Cancelled.'))
