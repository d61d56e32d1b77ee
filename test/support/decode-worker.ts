/** The built decode worker, for tests that decode as the application does. `npm test` builds before it tests. */
import { decodeWorkerFile } from '../../src/engine/image/pool/worker-file'

/** Undefined, and a line on the console, where nothing was built; a failure under CI. */
export function builtDecodeWorker(): string | undefined {
  try {
    return decodeWorkerFile()
  } catch (error) {
    if (process.env.CI) throw error
    console.log('SKIPPED: out/main/decode-worker.js is not there; run npm run build first')
    return undefined
  }
}
