/**
 * Which images belong together (one patient, near-duplicates), so that a split never puts two of them on both sides.
 *
 * Read from a `manifest.csv` with the columns `file` and `group` that stands in the data folder or in its parent;
 * `file` is relative to the manifest's own folder.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { AssayError } from '../../shared/errors'
import { readCsv } from './csv'

export interface GroupTable {
  /** Group of an image by its path; the path itself where the table does not name it: a group of one. */
  groupOf(path: string): string
}

/** The group table for a data folder. @throws AssayError data-set-invalid where a manifest is there but unusable. */
export async function readGroups(folder: string): Promise<GroupTable> {
  for (const home of [resolve(folder), dirname(resolve(folder))]) {
    const path = join(home, 'manifest.csv')
    if (!existsSync(path)) continue
    const [header = [], ...rows] = await readCsv(path)
    const file = header.indexOf('file')
    const group = header.indexOf('group')
    if (file < 0 || group < 0) continue
    const groups = new Map<string, string>()
    for (const [index, row] of rows.entries()) {
      const name = row[file]
      const value = row[group]
      if (!name || value === undefined)
        throw new AssayError('data-set-invalid', `Row ${index + 2} of ${path} has no file or no group; correct or remove the manifest.`, { path, row: index + 2 })
      groups.set(name.replaceAll('\\', '/'), value)
    }
    return {
      groupOf(image) {
        const absolute = resolve(image)
        const value = groups.get(relative(home, absolute).split(sep).join('/'))
        return value ? `group:${value}` : absolute
      },
    }
  }
  return { groupOf: (image) => resolve(image) }
}
