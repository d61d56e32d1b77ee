/**
 * Decodes files in workers, each file within a limit of time and of memory. A file that goes beyond costs its worker and
 * gets a typed error; the others go on. Workers start when there is work and end when there has been none for a while.
 */
import { AssayError } from '../../../shared/errors'
import { cancelled, outOfMemory, poolClosed, timedOut, workerDied } from './errors'
import type { DecodeLimits } from './limits'
import { defaultLimits, timeFactor } from './limits'
import { MemoryWatch, residentBytes } from './memory-watch'
import type { FromDecodeWorker } from './messages'
import type { DecodeResult, DecodeResults, DecodeTask } from './task'
import { DecodeWorker } from './worker-handle'

export type WorkerEnd = 'idle' | 'closed' | 'spent' | 'cancelled' | 'time' | 'memory' | 'died'

export interface DecodePoolOptions {
  workerFile: string
  /** Workers at most. */
  size: number
  limits?: Partial<DecodeLimits>
  /** Workers that had nothing to do for so long give their memory back. */
  idleMilliseconds?: number
  /** Told of every worker's end; for measurements and tests. */
  onWorkerEnd?: (reason: WorkerEnd) => void
  /** Memory of the process, in bytes; tests say it themselves, since what a system gives and takes meanwhile is not theirs to know. */
  residentBytes?: () => number
}

interface Job {
  task: DecodeTask
  settle: { resolve(result: DecodeResult): void; reject(error: AssayError): void }
  settled: boolean
  /** Was in a worker that was ended for memory which may have been another's: goes again, with no other beside it. */
  alone: boolean
}

interface Running {
  id: number
  job: Job
  beganAt: number
  /** Memory of the process when it began. */
  baseline: number
  /** Of the file, beside the limit. */
  fileBytes: number
  milliseconds: number
  timer: NodeJS.Timeout | undefined
}

interface Slot {
  worker: DecodeWorker
  ready: boolean
  running: Running | undefined
  /** Path of the file that it keeps open. */
  kept: string | undefined
  end: WorkerEnd | undefined
  idle: NodeJS.Timeout | undefined
}

export class DecodePool {
  private readonly limits: DecodeLimits
  private readonly residentBytes: () => number
  private readonly slots = new Set<Slot>()
  private queue: Job[] = []
  private nextId = 1
  private closed = false
  private readonly watch = new MemoryWatch(() => this.relieve())

  constructor(private readonly options: DecodePoolOptions) {
    this.limits = { ...defaultLimits, ...options.limits }
    this.residentBytes = options.residentBytes ?? residentBytes
  }

  /**
   * @param signal takes a waiting task back; a running one ends with its worker.
   * @throws AssayError what decoding can meet; `decode-timeout`, `decode-out-of-memory`, `cancelled`, `engine-stopped`
   */
  async run<K extends DecodeTask['kind']>(task: Extract<DecodeTask, { kind: K }>, signal?: AbortSignal): Promise<DecodeResults[K]> {
    if (this.closed) throw poolClosed(task.path)
    if (signal?.aborted) throw cancelled(signal)
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.cancel(job, cancelled(signal!))
      const settled = (): void => {
        job.settled = true
        signal?.removeEventListener('abort', onAbort)
      }
      const job: Job = {
        task,
        settled: false,
        alone: false,
        settle: {
          resolve: (result) => {
            settled()
            resolve(result as DecodeResults[K])
          },
          reject: (error) => {
            settled()
            reject(error)
          },
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.queue.push(job)
      this.dispatch()
    })
  }

  /** Ends all workers; what runs and what waits is rejected. */
  async close(): Promise<void> {
    this.closed = true
    for (const job of this.queue.splice(0)) job.settle.reject(poolClosed(job.task.path))
    await Promise.all([...this.slots].map((slot) => this.end(slot, 'closed', slot.running && poolClosed(slot.running.job.task.path))))
  }

  private dispatch(): void {
    while (this.queue.length > 0 && !this.closed) {
      const job = this.queue[0]!
      const busy = [...this.slots].filter(({ running }) => running)
      if (busy.some(({ running }) => running!.job.alone) || (job.alone && busy.length > 0)) return
      const slot = this.freeSlot(job.task.path)
      if (!slot) return
      this.queue.shift()
      this.begin(slot, job)
    }
  }

  /** The worker that has the file open, else one that has none, else a new one, else any. */
  private freeSlot(path: string): Slot | undefined {
    const free = [...this.slots].filter(({ running, end }) => !running && !end)
    const best = free.find(({ kept }) => kept === path) ?? free.find(({ kept }) => kept === undefined)
    if (best) return best
    return this.slots.size < this.options.size ? this.start() : free[0]
  }

  private start(): Slot {
    const worker = new DecodeWorker(this.options.workerFile, this.limits, {
      onMessage: (message) => this.hear(slot, message),
      onGone: (error) => this.gone(slot, error),
    })
    const slot: Slot = { worker, ready: false, running: undefined, kept: undefined, end: undefined, idle: undefined }
    this.slots.add(slot)
    return slot
  }

  private begin(slot: Slot, job: Job): void {
    clearTimeout(slot.idle)
    const id = this.nextId++
    slot.running = { id, job, beganAt: 0, baseline: 0, fileBytes: 0, milliseconds: this.limits.time, timer: undefined }
    slot.worker.run({ id, task: job.task })
    if (slot.ready) this.began(slot, slot.running)
  }

  /** The worker has it in its hands: from here on time and memory are its own. */
  private began(slot: Slot, running: Running): void {
    running.beganAt = performance.now()
    running.baseline = this.residentBytes()
    this.setTimer(slot, running)
    this.watch.begin()
  }

  private setTimer(slot: Slot, running: Running): void {
    clearTimeout(running.timer)
    const left = running.beganAt + running.milliseconds - performance.now()
    running.timer = setTimeout(() => {
      // This thread may have been blocked, and the answer be waiting: it is heard first.
      setImmediate(() => {
        if (slot.running === running) void this.end(slot, 'time', timedOut(running.job.task.path, running.milliseconds))
      })
    }, left)
  }

  private hear(slot: Slot, message: FromDecodeWorker): void {
    if (slot.end) return
    const { running } = slot
    if (message.type === 'ready') {
      slot.ready = true
      if (running) this.began(slot, running)
      return
    }
    if (running?.id !== message.id) return
    if (message.type === 'opened') {
      running.fileBytes = message.bytes
      running.milliseconds = this.limits.time * timeFactor(this.limits, message.bytes, message.framesAtOnce)
      this.setTimer(slot, running)
      return
    }
    slot.running = undefined
    clearTimeout(running.timer)
    slot.kept = message.kept
    if ('error' in message) running.job.settle.reject(AssayError.from(message.error))
    else running.job.settle.resolve(message.result)
    if (message.spent) void this.end(slot, 'spent')
    else this.rest(slot)
    this.dispatch()
  }

  private rest(slot: Slot): void {
    slot.worker.rest()
    slot.idle = setTimeout(() => void this.end(slot, 'idle'), this.options.idleMilliseconds ?? 30_000)
    slot.idle.unref()
  }

  /** Ends a worker on purpose. What it was at gets `error`; without one, the caller sees to it. */
  private async end(slot: Slot, reason: WorkerEnd, error?: AssayError): Promise<void> {
    if (slot.end) return
    slot.end = reason
    clearTimeout(slot.idle)
    const { running } = slot
    slot.running = undefined
    clearTimeout(running?.timer)
    if (running && error) running.job.settle.reject(error)
    await slot.worker.end()
    this.remove(slot)
  }

  /** The worker's thread is gone. */
  private gone(slot: Slot, error: Error | undefined): void {
    const { running } = slot
    if (!slot.end) {
      slot.end = 'died'
      clearTimeout(slot.idle)
      clearTimeout(running?.timer)
      const path = running?.job.task.path ?? ''
      const noMemory = (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (noMemory) slot.end = 'memory'
      running?.job.settle.reject(noMemory ? outOfMemory(path, this.limits.memory) : workerDied(path, error?.message ?? 'it ended by itself'))
    }
    this.remove(slot)
  }

  private remove(slot: Slot): void {
    if (!this.slots.delete(slot)) return
    this.options.onWorkerEnd?.(slot.end!)
    this.dispatch()
  }

  private cancel(job: Job, error: AssayError): void {
    this.queue = this.queue.filter((waiting) => waiting !== job)
    const slot = [...this.slots].find(({ running }) => running?.job === job)
    if (slot) void this.end(slot, 'cancelled', error)
    else job.settle.reject(error)
    this.dispatch()
  }

  /**
   * Ends workers, the longest at work first, until the process is back within its limit. Memory is counted for the whole
   * process; whose it was shows when the worker is gone. A file that cannot be blamed goes again, alone.
   * @returns whether anything runs
   */
  private async relieve(): Promise<boolean> {
    const working = (): Slot[] => [...this.slots].filter(({ running }) => running && running.beganAt > 0)
    for (const slot of working().sort((a, b) => a.running!.beganAt - b.running!.beganAt)) {
      const { running } = slot
      if (!running) continue
      const before = this.residentBytes()
      if (before - running.baseline <= this.limits.memory + running.fileBytes) continue
      await this.end(slot, 'memory')
      const { job } = running
      if (job.settled) continue
      const freed = before - this.residentBytes()
      if (freed > this.limits.memory / 4 || job.alone) job.settle.reject(outOfMemory(job.task.path, this.limits.memory))
      else if (this.closed) job.settle.reject(poolClosed(job.task.path))
      else {
        job.alone = true
        this.queue.unshift(job)
      }
    }
    this.dispatch()
    return working().length > 0
  }
}
