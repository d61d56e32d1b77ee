/**
 * Entry of a worker that decodes files from anywhere: one task at a time, pixels handed over without a copy. What it
 * meets it may die of; the pool starts another.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { serializeError } from '../../../shared/errors'
import type { StoredPixels } from '../decoded-image'
import { outOfMemory } from './errors'
import { FileKeeper } from './file-keeper'
import { ordinaryBytes, ordinaryFrames } from './limits'
import type { DecodeWorkerData, FromDecodeWorker, ToDecodeWorker } from './messages'
import type { DecodeResult, DecodeTask } from './task'
import { runTask } from './task'
import { guardWasmMemory } from './wasm-memory'

const port = parentPort!
const { wasmBytes } = workerData as DecodeWorkerData

// Libraries print what they think of a file; the console of the application is not theirs.
if (!process.env.ASSAY_DEBUG) for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined

const heaps = guardWasmMemory(wasmBytes)
/** Heaps never shrink: a worker with larger ones gives them back by ending. */
const ordinaryHeapBytes = 256 * 2 ** 20

let current = 0
const files = new FileKeeper(true, ({ bytes, framesAtOnce }) => {
  // An ordinary file needs no word before it is done.
  if (bytes > ordinaryBytes || framesAtOnce > ordinaryFrames) post({ type: 'opened', id: current, bytes, framesAtOnce })
})

const post = (message: FromDecodeWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

/** The values on a buffer of their own. A view of a part would take the whole buffer along, and an open file needs its own. */
function movable<T extends StoredPixels>(values: T, keepsOwn: boolean): T {
  const whole = values.byteLength === values.buffer.byteLength && values.buffer instanceof ArrayBuffer
  return whole && !keepsOwn ? values : (values.slice() as T)
}

/** A result ready to cross, and the buffers that are handed over with it. */
function packed(task: DecodeTask, result: DecodeResult): { result: DecodeResult; transfer: ArrayBuffer[] } {
  if (result instanceof Uint8Array) {
    // A Buffer would arrive as plain bytes anyway, and its slice() would not copy.
    const bytes = movable(new Uint8Array(result.buffer, result.byteOffset, result.byteLength), false)
    return { result: bytes, transfer: [bytes.buffer as ArrayBuffer] }
  }
  if (Array.isArray(result)) return { result, transfer: [] }
  // All frames at once may be the very buffer of an open file.
  if (task.kind === 'stored') files.forget()
  const pixels = movable(result.pixels, files.keptPath !== undefined)
  const own = { ...result, pixels }
  if ('voiTables' in own && own.voiTables) own.voiTables = own.voiTables.map((table) => ({ ...table, values: table.values.slice() }))
  return { result: own, transfer: [pixels.buffer as ArrayBuffer] }
}

function* causes(error: unknown): Generator<Error> {
  let at = error
  for (let depth = 0; at instanceof Error && depth < 10; depth++) {
    yield at
    at = at.cause
  }
}

const allocationFailed = (error: Error): boolean => error instanceof RangeError && /allocation failed|out of memory/i.test(error.message)

port.on('message', async ({ id, task }: ToDecodeWorker) => {
  current = id
  heaps.reset()
  const ended = (spent = false) => ({
    type: 'done' as const,
    id,
    kept: files.keptPath,
    spent: spent || heaps.refused || heaps.bytes() > ordinaryHeapBytes,
  })
  try {
    const { result, transfer } = packed(task, await runTask(task, files))
    post({ ...ended(), result }, transfer)
  } catch (error) {
    const chain = [...causes(error)]
    const noMemory = heaps.refused || chain.some(allocationFailed)
    // After a trap, a codec's heap may be in any state.
    const trapped = chain.some((cause) => cause instanceof WebAssembly.RuntimeError)
    post({ ...ended(trapped || noMemory), error: serializeError(noMemory ? outOfMemory(task.path, wasmBytes) : error) })
  }
})

post({ type: 'ready' })
