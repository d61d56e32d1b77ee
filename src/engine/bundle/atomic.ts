/**
 * Writing a file so that a power cut leaves either the old content or the new, never half of one.
 */
import { randomBytes } from 'node:crypto'
import { access, constants, mkdir, open, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'

export const isThere = (path: string): Promise<boolean> => access(path).then(() => true, () => false)

/** The same error for every way in which a folder refuses to be written to. */
export function writeError(error: unknown, path: string): AssayError {
  const known = toAssayError(error)
  if (known.code === 'disk-full' || known.code === 'output-not-writable') return known
  return new AssayError('output-not-writable', `${path} cannot be written; choose another folder or change its permissions.`, { path }, { cause: error })
}

const isFolder = (path: string): Promise<boolean> => stat(path).then((found) => found.isDirectory(), () => false)

async function makeWithAbove(path: string): Promise<void> {
  const above = dirname(path)
  try {
    await mkdir(path)
  } catch (error) {
    if (await isFolder(path)) return
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path || (await isFolder(above))) throw error
    await makeWithAbove(above)
    await makeWithAbove(path)
  }
}

/**
 * Makes a folder, and those above it; one that is there stays. Not with `recursive` of mkdir: where a file system answers
 * that a new name does not exist, as /proc and folders that are mounted on demand do, that tries for ever.
 * @param told which folder an error speaks of
 * @throws AssayError output-not-writable, disk-full
 */
export async function makeFolder(path: string, told = path): Promise<void> {
  await makeWithAbove(resolve(path)).catch((error: unknown) => {
    throw writeError(error, told)
  })
}

/**
 * Makes the folder and makes sure, by writing, that results can go there: asked before long work, not after it.
 * @throws AssayError output-not-writable, disk-full
 */
export async function ensureWritable(folder: string): Promise<void> {
  const probe = join(folder, `.assay-${process.pid}.tmp`)
  try {
    await makeFolder(folder)
    await access(folder, constants.W_OK)
    await writeFile(probe, 'x')
    // Another job of this engine may have asked at the same moment, and been faster.
    await rm(probe, { force: true })
  } catch (error) {
    throw writeError(error, folder)
  }
}

/**
 * Makes sure that `bytes` more fit where the folder is: asked before hours of work. Where the system does not tell how
 * much is free, it is not known and not refused.
 * @throws AssayError disk-full
 */
export async function ensureRoom(folder: string, bytes: number): Promise<void> {
  const system = await statfs(folder).catch(() => undefined)
  if (!system) return
  const free = system.bavail * system.bsize
  if (free >= bytes) return
  const megabytes = (n: number) => `${Math.ceil(n / 2 ** 20).toLocaleString('en')} MiB`
  throw new AssayError('disk-full', `${folder} has ${megabytes(free)} of free space, and ${megabytes(bytes)} are needed; free some or choose another disk.`, { path: folder, free, needed: bytes })
}

/**
 * Refuses a folder that holds results already: old and new ones side by side would pass for one set.
 * @param names what a run of this kind leaves
 * @param otherwise another way out than another folder
 * @throws AssayError invalid-arguments; file-not-found when there is no folder
 */
export async function assertUnused(folder: string, names: readonly string[], otherwise = ''): Promise<void> {
  const there = await readdir(folder)
  const taken = names.find((name) => there.includes(name))
  if (taken !== undefined)
    throw new AssayError('invalid-arguments', `${folder} already holds ${taken} of an earlier run; choose another folder${otherwise}.`, { path: folder, file: taken })
}

/** Makes new names in a folder durable where the platform can (Windows cannot open folders). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

async function write(path: string, flags: 'w' | 'wx', content: Uint8Array | string): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * For files that nobody knows of until they are whole: on the disk when this resolves, at once under their name, which is
 * durable after `syncFolder`.
 * @throws AssayError output-not-writable, disk-full
 */
export const writeFileSynced = (path: string, content: Uint8Array): Promise<void> =>
  write(path, 'w', content).catch((error: unknown) => {
    throw writeError(error, path)
  })

/** @throws AssayError output-not-writable, disk-full */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await write(temporary, 'wx', content)
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeError(error, path)
  }
}
