/**
 * Which images belong together (one patient, near-duplicates), so that a split never puts two of them on both sides.
 *
 * Read from a `manifest.csv` with the columns `file` and `group` that stands in the data folder or in its parent;
 * `file` is relative to the manifest's own folder.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { AssayError } from '../../shared/errors'

/** What parts the fields: what the first line has more of. Excel writes semicolons where decimals have a comma. */
function separatorOf(text: string): ',' | ';' {
  let quoted = false
  let semicolons = 0
  for (const c of text) {
    if (c === '"') quoted = !quoted
    else if (quoted) continue
    else if (c === '\n') break
    else if (c === ';') semicolons++
    else if (c === ',') semicolons--
  }
  return semicolons > 0 ? ';' : ','
}

/** Rows of a CSV by RFC 4180: quoted fields, doubled quotes, LF or CRLF; or with semicolons for commas. */
export function parseCsv(text: string): string[][] {
  const separator = separatorOf(text)
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  const endRow = (): void => {
    row.push(field)
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    field = ''
  }
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c !== '"') field += c
      else if (text[i + 1] === '"') {
        field += '"'
        i++
      } else quoted = false
    } else if (c === '"' && field === '') quoted = true
    else if (c === separator) {
      row.push(field)
      field = ''
    } else if (c === '\n') endRow()
    else if (c !== '\r') field += c
  }
  if (field !== '' || row.length > 0) endRow()
  return rows
}

export interface GroupTable {
  /** Group of an image by its path; the path itself where the table does not name it: a group of one. */
  groupOf(path: string): string
}

/** The group table for a data folder. @throws AssayError data-set-invalid where a manifest is there but unusable. */
export async function readGroups(folder: string): Promise<GroupTable> {
  for (const home of [resolve(folder), dirname(resolve(folder))]) {
    const path = join(home, 'manifest.csv')
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) continue
    const [header = [], ...rows] = parseCsv(text)
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
