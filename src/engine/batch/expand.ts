/**
 * What was asked for, as a list of files: folders walked, a DICOMDIR for the files that it names, other files taken as they
 * are, nothing twice, always in the same order.
 */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { walkImages } from '../dataset/walk'
import type { Enters } from '../dataset/walk'
import { isMediaDirectory, mediaDirectoryFiles } from './media-directory'

/** A file to screen, or something that was asked for and cannot be: reported, never skipped in silence. */
export interface Wanted {
  /** Absolute. */
  path: string
  error?: SerializedError
}

/**
 * @param paths files are always tried; of folders, recursively, all but hidden and obviously foreign files
 * @param enters which folders are walked; all by default
 */
export async function expandPaths(paths: readonly string[], enters: Enters = () => true): Promise<Wanted[]> {
  const wanted = new Map<string, Wanted>()
  const add = (entry: Wanted): void => {
    if (!wanted.has(entry.path)) wanted.set(entry.path, entry)
  }
  const unreadable = (path: string, error: unknown): void => add({ path, error: serializeError(error) })

  for (const asked of paths.map((path) => resolve(path))) {
    try {
      const entry = await stat(asked)
      if (!entry.isDirectory()) {
        // To open a pipe is to wait for whoever writes into it.
        if (entry.isFile() && (await isMediaDirectory(asked))) for (const file of await mediaDirectoryFiles(asked)) add(file)
        else add({ path: asked })
        continue
      }
    } catch (error) {
      unreadable(asked, error)
      continue
    }
    if (!(await enters(asked))) {
      unreadable(asked, new AssayError('data-set-invalid', `Assay writes pictures into ${asked}, so it is not read; choose the folder of the images, and another one to write into.`, { path: asked }))
      continue
    }
    let found = 0
    for await (const path of walkImages(asked, unreadable, enters)) {
      add({ path })
      found++
    }
    if (found === 0) unreadable(asked, new AssayError('data-set-invalid', `There are no images in ${asked}; check the folder.`, { path: asked }))
  }
  return [...wanted.values()]
}
