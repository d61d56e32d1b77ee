/** The application as a person starts it: `assay serve`, its address read from what it prints. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

export interface ServedApplication {
  url: string
  close(): Promise<void>
}

/**
 * Starts the built application with a data folder of its own.
 * @param prepare puts into it what should be there at the start
 * @throws Error with what it said, when it does not start
 */
export async function serveApplication(prepare = async (_dataFolder: string): Promise<void> => undefined): Promise<ServedApplication> {
  const data = mkdtempSync(join(tmpdir(), 'assay-e2e-'))
  await prepare(data)
  const child = spawn(process.execPath, [join(root, 'bin/assay.mjs'), 'serve', '--port', '0', '--json'], { cwd: root, env: { ...process.env, ASSAY_DATA: data } })
  let said = ''
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>((done) => child.on('exit', () => done()))
  const url = await new Promise<string>((found, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('\n')) found((JSON.parse(printed) as { url: string }).url)
    })
    void ended.then(() => failed(new Error(`assay serve ended: ${said}`)))
  })
  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await ended
      rmSync(data, { recursive: true, force: true })
    },
  }
}
