/**
 * Labels in a CSV, for folders that are not sorted by class: a column `file` (or `path`, `image`, `filename`), and either
 * a column `label` (or `class`) with a name or index, or a column per class with 0 and 1. A column `patient` says which
 * images belong together, a column `split` what they are for.
 */
import { resolve } from 'node:path'
import { AssayError, type ErrorFacts } from '../../shared/errors'
import { labelByName, meaning, unknownNames, type ClassNames } from './class-names'
import type { LabelledItem } from './labelled'
import { readCsv } from './csv'
import { readGroups } from './groups'
import { byName } from './walk'

const fileColumns = ['file', 'path', 'image', 'filename']
const labelColumns = ['label', 'class', 'labels']
const patientColumns = ['patient', 'patient_id', 'patientid', 'patient id', 'subject', 'subject_id']
const splitColumns = ['split']

export type Part = 'train' | 'val' | 'test'

const partOf: Record<string, Part> = { train: 'train', training: 'train', val: 'val', valid: 'val', validation: 'val', test: 'test', testing: 'test' }

export interface TableItem extends LabelledItem {
  /** What the column `split` says; undefined where there is none or it is empty. */
  part?: Part | undefined
}

export interface LabelTable {
  classes: string[]
  items: TableItem[]
}

export interface LabelTableOptions {
  /** Those that the labels name when absent, in code-unit order. */
  classes?: readonly string[] | undefined
  /** Of a model that answers several independent ones: the label is then 1 where it is there. A cell of `label` may name several findings, separated by | or ; */
  finding?: string | undefined
  /** What the column of labels calls the classes, where that is something else. */
  classNames?: ClassNames | undefined
}

const columnOf = (header: readonly string[], names: readonly string[]): number => header.findIndex((cell) => names.includes(cell.trim().toLowerCase()))

/** @throws AssayError `data-set-invalid` that names the row; `file-not-found` */
export async function readLabelTable(path: string, folder: string, { classes: asked, finding, classNames }: LabelTableOptions = {}): Promise<LabelTable> {
  const [header = [], ...rows] = await readCsv(path)
  const refuse: Refuse = (what, row, facts = {}) =>
    new AssayError('data-set-invalid', `${row === undefined ? path : `Row ${row + 2} of ${path}`} ${what}.`, { path, ...(row === undefined ? {} : { row: row + 2 }), ...facts })
  const file = columnOf(header, fileColumns)
  if (file < 0) throw refuse('has no column "file"; name the column of file names so')
  const classes = asked ? [...asked] : namesIn(header, rows, meaning(classNames), refuse)
  const labelOf = labelReader(header, rows, classes, { finding, classNames }, refuse)
  const patient = columnOf(header, patientColumns)
  const split = columnOf(header, splitColumns)
  const groups = await readGroups(folder)
  const seen = new Map<string, { label: number; at: number }>()
  const items = rows.flatMap((row, at): TableItem[] => {
    const name = row[file]?.trim()
    if (!name) throw refuse('has no file; fill it in or remove the row', at)
    const image = resolve(folder, name)
    const label = labelOf(row, at)
    const before = seen.get(image)
    // Tables with a row for each mark on a picture name it several times.
    if (before?.label === label) return []
    if (before) throw refuse(`gives ${name} another label than row ${before.at + 2}; keep one of them`, at)
    seen.set(image, { label, at })
    const person = row[patient]?.trim()
    return [{ path: image, label, group: person ? `patient:${person}` : groups.groupOf(image), part: partIn(row[split], at, refuse) }]
  })
  if (items.length === 0) throw refuse('has no rows; list the files and their labels')
  return { classes, items }
}

function partIn(cell: string | undefined, at: number, refuse: Refuse): Part | undefined {
  const value = cell?.trim().toLowerCase()
  if (!value) return undefined
  const part = Object.hasOwn(partOf, value) ? partOf[value] : undefined
  if (!part) throw refuse(`has the split ${cell}; give train, val or test`, at)
  return part
}

/** The classes that a column of labels names. */
function namesIn(header: readonly string[], rows: readonly string[][], meant: (name: string) => string, refuse: Refuse): string[] {
  const label = columnOf(header, labelColumns)
  if (label < 0) throw refuse('has no column "label"; name the column of classes so')
  const names = new Map<string, string>()
  for (const [at, row] of rows.entries()) {
    const cell = row[label]?.trim()
    if (!cell) throw refuse('has no label; fill it in or remove the row', at)
    const name = meant(cell)
    // The first way of writing stands for all.
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  const indices = [...names.keys()].every((name) => /^\d+$/.test(name))
  const found = [...names.values()].sort(indices ? (a, b) => Number(a) - Number(b) : byName)
  if (found.length < 2) throw refuse(`names ${found.length === 0 ? 'no class' : `a single class, ${found[0]}`}; a classifier needs at least two`)
  return found
}

type Refuse = (what: string, row?: number, facts?: ErrorFacts) => AssayError

function labelReader(header: readonly string[], rows: readonly string[][], classes: readonly string[], { finding, classNames }: LabelTableOptions, refuse: Refuse): (row: string[], at: number) => number {
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
  if (label >= 0) {
    const named = labelByName(classes, classNames)
    const labelOf = (value: string): number => {
      const place = named(value)
      return place < 0 && /^\d+$/.test(value) && Number(value) < classes.length ? Number(value) : place
    }
    return (row, at) => {
      const value = row[label]?.trim() ?? ''
      const place = labelOf(value)
      if (place >= 0) return place
      const unknown = rows.map((each) => each[label]?.trim() ?? '').filter((each) => each && labelOf(each) < 0)
      throw refuse(`has the label ${value || '(empty)'}, which is none of ${classes.join(', ')} and no index of them`, at, unknownNames(unknown))
    }
  }
  const own = classes.map((name) => columns.indexOf(name.toLowerCase()))
  if (own.some((column) => column < 0)) throw refuse(`has neither a column "label" nor one for each of ${classes.join(', ')}`)
  return (row, at) => {
    const set = own.flatMap((column, i) => (flag(row, column, at) === 1 ? [i] : []))
    if (set.length !== 1) throw refuse(`is of ${set.length} classes; choose one finding to audit, or give each file one class`, at)
    return set[0]!
  }
}
