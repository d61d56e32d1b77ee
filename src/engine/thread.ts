/**
 * The engine in a worker thread of this process, for the host and the command line.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { quietRuntime } from '../shared/quiet-runtime'
import { supervise } from '../shared/supervisor'
import type { EngineProcess, SupervisedEngine, SupervisorOptions } from '../shared/supervisor'
import type { EnginePlaces } from './jobs/definition'
import { applicationRoot } from './places'

/** How long a running job may take to write its record when the engine is asked to stop. */
const graceMilliseconds = 5000

/** The built worker; both `src/` and `out/` lie in the application's root. */
export const builtWorker = (): string => join(applicationRoot(), 'out', 'main', 'worker.js')

export function launchThread(places: EnginePlaces, file: string = builtWorker()): EngineProcess {
  Object.assign(process.env, quietRuntime)
  const worker = new Worker(file, { argv: [JSON.stringify(places)] })
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  // The exit follows; without a listener the error would end the whole process.
  worker.on('error', (error) => {
    if (process.env.ASSAY_DEBUG) console.error(error)
  })
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.on('message', listener),
    onClose: (listener) => void gone.then(listener),
    async kill() {
      worker.postMessage({ type: 'stop' })
      const timer = setTimeout(() => void worker.terminate(), graceMilliseconds)
      await gone
      clearTimeout(timer)
    },
  }
}

export function startEngineThread(places: EnginePlaces, options?: SupervisorOptions): SupervisedEngine {
  return supervise(() => launchThread(places), options)
}
