/**
 * Starts src/main against the stand-in for Electron, in a data folder of its own, and speaks for the engine and the
 * page. `settle` lets what is under way come to rest.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, vi } from 'vitest'
import { channels, origin } from '../../src/shared/electron-origin'
import type { Job } from '../../src/shared/types'
import { electronDouble } from './electron-double'

export type Electron = ReturnType<typeof electronDouble>

const made: string[] = []
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-main-'))
  made.push(folder)
  return folder
}

afterEach(() => {
  vi.unstubAllEnvs()
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export const settle = () => new Promise((resolve) => setTimeout(resolve, 10))

interface Start {
  data?: string
  /** After the program and, in a checkout, the application's folder. */
  args?: string[]
  prepare?: (electron: Electron) => void
}

export async function startApplication({ data = temporaryFolder(), args = [], prepare = () => {} }: Start = {}): Promise<Electron> {
  vi.resetModules()
  vi.stubEnv('ASSAY_DATA', data)
  const electron = electronDouble(data)
  prepare(electron)
  const argv = process.argv
  process.argv = ['electron', ...(electron.module.app.isPackaged ? [] : ['.']), ...args]
  vi.doMock('electron', () => electron.module)
  try {
    await import('../../src/main/index')
  } finally {
    process.argv = argv
  }
  await settle()
  return electron
}

/** A packed application, whose resources lie in `folder`. */
export function packed(electron: Electron, folder: string): void {
  electron.module.app.isPackaged = true
  Object.assign(process, { resourcesPath: folder })
}

export const ownFrame = { parent: null, url: `${origin}/index.html` }

/** What the window's page sends over a channel. */
export const ask = (electron: Electron, channel: string, ...args: unknown[]): Promise<unknown> =>
  electron.handlers.get(channel)!({ senderFrame: ownFrame, sender: electron.windows[0]!.webContents }, ...args)

/** Answers the engine's next call as the engine would. */
export function answerCall(electron: Electron, output: unknown): void {
  const child = electron.children.at(-1)!
  child.emit('message', { type: 'output', id: child.posted.at(-1)!.id, output })
}

/** The engine tells of a job. */
export function tellJob(electron: Electron, job: Partial<Job>): void {
  const payload = { id: 'a', kind: 'scan', state: 'running', title: 'Scan', done: 0, total: 0, message: '', startedAt: 0, endedAt: null, remainingSeconds: null, ...job }
  electron.children.at(-1)!.emit('message', { type: 'event', event: { name: 'job', payload } })
}

/** What the page was sent as commands. */
export const commandsSent = (electron: Electron): unknown[] => electron.windows.flatMap(({ webContents }) => webContents.sent.filter(([channel]) => channel === channels.command).map(([, command]) => command))
