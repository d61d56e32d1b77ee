/**
 * Labels in a CSV, for folders that are not sorted by class: a column `file` (or `path`, `image`, `filename`), and either
 * a column `label` (or `class`) with a name or index, or a column per class with 0 and 1.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import type { LabelledItem } from './labelled'
import { parseCsv, readGroups } from './groups'

const fileColumns = ['file', 'path', 'image', 'filename']
const labelColumns = ['label', 'class', 'labels']

const columnOf = (header: readonly string[], names: readonly string[]): number => header.findIndex((cell) => names.includes(cell.trim().toLowerCase()))

/**
 * @param finding of a model that answers several independent ones: the label is then 1 where it is there. A cell of
 * `label` may name several findings, separated by | or ;
 * @throws AssayError `data-set-invalid` that names the row; `file-not-found`
 */
export async function readLabelTable(path: string, folder: string, classes: readonly string[], finding?: string): Promise<LabelledItem[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toAssayError(error)
  })
  const [header = [], ...rows] = parseCsv(text)
  const refuse = (what: string, row?: number) =>
    new AssayError('data-set-invalid', `${row === undefined ? path : `Row ${row + 2} of ${path}`} ${what}.`, { path, ...(row === undefined ? {} : { row: row + 2 }) })
  const file = columnOf(header, fileColumns)
  if (file < 0) throw refuse('has no column "file"; name the column of file names so')
  const labelOf = labelReader(header, classes, finding, refuse)
  const groups = await readGroups(folder)
  const items = rows.map((row, at): LabelledItem => {
    const name = row[file]?.trim()
    if (!name) throw refuse('has no file; fill it in or remove the row', at)
    const image = resolve(folder, name)
    return { path: image, label: labelOf(row, at), group: groups.groupOf(image) }
  })
  if (items.length === 0) throw refuse('has no rows; list the files and their labels')
  return items
}

type Refuse = (what: string, row?: number) => AssayError

function labelReader(header: readonly string[], classes: readonly string[], finding: string | undefined, refuse: Refuse): (row: string[], at: number) => number {
  const columns = header.map((cell) => cell.trim().toLowerCase())
  const flag = (row: string[], column: number, at: number): number => {
    const value = Number(row[column]?.trim() || 'none')
    if (value !== 0 && value !== 1) throw refuse(`holds ${row[column]} under ${header[column]}; give 0 or 1`, at)
    return value
  }
  const label = columnOf(header, labelColumns)
  if (finding !== undefined) {
    const own = columns.indexOf(finding.toLowerCase())
    if (own >= 0) return (row, at) => flag(row, own, at)
    if (label < 0) throw refuse(`has neither a column "${finding}" nor a column "label"`)
    return (row) => Number((row[label] ?? '').split(/[|;]/).some((name) => name.trim().toLowerCase() === finding.toLowerCase()))
  }
  if (label >= 0)
    return (row, at) => {
      const value = row[label]?.trim() ?? ''
      const named = classes.findIndex((name) => name.toLowerCase() === value.toLowerCase())
      if (named >= 0) return named
      if (/^\d+$/.test(value) && Number(value) < classes.length) return Number(value)
      throw refuse(`has the label ${value || '(empty)'}, which is none of ${classes.join(', ')} and no index of them`, at)
    }
  const own = classes.map((name) => columns.indexOf(name.toLowerCase()))
  if (own.some((column) => column < 0)) throw refuse(`has neither a column "label" nor one for each of ${classes.join(', ')}`)
  return (row, at) => {
    const set = own.flatMap((column, i) => (flag(row, column, at) === 1 ? [i] : []))
    if (set.length !== 1) throw refuse(`is of ${set.length} classes; choose one finding to audit, or give each file one class`, at)
    return set[0]!
  }
}
