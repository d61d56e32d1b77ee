/**
 * Files are named in the history by a mark: HMAC-SHA-256 of the path under a random key of this installation. Equal paths
 * have equal marks, and nobody who has the history alone can try names of patients until one fits.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { readFile, link, rm, writeFile } from 'node:fs/promises'
import { writeError } from '../bundle/atomic'
import type { HistoryFiles } from './places'

const wellFormed = /^[0-9a-f]{64}$/

const readKey = async (path: string): Promise<string | null> => {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim()
  return wellFormed.test(text) ? text : null
}

/** The installation's key; made on first use, by whichever process is first. @throws AssayError output-not-writable */
export async function markKey({ key: path }: Pick<HistoryFiles, 'key'>): Promise<string> {
  const known = await readKey(path)
  if (known !== null) return known
  const mine = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(mine, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    await link(mine, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const key = await readKey(path)
    if (key === null) throw new Error(`${path} holds no key`)
    return key
  } catch (error) {
    throw writeError(error, path)
  } finally {
    await rm(mine, { force: true })
  }
}

export const markOf = (path: string, key: string): string => createHmac('sha256', Buffer.from(key, 'hex')).update(path).digest('hex')
