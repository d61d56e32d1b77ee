/**
 * Entry of the engine's own thread or process: a worker thread under the host and the command line, a utility process
 * under Electron. Inference blocks the thread it runs on, so nothing that serves a person runs here.
 *
 * The last argument is the engine's places as JSON.
 */
import { parentPort } from 'node:worker_threads'
import type { Port } from '../shared/rpc'
import { serve } from '../shared/rpc'
import { createEngine } from './index'
import type { EnginePlaces } from './jobs/definition'

/** What Electron adds to `process` in a utility process. */
interface UtilityPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

function findPort(): Port {
  const utilityPort = (process as unknown as { parentPort?: UtilityPort }).parentPort
  if (utilityPort)
    return {
      // Electron's message port drops transferred buffers, so they are copied.
      post: (message) => utilityPort.postMessage(message),
      onMessage: (listener) => utilityPort.on('message', ({ data }) => listener(data)),
    }
  if (!parentPort) throw new Error('The engine is to be started as a worker thread or as a utility process.')
  const port = parentPort
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    onMessage: (listener) => port.on('message', listener),
  }
}

const places = JSON.parse(process.argv.at(-1) ?? '') as EnginePlaces
const engine = createEngine(places)
const port = findPort()
serve(port, engine)

// `stop` lets running jobs write their records before the thread ends.
port.onMessage((message) => {
  if ((message as { type?: string }).type === 'stop') void engine.stop().finally(() => process.exit(0))
})
