/** SHA-256 of a file's bytes, read in pieces. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** Null where the file cannot be read; why not is said by whoever wants its pixels. */
export async function fileSha256(path: string): Promise<string | null> {
  try {
    // To open a pipe is to wait for whoever writes into it.
    if (!(await stat(path)).isFile()) return null
    const hash = createHash('sha256')
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer)
    return hash.digest('hex')
  } catch {
    return null
  }
}
