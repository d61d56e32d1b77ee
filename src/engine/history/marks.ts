/**
 * Files are named in the history by a mark: HMAC-SHA-256 of the path under a random key of this installation. Equal paths
 * have equal marks, and nobody who has the history alone can try names of patients until one fits.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { readFile, link, rename, rm, stat, writeFile } from 'node:fs/promises'
import { AssayError } from '../../shared/errors'
import { writeError } from '../bundle/atomic'
import { withLock } from '../bundle/lock'
import type { HistoryFiles } from './places'

const wellFormed = /^[0-9a-f]{64}$/

const readKey = async (path: string): Promise<string | null> => {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim()
  return wellFormed.test(text) ? text : null
}

/** Takes the place of a file that a power cut left without its bytes: there is nothing in it to be lost. */
async function replaceEmpty(path: string, mine: string): Promise<void> {
  const empty = async (): Promise<boolean> => (await stat(path)).size === 0
  // Of two that find it empty, the second must not take the first one's key away.
  if (await empty()) await withLock(`${path}.lock`, async () => void ((await empty()) && (await rename(mine, path))))
}

/** The installation's key; made on first use, by whichever process is first. @throws AssayError output-not-writable; file-unreadable where it was damaged */
export async function markKey({ key: path }: Pick<HistoryFiles, 'key'>): Promise<string> {
  const known = await readKey(path)
  if (known !== null) return known
  const mine = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(mine, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(mine, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await replaceEmpty(path, mine)
    const key = await readKey(path)
    if (key !== null) return key
  } catch (error) {
    throw writeError(error, path)
  } finally {
    await rm(mine, { force: true })
  }
  throw new AssayError('file-unreadable', `${path} holds no key that can be read; put back a copy of it, or move it away: files that were screened before are then no longer found by their path.`, { path })
}

export const markOf = (path: string, key: string): string => createHmac('sha256', Buffer.from(key, 'hex')).update(path).digest('hex')
