/**
 * Files into memory, after a look at what they are: a folder, a pipe, a device or a file beyond the limit is refused
 * before a byte is read. Synchronous: a disk that does not answer holds up the worker alone, not the thread pool that
 * all of the process shares.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { AssayError } from '../../../shared/errors'
import { maximumFileBytes } from './limits'

export interface FileIdentity {
  bytes: number
  /** Changes when the file does. */
  key: string
}

/** @throws AssayError `file-not-found`, `file-unreadable`, `file-empty`, `image-too-large`; system errors as Node throws them */
export function identify(path: string): FileIdentity {
  const stat = statSync(path)
  if (stat.isDirectory()) throw new AssayError('file-unreadable', `${path} is a folder where a file was expected.`, { path })
  if (!stat.isFile()) throw new AssayError('file-unreadable', `${path} is no ordinary file; copy what it gives into a file first.`, { path })
  if (stat.size === 0) throw new AssayError('file-empty', `${path} is empty; copy it again from where it came.`, { path })
  if (stat.size > maximumFileBytes)
    throw new AssayError('image-too-large', `${path} has ${(stat.size / 2 ** 30).toFixed(1)} GiB, more than Assay takes at once; split it.`, { path, bytes: stat.size })
  return { bytes: stat.size, key: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}:${path}` }
}

/** Node's own calls take no more than 2 GiB at once. */
const chunkBytes = 2 ** 30

/** The first `most` bytes. @throws AssayError, system errors like readWhole */
export const readBeginning = (path: string, { bytes }: FileIdentity, most: number): Uint8Array => readBytes(path, Math.min(bytes, most))

/** @throws AssayError `file-unreadable`; system errors as Node throws them */
export const readWhole = (path: string, { bytes }: FileIdentity): Uint8Array => readBytes(path, bytes)

function readBytes(path: string, size: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    // It may have been exchanged for a pipe since it was looked at.
    if (!fstatSync(file).isFile()) throw new AssayError('file-unreadable', `${path} is no ordinary file; copy what it gives into a file first.`, { path })
    const bytes = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      const read = readSync(file, bytes, filled, Math.min(chunkBytes, size - filled), filled)
      if (read === 0) break
      filled += read
    }
    return bytes.subarray(0, filled)
  } finally {
    closeSync(file)
  }
}
