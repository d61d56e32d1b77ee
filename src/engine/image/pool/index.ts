/**
 * The process's one pool, started at the first file. `ASSAY_DECODE=inline` decodes on the calling thread instead, without
 * any limit: for tests that are to run the sources as they are.
 */
import { availableParallelism } from 'node:os'
import { cancelled } from './errors'
import { DecodePool } from './pool'
import type { DecodeResults, DecodeTask } from './task'
import { decodeWorkerFile } from './worker-file'

let pool: DecodePool | undefined

/** @throws AssayError like `DecodePool.run` */
export async function decodeFile<K extends DecodeTask['kind']>(task: Extract<DecodeTask, { kind: K }>, signal?: AbortSignal): Promise<DecodeResults[K]> {
  if (process.env.ASSAY_DECODE === 'inline') return decodeInline(task, signal)
  pool ??= new DecodePool({ workerFile: decodeWorkerFile(), size: Math.min(4, availableParallelism()) })
  return pool.run(task, signal)
}

/** Ends the workers; the next file starts others. */
export async function closeDecoders(): Promise<void> {
  const closing = pool
  pool = undefined
  await closing?.close()
}

async function decodeInline<K extends DecodeTask['kind']>(task: Extract<DecodeTask, { kind: K }>, signal?: AbortSignal): Promise<DecodeResults[K]> {
  if (signal?.aborted) throw cancelled(signal)
  // Loaded here alone: the thread that has a pool needs no decoders.
  const [{ runTask }, { FileKeeper }] = await Promise.all([import('./task'), import('./file-keeper')])
  return (await runTask(task, new FileKeeper(false))) as DecodeResults[K]
}
