import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { channels } from '../../src/shared/electron-origin'
import { answerCall, ask, settle, startApplication } from './start-application'
import type { Electron } from './start-application'

let electron: Electron
beforeEach(async () => {
  electron = await startApplication()
})
const dragged = () => electron.windows[0]!.webContents.startDrag.mock.calls.map(([options]) => options as { file: string; icon: unknown })

async function prepare(id: string, fileName: string): Promise<void> {
  const asked = ask(electron, channels.prepareDrag, id)
  await settle()
  answerCall(electron, { bytes: new Uint8Array([1, 2, 3]), mediaType: 'application/pdf', fileName })
  expect(await asked).toBe(true)
}

describe('a result that is dragged out', () => {
  it('is a file of its own name that only its owner can read, with a picture under the pointer', async () => {
    await prepare('a', 'scan-assay.pdf')
    await ask(electron, channels.startDrag, 'a')
    expect(dragged()).toHaveLength(1)
    const { file, icon } = dragged()[0]!
    expect(basename(file)).toBe('scan-assay.pdf')
    expect([...readFileSync(file)]).toEqual([1, 2, 3])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0)
    expect(icon).toBeTruthy()
  })

  it('keeps its name beside another of the same, and cannot have a name that leads elsewhere', async () => {
    await prepare('a', 'x.pdf')
    await prepare('b', 'x.pdf')
    await prepare('c', '../../../etc/evil.pdf')
    for (const id of ['a', 'b', 'c']) await ask(electron, channels.startDrag, id)
    const files = dragged().map(({ file }) => file)
    expect(files.map((file) => basename(file))).toEqual(['x.pdf', 'x.pdf', 'evil.pdf'])
    expect(new Set(files).size).toBe(3)
    expect(new Set(files.map((file) => dirname(dirname(file)))).size).toBe(1)
  })

  it('is nothing when it was not prepared or is gone', async () => {
    const asked = ask(electron, channels.prepareDrag, 'gone')
    await settle()
    const child = electron.children[0]!
    child.emit('message', { type: 'error', id: child.posted.at(-1)!.id, error: { code: 'result-not-found', message: 'Gone.', facts: {} } })
    expect(await asked).toBe(false)
    for (const id of ['gone', '/etc/passwd', undefined]) await ask(electron, channels.startDrag, id)
    expect(dragged()).toEqual([])
  })

  it('is deleted when Assay is left', async () => {
    await prepare('a', 'x.pdf')
    await ask(electron, channels.startDrag, 'a')
    electron.module.app.emit('will-quit', { preventDefault: vi.fn() })
    await settle()
    expect(existsSync(dragged()[0]!.file)).toBe(false)
  })
})
