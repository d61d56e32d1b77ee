/**
 * Does something give the class away that no doctor would look at? A network learns whatever tells the classes apart, the
 * size of the pictures of one hospital as gladly as a disease. So a small tree is asked to tell the class from such features
 * alone, on patients that it has not seen.
 */
import type { Giveaway } from '../../shared/training'
import { Random } from '../tensor/random'
import { binned, growTree, type Table } from './tree'

const folds = 5
/** With fewer images of a class a fold has hardly any. */
const fewestPerClass = 10

/** A number, or a word that is compared as a whole; undefined where a file does not say. */
export type Feature = number | string | undefined

export interface Described {
  label: number
  /** Of one patient, and so in one fold. */
  group: string
  features: Readonly<Record<string, Feature>>
}

/**
 * One standard error of balanced accuracy by chance alone.
 * @param patients of each class: images of one patient are right or wrong together
 */
export function chanceError(patients: readonly number[]): number {
  const chance = 1 / patients.length
  return Math.sqrt(patients.reduce((sum, n) => sum + (chance * (1 - chance)) / n, 0)) / patients.length
}

/** Different groups of each class; where nothing says whose images are, that is their number. */
export const patientsPerClass = (images: readonly Pick<Described, 'label' | 'group'>[], classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => new Set(images.flatMap(({ label, group }) => (label === c ? [group] : []))).size)

/** Numbers as they are; of words a column for each of the 16 commonest. Features that are the same everywhere are left out. */
function columnsOf(images: readonly Described[], name: string): Uint8Array[] {
  const values = images.map(({ features }) => features[name])
  if (new Set(values).size < 2) return []
  if (!values.some((value) => typeof value === 'string')) return [binned(values.map((value) => (typeof value === 'number' ? value : NaN)))]
  const counts = new Map<Feature, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const common = [...counts].sort(([, a], [, b]) => b - a).slice(0, 16)
  return common.map(([word]) => Uint8Array.from(values, (value) => Number(value === word)))
}

/** Fold of each image: whole patients, every class spread over all folds. */
function foldsOf(images: readonly Described[], seed: number): Uint8Array {
  const labels = new Map<string, number>()
  for (const { group, label } of images) if (!labels.has(group)) labels.set(group, label)
  const shuffled = new Random(seed).fork('giveaway').shuffle([...labels]).sort(([, a], [, b]) => a - b)
  const fold = new Map(shuffled.map(([group], i) => [group, i % folds]))
  return Uint8Array.from(images, ({ group }) => fold.get(group)!)
}

function balancedAccuracy(table: Table, fold: Uint8Array): number {
  const right = new Float64Array(table.classes)
  const counts = new Float64Array(table.classes)
  const rows = Array.from(table.labels, (_, i) => i)
  const options = { depth: 4, leaf: Math.max(5, Math.round(rows.length / 100)) }
  for (let f = 0; f < folds; f++) {
    const classify = growTree(table, rows.filter((row) => fold[row] !== f), options)
    for (const row of rows) {
      if (fold[row] !== f) continue
      const label = table.labels[row]!
      counts[label]!++
      if (classify(row) === label) right[label]!++
    }
  }
  return right.reduce((sum, n, c) => sum + n / counts[c]!, 0) / table.classes
}

/** Null where a class has too few images or patients to be asked. */
export function giveawayOf(images: readonly Described[], classes: number, seed: number): Giveaway | null {
  const counts = Array.from({ length: classes }, (_, c) => images.filter(({ label }) => label === c).length)
  const patients = patientsPerClass(images, classes)
  if (counts.some((n) => n < fewestPerClass) || patients.some((n) => n < folds)) return null
  const chance = 1 / classes
  const labels = Int32Array.from(images, ({ label }) => label)
  const fold = foldsOf(images, seed)
  const names = [...new Set(images.flatMap(({ features }) => Object.keys(features)))]
  const columns = names.map((name) => ({ name, columns: columnsOf(images, name) })).filter((feature) => feature.columns.length > 0)
  if (columns.length === 0) return { balancedAccuracy: chance, chance, features: [] }
  const ask = (asked: Uint8Array[]): number => balancedAccuracy({ columns: asked, labels, classes }, fold)
  const telling = chance + 3 * chanceError(patients)
  return {
    balancedAccuracy: ask(columns.flatMap((feature) => feature.columns)),
    chance,
    features: columns
      .map((feature) => ({ name: feature.name, balancedAccuracy: ask(feature.columns) }))
      .filter((feature) => feature.balancedAccuracy > telling)
      .sort((a, b) => b.balancedAccuracy - a.balancedAccuracy),
  }
}
