/**
 * Where a bundle's bytes come from: a folder or a zip of it, behind one reader.
 *
 * Nothing outside the bundle can be reached through either: names are checked, links in a folder are refused, and a
 * zip is only ever read into memory, so it has no target to write outside of.
 */
import { createHash } from 'node:crypto'
import { lstat, open, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { AssayError, toAssayError } from '../../shared/errors'
import { manifestName } from './manifest'

/** Largest file in a bundle and largest sum over a zip; models in use are below a tenth of it. */
export const largestFile = 2 ** 31 - 1
const largestManifest = 64 * 2 ** 20
const mostZipEntries = 1000

export interface BundleContent {
  /** Absolute path of the folder or zip. */
  readonly path: string
  /**
   * Bytes of an inner file; null when it is not there.
   * @throws AssayError bundle-invalid when the name leads out of the bundle or the file is a link or too large.
   */
  read(name: string): Promise<Uint8Array | null>
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** True for relative forward-slash names without empty, `.` or `..` parts, drive letters or backslashes. */
export function isInnerName(name: string): boolean {
  return !/[\\:\0]/.test(name) && !name.startsWith('/') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function assertInner(name: string, bundle: string): void {
  if (!isInnerName(name))
    throw new AssayError('bundle-invalid', `The bundle ${bundle} names the file ${name}, which leads out of it; do not use this bundle.`, { path: bundle, file: name })
}

function folderContent(folder: string): BundleContent {
  return {
    path: folder,
    async read(name) {
      assertInner(name, folder)
      let path = folder
      for (const part of name.split('/')) {
        path = join(path, part)
        const entry = await lstat(path).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return null
          throw toAssayError(error)
        })
        if (!entry) return null
        if (entry.isSymbolicLink())
          throw new AssayError('bundle-invalid', `${path} is a link; a bundle holds its files itself, so replace the link by the file.`, { path })
        if (entry.isFile() && entry.size > (name === manifestName ? largestManifest : largestFile))
          throw new AssayError('bundle-invalid', `${path} is too large for a bundle (${entry.size} bytes).`, { path })
      }
      return readFile(path).catch((error: NodeJS.ErrnoException) => {
        // Of a folder the system says no path.
        throw error.code === 'EISDIR' ? new AssayError('bundle-invalid', `${path} is a folder where a bundle has a file; copy the bundle again.`, { path }) : toAssayError(error)
      })
    },
  }
}

/**
 * The files of a zipped bundle. One folder around everything is accepted, as operating systems make them.
 * @throws AssayError bundle-invalid for names that lead out, doubled names, too many or too large entries, a bad zip.
 */
export function unzipBundle(bytes: Uint8Array, path: string): Map<string, Uint8Array> {
  const invalid = (why: string): AssayError => new AssayError('bundle-invalid', `${path} cannot be used as a bundle: ${why}.`, { path })
  const seen = new Set<string>()
  let total = 0
  let entries: Record<string, Uint8Array>
  try {
    entries = unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (name.endsWith('/') ? !isInnerName(name.slice(0, -1)) : !isInnerName(name)) throw invalid(`the entry ${name} leads out of it`)
        if (seen.has(name)) throw invalid(`it has two entries ${name}`)
        seen.add(name)
        total += originalSize
        if (seen.size > mostZipEntries) throw invalid(`it has more than ${mostZipEntries} entries`)
        if (total > largestFile) throw invalid('its content is too large')
        return !name.endsWith('/') && !name.startsWith('__MACOSX/')
      },
    })
  } catch (error) {
    if (error instanceof AssayError) throw error
    throw invalid('it is not a readable zip file')
  }
  const names = Object.keys(entries)
  const prefix = names.includes(manifestName) ? '' : (names.find((name) => /^[^/]+\/bundle\.json$/.test(name))?.slice(0, -manifestName.length) ?? '')
  return new Map(names.filter((name) => name.startsWith(prefix)).map((name) => [name.slice(prefix.length), entries[name] ?? new Uint8Array()]))
}

async function zipContent(path: string): Promise<BundleContent> {
  const { size } = await stat(path)
  if (size > largestFile) throw new AssayError('bundle-invalid', `${path} is too large for a bundle (${size} bytes).`, { path })
  const files = unzipBundle(await readFile(path), path)
  return {
    path,
    async read(name) {
      assertInner(name, path)
      return files.get(name) ?? null
    },
  }
}

/** True when the file begins like a zip. */
async function looksLikeZip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.readUInt32LE(0) === 0x04034b50
  } finally {
    await file.close()
  }
}

/**
 * Opens a bundle for reading. The folder itself may be reached through a link; what is inside may not.
 * @throws AssayError bundle-not-found, bundle-invalid, file-unreadable
 */
export async function openContent(path: string): Promise<BundleContent> {
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new AssayError('bundle-not-found', `There is no bundle at ${path}; check the path.`, { path })
    throw toAssayError(error)
  })
  const entry = await stat(real)
  if (entry.isDirectory()) return folderContent(real)
  if (await looksLikeZip(real)) return zipContent(real)
  throw new AssayError('bundle-invalid', `${path} is neither a bundle folder nor a zipped bundle; give one of the two.`, { path })
}
