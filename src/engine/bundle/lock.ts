/**
 * One writer at a time across processes: a file that only one can create, with the number of its process in it, so that a
 * holder that died is told from one that is busy.
 */
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AssayError } from '../../shared/errors'
import { makeFolder, writeError } from './atomic'

/** A holder that others wait for writes a few kilobytes; one that takes longer than this is not coming back. */
const staleAfter = 30_000
const patience = 45_000
const between = 15
/** Between creating the file and writing the number into it there is a moment without one. */
const unnumberedFor = 2000

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

/** Whether a holder is gone. @param text what it wrote @param age of its file in milliseconds */
type Gone = (text: string, age: number) => boolean

const died: Gone = (text, age) => (/^\d+ /.test(text) ? !alive(Number.parseInt(text, 10)) : age > unnumberedFor)

/** Puts a lock aside whose holder is gone. Renaming is what only one of several can do. */
async function removeStale(path: string, gone: Gone): Promise<void> {
  const [text, info] = await Promise.all([readFile(path, 'utf8').catch(() => null), stat(path).catch(() => null)])
  if (text === null || info === null || !gone(text, Date.now() - info.mtimeMs)) return
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

const newText = (): string => `${process.pid} ${randomBytes(8).toString('hex')}`

async function letGo(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true })
}

/**
 * Short work: others wait for it.
 * @throws AssayError output-not-writable, also where others hold the lock for too long; what `work` throws
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const text = newText()
  const started = Date.now()
  while (!(await holds(path, text))) {
    await removeStale(path, (theirs, age) => age >= staleAfter || died(theirs, age))
    if (Date.now() - started > patience) throw new AssayError('output-not-writable', `Another Assay holds ${path}; end it, or remove that file when none runs.`, { path })
    await sleep(between)
  }
  try {
    return await work()
  } finally {
    await letGo(path, text)
  }
}

/** What this thread holds for long. An engine that died may have left a lock with the number of this very process. */
const held = new Set<string>()
const ownerGone: Gone = (text, age) => (Number.parseInt(text, 10) === process.pid ? !held.has(text) : died(text, age))
const attempts = 3

/** @returns lets go of the lock; null where somebody holds it @throws AssayError output-not-writable, disk-full */
async function takeLock(path: string): Promise<(() => Promise<void>) | null> {
  const text = newText()
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await holds(path, text)) {
      held.add(text)
      return async () => {
        held.delete(text)
        await letGo(path, text)
      }
    }
    await removeStale(path, ownerGone)
  }
  return null
}

/**
 * Work of hours: others are refused, and a lock is never too old. Makes the folder that it lies in.
 * @param folder that the work writes into, for what is said
 * @param busy what somebody else does there, as `Another scan writes`
 * @throws AssayError output-not-writable, disk-full; what `work` throws
 */
export async function whileLocked<T>(path: string, folder: string, busy: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(dirname(path), folder)
  const release = await takeLock(path)
  if (!release) throw new AssayError('output-not-writable', `${busy} into ${folder}; wait for its end, choose another folder, or remove ${path} when none runs.`, { path: folder })
  try {
    return await work()
  } finally {
    await release()
  }
}
