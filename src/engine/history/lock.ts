/**
 * One writer at a time across processes: a file that only one can create. A holder that died is told by its process
 * number, and one that hangs by its age.
 */
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AssayError } from '../../shared/errors'
import { writeError } from '../bundle/atomic'

/** A holder writes a few kilobytes; one that takes longer than this is not coming back. */
const staleAfter = 30_000
const patience = 45_000
const between = 15

async function holds(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw writeError(error, path)
  }
}

function alive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Puts a lock aside whose holder is gone. Renaming is what only one of several can do. */
async function removeStale(path: string): Promise<void> {
  const [text, info] = await Promise.all([readFile(path, 'utf8').catch(() => null), stat(path).catch(() => null)])
  if (text === null || info === null) return
  const age = Date.now() - info.mtimeMs
  // Between creating the file and writing the number into it there is a moment without one.
  const dead = /^\d+ /.test(text) ? !alive(Number.parseInt(text, 10)) : age > 2000
  if (!dead && age < staleAfter) return
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  // Somebody else may have been faster and hold a lock of today: it is given back.
  if ((await readFile(aside, 'utf8').catch(() => text)) !== text) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

/** @throws AssayError output-not-writable, also where others hold the lock for too long; what `work` throws */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const text = `${process.pid} ${randomBytes(8).toString('hex')}`
  const started = Date.now()
  while (!(await holds(path, text))) {
    await removeStale(path)
    if (Date.now() - started > patience) throw new AssayError('output-not-writable', `Another Assay holds ${path}; end it, or remove that file when none runs.`, { path })
    await sleep(between)
  }
  try {
    return await work()
  } finally {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true })
  }
}
