/**
 * What was asked for, as a list of files: folders walked, files taken as they are, nothing twice, always in the same
 * order.
 */
import { stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { walkImages } from '../dataset/walk'

/** A file to screen, or something that was asked for and cannot be: reported, never skipped in silence. */
export interface Wanted {
  /** Absolute. */
  path: string
  error?: SerializedError
}

/**
 * @param paths files are always tried; of folders, recursively, all but hidden and obviously foreign files
 * @param leaveOut a folder that is not entered: the scan's own pictures
 */
export async function expandPaths(paths: readonly string[], leaveOut?: string): Promise<Wanted[]> {
  const wanted = new Map<string, Wanted>()
  const add = (entry: Wanted): void => {
    if (!wanted.has(entry.path)) wanted.set(entry.path, entry)
  }
  const unreadable = (path: string, error: unknown): void => add({ path, error: serializeError(error) })

  for (const asked of paths.map((path) => resolve(path))) {
    try {
      if (!(await stat(asked)).isDirectory()) {
        add({ path: asked })
        continue
      }
    } catch (error) {
      unreadable(asked, error)
      continue
    }
    let found = 0
    for await (const path of walkImages(asked, unreadable)) {
      if (leaveOut !== undefined && path.startsWith(leaveOut + sep)) continue
      add({ path })
      found++
    }
    if (found === 0) unreadable(asked, new AssayError('data-set-invalid', `There are no images in ${asked}; check the folder.`, { path: asked }))
  }
  return [...wanted.values()]
}
