/**
 * DICOM files without what tells of a person, for the command line: `assay anonymise`.
 */
import { randomUUID } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { expandPaths } from '../batch/expand'
import { textCell } from '../../shared/csv'
import { ensureWritable, writeError, writeFileAtomic } from '../bundle/atomic'
import { mayBeBurntIn } from '../image/dicom/burnt-in'
import { anonymisedCopy } from '../image/files'

export interface AnonymiseOptions {
  out: string
  /** Makes new UIDs and patient identifiers the same in every run with it; random when absent. */
  seed?: string
  /** A CSV file that says which copy was made of what. */
  mapping?: string
}

export interface AnonymisedFiles {
  /** Files made, named by number alone. */
  written: string[]
  /** Copies whose pixels may show text. */
  warnings: { file: string; message: string }[]
  /** What no copy was made of. */
  errors: { path: string; error: SerializedError }[]
}

/**
 * Copies go into `out` as 000001.dcm and so on, in the order of the originals' paths; nothing in names or output leads back.
 * A file that cannot be anonymised is reported and the rest goes on.
 * @throws AssayError `invalid-arguments` where `out` holds copies or the mapping is there already; `output-not-writable`, `disk-full`
 */
export async function anonymise(paths: readonly string[], { out, seed = randomUUID(), mapping }: AnonymiseOptions, progress: (done: number, total: number) => void): Promise<AnonymisedFiles> {
  await ensureWritable(out)
  const there = (await readdir(out)).find((name) => /^\d{6,}\.dcm$/i.test(name))
  if (there !== undefined) throw new AssayError('invalid-arguments', `${out} already holds ${there} of an earlier run; choose another folder.`, { path: out, file: there })
  const lines = mapping === undefined ? undefined : await openMapping(mapping)
  const done: AnonymisedFiles = { written: [], warnings: [], errors: [] }
  try {
    await lines?.appendFile('original,copy\r\n')
    const wanted = await expandPaths(paths, (folder) => folder !== out)
    const digits = Math.max(6, String(wanted.length).length)
    for (const { path, error } of wanted) {
      try {
        if (error) throw AssayError.from(error)
        const copy = await anonymisedCopy(path, seed)
        const file = `${String(done.written.length + 1).padStart(digits, '0')}.dcm`
        await writeFileAtomic(join(out, file), copy)
        await lines?.appendFile(`${textCell(path)},${file}\r\n`)
        done.written.push(file)
        const why = await mayBeBurntIn(copy, file)
        if (why !== undefined) done.warnings.push({ file, message: `${file}: ${why}; look at the picture before you pass it on.` })
      } catch (failure) {
        const error = serializeError(failure)
        // A full disk fails every file that follows, too.
        if (error.code === 'disk-full' || error.code === 'output-not-writable') throw failure
        done.errors.push({ path, error })
      }
      progress(done.written.length + done.errors.length, wanted.length)
    }
  } finally {
    await lines?.close()
  }
  return done
}

/** A new file, for its owner's eyes. */
async function openMapping(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new AssayError('invalid-arguments', `${path} is there already; choose another name for the mapping.`, { path })
    throw writeError(error, path)
  }
}
