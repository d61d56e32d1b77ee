/**
 * The engine's thread as the host and the command line start it: a real worker that can really die.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchThread } from '../../src/engine/thread'
import { supervise } from '../../src/shared/supervisor'

const places = { version: '1', dataFolder: '/nowhere', bundleFolders: [], samplesFolder: '' }
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-thread-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function worker(name: string, body: string): string {
  const file = join(folder, name)
  writeFileSync(file, `import { parentPort } from 'node:worker_threads'\n${body}`)
  return file
}

describe('the engine in a thread', () => {
  it('is told its places, and ends when it is asked to', async () => {
    const file = worker('echo.mjs', `parentPort.on('message', (m) => m.type === 'stop' ? process.exit(0) : parentPort.postMessage({ type: 'output', id: m.id, output: JSON.parse(process.argv.at(-1)) }))`)
    const engine = supervise(() => launchThread(places, file))
    expect(await engine.call('app.info', {})).toEqual(places)
    await engine.stop()
    await expect(engine.call('app.info', {})).rejects.toMatchObject({ code: 'engine-stopped' })
  })

  it('takes no other thread along when it throws, and starts again', async () => {
    const file = worker('crash.mjs', `parentPort.on('message', (m) => { if (m.name === 'jobs.list') throw new Error('boom'); if (m.type === 'stop') process.exit(0); parentPort.postMessage({ type: 'output', id: m.id, output: 'alive' }) })`)
    const messages: string[] = []
    const engine = supervise(() => launchThread(places, file), { onCrash: (message) => messages.push(message) })
    await expect(engine.call('jobs.list', {})).rejects.toMatchObject({ code: 'engine-stopped' })
    await expect.poll(() => messages).toHaveLength(1)
    expect(await engine.call('app.info', {})).toBe('alive')
    await engine.stop()
  })
})
