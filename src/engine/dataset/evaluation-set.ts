/**
 * Labelled images to evaluate on, whichever way they lie there: class folders, any folder with a CSV of labels, or an
 * archive. Images are read in pieces, so that the size of the set does not matter.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, relative, resolve, sep } from 'node:path'
import type { ModelInput } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import { readArchive } from './archive'
import type { ClassNames } from './class-names'
import { readLabelTable } from './label-table'
import { readLabelled } from './labelled'
import { loadModelInputs, throwIfAborted, type LoadFailure } from './model-inputs'

export interface EvaluationQuery {
  path: string
  /** CSV of labels. */
  labels?: string
  part: 'train' | 'val' | 'test'
  limit?: number
  spec: ModelInput
  /** Of the bundle, or the two of one finding. */
  classes: readonly string[]
  /** What folders or tables call the classes, where that is something else. */
  classNames?: ClassNames | undefined
  /** One of several findings: its name, its index, and how many there are. */
  finding?: { name: string; index: number; of: number }
}

export interface EvaluationPiece {
  /** Places in the set of the images that could be read. */
  numbers: number[]
  /** [numbers.length, channels, height, width] in [0, 1]. */
  x: Float32Array
  failures: LoadFailure[]
}

export interface EvaluationSet {
  readonly labels: Int32Array
  /** Relative to the folder with forward slashes, or `#<row>` of an archive. */
  readonly paths: readonly string[]
  /** Images from `start` to before `end`. @throws AssayError `cancelled` */
  load(start: number, end: number, signal?: AbortSignal): Promise<EvaluationPiece>
  /** sha256 over names, labels and contents of the images that were chosen. */
  hash(signal?: AbortSignal): Promise<string>
}

/** `count` of the items at even distances. */
export const evenly = <T>(items: readonly T[], count: number): T[] => Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)

/** `count` places at even distances in a list sorted by class, which keeps the classes' shares; ascending. */
export function spread(labels: ArrayLike<number>, count: number | undefined): number[] {
  const order = Array.from({ length: labels.length }, (_, i) => i)
  if (count === undefined || count >= order.length) return order
  order.sort((a, b) => labels[a]! - labels[b]! || a - b)
  return evenly(order, count).sort((a, b) => a - b)
}

/** @throws AssayError `data-set-invalid`, `file-not-found` */
export async function openEvaluationSet(query: EvaluationQuery): Promise<EvaluationSet> {
  return extname(query.path).toLowerCase() === '.npz' ? fromArchive(query) : fromFolder(query)
}

async function fromFolder({ path, labels: table, limit, spec, classes, classNames, finding }: EvaluationQuery): Promise<EvaluationSet> {
  const root = resolve(path)
  const items = table === undefined ? (await readLabelled(root, classes, classNames)).items : (await readLabelTable(table, root, { classes, classNames, finding: finding?.name })).items
  const chosen = spread(items.map(({ label }) => label), limit).map((i) => items[i]!)
  const paths = chosen.map((item) => relative(root, item.path).split(sep).join('/'))
  return {
    labels: Int32Array.from(chosen, ({ label }) => label),
    paths,
    async load(start, end, signal) {
      const wanted = chosen.slice(start, end).map((item, i) => ({ ...item, number: start + i }))
      const { x, items: read, failures } = await loadModelInputs(wanted, spec, { signal })
      return { x, numbers: read.map(({ number }) => number), failures }
    },
    async hash(signal) {
      const hash = createHash('sha256')
      for (const [i, item] of chosen.entries()) {
        throwIfAborted(signal)
        const content = await readFile(item.path).then((bytes) => createHash('sha256').update(bytes).digest('hex'), () => 'unreadable')
        hash.update(`${paths[i]}\n${item.label}\n${content}\n`)
      }
      return hash.digest('hex')
    },
  }
}

async function fromArchive({ path, labels, limit, spec, classes, classNames, part, finding }: EvaluationQuery): Promise<EvaluationSet> {
  const archive = await readArchive(path, { classes, part, finding, labels, classNames })
  const rows = spread(archive.labels, limit)
  if (rows.length === 0) throw new AssayError('data-set-invalid', `There are no images in ${path}; choose another archive.`, { path })
  const size = spec.channels * spec.height * spec.width
  return {
    labels: Int32Array.from(rows, (row) => archive.labels[row]!),
    paths: rows.map((row) => `#${row}`),
    async load(start, end, signal) {
      throwIfAborted(signal)
      const wanted = rows.slice(start, end)
      const x = new Float32Array(wanted.length * size)
      wanted.forEach((row, i) => x.set(archive.input(row, spec), i * size))
      return { x, numbers: wanted.map((_, i) => start + i), failures: [] }
    },
    hash: async () => createHash('sha256').update(archive.bytes).update(`\n${part}\n${rows.join()}\n`).digest('hex'),
  }
}
