/**
 * The engine in a utility process: what it computes never freezes a window, and what crashes it takes no window along.
 */
import { join } from 'node:path'
import { utilityProcess } from 'electron'
import type { EnginePlaces } from '../engine/jobs/definition'
import { quietRuntime } from '../shared/quiet-runtime'
import type { EngineProcess } from '../shared/supervisor'

/** How long a running job may take to write its record when the engine is asked to stop. */
const graceMilliseconds = 5000

export function launchUtility(places: EnginePlaces, applicationFolder: string): EngineProcess {
  const child = utilityProcess.fork(join(applicationFolder, 'out', 'main', 'worker.js'), [JSON.stringify(places)], {
    serviceName: 'Assay engine',
    env: { ...process.env, ...quietRuntime },
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', listener),
    onClose: (listener) => void gone.then(listener),
    async kill() {
      child.postMessage({ type: 'stop' })
      const timer = setTimeout(() => child.kill(), graceMilliseconds)
      await gone
      clearTimeout(timer)
    },
  }
}
