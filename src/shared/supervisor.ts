/**
 * Keeps an engine process behind one unchanging connection: when the process dies, waiting calls reject, its jobs are
 * reported as failed, and a fresh process takes the next call. One that keeps dying is left dead.
 */
import type { AnyEvent } from './contract'
import { AssayError } from './errors'
import { connect } from './rpc'
import type { EngineConnection, Port } from './rpc'
import type { Job } from './types'

/** A started engine: a worker thread or a utility process. */
export interface EngineProcess extends Port {
  onClose(listener: () => void): void
  /** Ends it. Resolves when it is gone. */
  kill(): Promise<void>
}

export interface SupervisedEngine extends EngineConnection {
  stop(): Promise<void>
}

export interface SupervisorOptions {
  /** Told in a sentence each time the engine died unasked. */
  onCrash?(message: string): void
  /** Crashes within `windowMilliseconds` after which no other process is started. */
  crashLimit?: number
  windowMilliseconds?: number
}

const crashed = (): AssayError =>
  new AssayError('engine-stopped', 'The engine stopped unexpectedly and was started again; start the job again (with --resume where it has it).')
const givenUp = (): AssayError =>
  new AssayError('engine-stopped', 'The engine keeps stopping unexpectedly; restart Assay.')

export function supervise(launch: () => EngineProcess, options: SupervisorOptions = {}): SupervisedEngine {
  const { onCrash, crashLimit = 3, windowMilliseconds = 60_000 } = options
  const listeners = new Set<(event: AnyEvent) => void>()
  const running = new Map<string, Job>()
  let crashes: number[] = []
  let stopping = false
  let current: { process: EngineProcess; connection: EngineConnection } | null = null

  const tell = (event: AnyEvent): void => {
    for (const listener of listeners) listener(event)
  }

  const follow = (event: AnyEvent): void => {
    if (event.name === 'job') {
      if (event.payload.endedAt === null) running.set(event.payload.id, event.payload)
      else running.delete(event.payload.id)
    }
    tell(event)
  }

  function died(): void {
    current = null
    if (stopping) return
    crashes = [...crashes.filter((at) => at > Date.now() - windowMilliseconds), Date.now()]
    const error = crashes.length >= crashLimit ? givenUp() : crashed()
    const { code, message, facts } = error
    for (const job of running.values())
      tell({ name: 'job', payload: { ...job, state: 'failed', endedAt: Date.now(), remainingSeconds: null, error: { code, message, facts } } })
    running.clear()
    onCrash?.(message)
  }

  function start(): EngineConnection {
    const process = launch()
    const connection = connect(process)
    connection.subscribe(follow)
    current = { process, connection }
    // After connect's own listener, so that waiting calls have been rejected by then.
    process.onClose(died)
    return connection
  }

  async function connection(): Promise<EngineConnection> {
    if (current) return current.connection
    if (stopping) throw new AssayError('engine-stopped', 'Assay is closing.')
    if (crashes.length >= crashLimit) throw givenUp()
    return start()
  }

  start()
  return {
    call: async (name, input) => (await connection()).call(name, input),
    bytes: async (id) => (await connection()).bytes(id),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      stopping = true
      await current?.process.kill()
    },
  }
}
