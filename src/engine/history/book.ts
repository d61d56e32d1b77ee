/**
 * Appends to the history. Several processes may do so at once: under a lock, each looks where the chain ends, appends its
 * records in one write, and forces them to disk.
 */
import { open, readFile, rename, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { ensureWritable, writeError } from '../bundle/atomic'
import { withLock } from '../bundle/lock'
import { markKey, markOf } from './marks'
import { historyFiles } from './places'
import type { HistoryFiles } from './places'
import { lineOf, noHash, parseRecord } from './record'
import type { HistoryEntry } from './record'

const headSchema = z.object({ seq: z.number().int().nonnegative(), hash: z.string() })
export type HistoryHead = z.infer<typeof headSchema>

const newline = 0x0a
/** What was noted of the last record; null where nothing was. */
export async function readHead({ head }: Pick<HistoryFiles, 'head'>): Promise<HistoryHead | null> {
  try {
    return headSchema.parse(JSON.parse(await readFile(head, 'utf8')))
  } catch {
    return null
  }
}

/** Where the file's last complete line ends, and what it says of the chain. */
async function lastRecord(file: FileHandle): Promise<{ end: number; last: HistoryHead | null }> {
  const { size } = await file.stat()
  // The last line is looked for from the end, in ever longer pieces.
  for (let length = 64 * 1024; ; length *= 4) {
    const from = Math.max(0, size - length)
    const bytes = new Uint8Array(size - from)
    await file.read(bytes, 0, bytes.length, from)
    const ends = bytes.lastIndexOf(newline)
    const begins = ends > 0 ? bytes.lastIndexOf(newline, ends - 1) + 1 : 0
    if (from > 0 && begins === 0) continue
    const record = ends < 0 ? null : parseRecord(new TextDecoder().decode(bytes.subarray(begins, ends)))
    return { end: from + ends + 1, last: record && { seq: record.seq, hash: record.hash } }
  }
}

export interface HistoryBook {
  /** @throws AssayError output-not-writable, disk-full */
  append(entries: readonly HistoryEntry[], now?: Date): Promise<void>
}

/**
 * @param keepPaths whether records name files by their path, too
 * @throws AssayError output-not-writable where nothing can be written: asked before a scan, not after it
 */
export async function openHistory(dataFolder: string, keepPaths: boolean): Promise<HistoryBook> {
  await ensureWritable(dataFolder)
  const files = historyFiles(dataFolder)
  const key = await markKey(files)

  async function write(entries: readonly HistoryEntry[], time: string): Promise<void> {
    const file = await open(files.records, 'a+')
    try {
      const [{ end, last }, noted] = [await lastRecord(file), await readHead(files)]
      // What a power cut left behind the last line.
      await file.truncate(end)
      // The noted end counts where the file has less: the gap must stay to be seen.
      const before = last && (!noted || noted.seq < last.seq) ? last : (noted ?? { seq: 0, hash: noHash })
      let { seq, hash } = before
      let text = ''
      for (const { path, ...entry } of entries) {
        const line = lineOf({ seq: ++seq, prev: hash, time, file: { mark: markOf(path, key), ...(keepPaths && { path }) }, ...entry })
        text += `${line.text}\n`
        hash = line.hash
      }
      await file.appendFile(text)
      await file.datasync()
      // Left empty by a power cut, it would look like the work of somebody who hides what is missing.
      await writeFile(`${files.head}.new`, JSON.stringify({ seq, hash }), { flush: true })
      await rename(`${files.head}.new`, files.head)
    } finally {
      await file.close()
    }
  }

  return {
    async append(entries, now = new Date()) {
      if (entries.length === 0) return
      await withLock(files.lock, async () => {
        try {
          await write(entries, now.toISOString())
        } catch (error) {
          throw writeError(error, files.records)
        }
      })
    },
  }
}
