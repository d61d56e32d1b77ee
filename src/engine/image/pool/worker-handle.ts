/**
 * One decode worker as its pool sees it: started at once, one task at a time, ended for good.
 */
import { Worker } from 'node:worker_threads'
import type { DecodeLimits } from './limits'
import { heapLimitMiB } from './limits'
import type { DecodeWorkerData, FromDecodeWorker, ToDecodeWorker } from './messages'

export interface WorkerListeners {
  onMessage(message: FromDecodeWorker): void
  /** It is gone, unasked or not; `error` is what it died of. Called once. */
  onGone(error: Error | undefined): void
}

/** A system call that does not return keeps a thread alive; nobody waits for it longer. */
const graceMilliseconds = 2000

export class DecodeWorker {
  private readonly worker: Worker
  private readonly gone: Promise<void>

  constructor(file: string, limits: DecodeLimits, listeners: WorkerListeners) {
    const workerData: DecodeWorkerData = { wasmBytes: limits.memory }
    // Flags of the process (loaders, inspectors) are not for it.
    this.worker = new Worker(file, { name: 'decode', workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB(limits) } })
    let error: Error | undefined
    this.worker.on('error', (cause) => (error ??= cause as Error))
    this.worker.on('messageerror', (cause) => (error ??= cause))
    this.worker.on('message', (message: FromDecodeWorker) => listeners.onMessage(message))
    this.gone = new Promise((resolve) =>
      this.worker.once('exit', () => {
        resolve()
        listeners.onGone(error)
      }),
    )
    this.worker.unref()
  }

  /** Keeps the process alive until `rest`. */
  run(message: ToDecodeWorker): void {
    this.worker.ref()
    this.worker.postMessage(message)
  }

  /** It has nothing to do: a process with nothing else to do may end. */
  rest(): void {
    this.worker.unref()
  }

  /** Stops it in the middle of whatever it does. Resolves when it is gone, or is not going to be. */
  async end(): Promise<void> {
    void this.worker.terminate()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.gone, new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMilliseconds)))])
    clearTimeout(timer)
  }
}
