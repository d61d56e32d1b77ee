/**
 * What a decode worker and the pool say to each other.
 */
import type { SerializedError } from '../../../shared/errors'
import type { DecodeResult, DecodeTask } from './task'

export interface DecodeWorkerData {
  /** Bytes that WebAssembly heaps may have together. */
  wasmBytes: number
}

export interface ToDecodeWorker {
  id: number
  task: DecodeTask
}

interface Ended {
  type: 'done'
  id: number
  /** Path of the file that the worker keeps open. */
  kept?: string | undefined
  /** The worker is not to be used again: a codec trapped, or its heaps have grown large. */
  spent: boolean
}

export type FromDecodeWorker =
  | { type: 'ready' }
  /** How much work a large file is. */
  | { type: 'opened'; id: number; bytes: number; framesAtOnce: number }
  | (Ended & { result: DecodeResult })
  | (Ended & { error: SerializedError })
