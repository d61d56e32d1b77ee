/**
 * Labelled images to learn from or to test on, whichever way they lie there: class folders, any folder with a CSV of
 * labels, or an archive.
 */
import { extname, relative, resolve, sep } from 'node:path'
import type { ModelInput } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import { deviceOf } from '../image/decoded-image'
import type { DecodedImage, Device } from '../image/decoded-image'
import { readImage } from '../image/files'
import { readArchive } from './archive'
import type { ClassNames } from './class-names'
import { readLabelTable, type Part } from './label-table'
import { readLabelled, type LabelledItem } from './labelled'
import { loadModelInputs, throwIfAborted, type LoadOptions, type ModelInputs } from './model-inputs'

export interface SourceItem extends LabelledItem {
  /** Relative to the data with forward slashes, or `#<row>` of an archive: for people. */
  name: string
  /** `val` where a table puts it aside for validation. */
  part: Part
}

export interface LoadedItem extends SourceItem {
  /** Digest of the patient's identifier in a DICOM file. */
  patient?: string | undefined
  /** What made the image; undefined for archives. */
  device?: Device | undefined
}

export interface LabelledSource {
  readonly classes: readonly string[]
  readonly items: readonly SourceItem[]
  /** One picture by itself. @throws AssayError like readImage */
  image(item: SourceItem, signal?: AbortSignal): Promise<DecodedImage>
  /** All as model inputs, in memory. @throws AssayError `cancelled` */
  load(spec: ModelInput, options?: LoadOptions): Promise<ModelInputs<LoadedItem>>
}

export interface LabelledQuery {
  /** Folder or .npz. */
  data: string
  /** CSV of labels. */
  labels?: string | undefined
  /** Of the bundle; what folders, labels or archive name when absent. */
  classes?: readonly string[] | undefined
  /** What folders or tables call the classes, where that is something else. */
  classNames?: ClassNames | undefined
  /** Rows that a table or archive marks for the other part are left out. */
  part: 'train' | 'test'
}

const isArchive = (path: string): boolean => extname(path).toLowerCase() === '.npz'

/** @throws AssayError `data-set-invalid`, `file-not-found`, `invalid-arguments` */
export async function openLabelled(query: LabelledQuery): Promise<LabelledSource> {
  if (isArchive(query.data)) return fromArchive(query)
  const root = resolve(query.data)
  const named = (item: LabelledItem, part: Part): SourceItem => ({ ...item, name: relative(root, item.path).split(sep).join('/'), part })
  if (query.labels === undefined) {
    const { classes, items } = await readLabelled(root, query.classes, query.classNames)
    return fromFiles(classes, items.map((item) => named(item, query.part)))
  }
  const { classes, items } = await readLabelTable(query.labels, root, { classes: query.classes, classNames: query.classNames })
  // In a table without marks all rows are for whoever asks; beside marked ones, those without are for the training.
  const marked = items.some(({ part }) => part !== undefined)
  const wanted = marked ? items.filter(({ part }) => (part === 'test') === (query.part === 'test')) : items
  if (wanted.length === 0)
    throw new AssayError('data-set-invalid', `No row of ${query.labels} is for the ${query.part === 'test' ? 'test' : 'training'}; check its column "split".`, { path: query.labels })
  return fromFiles(classes, wanted.map((item) => named(item, item.part ?? query.part)))
}

export interface TestQuery extends Omit<LabelledQuery, 'part'> {
  test?: string | undefined
  testLabels?: string | undefined
}

/**
 * The images kept for the test: those named for it, else the rows of the training data's own table that its column `split`
 * marks so. Undefined where there are none of either.
 * @throws AssayError like openLabelled
 */
export async function openTest({ data, labels, test, testLabels, classes, classNames }: TestQuery): Promise<LabelledSource | undefined> {
  if (test !== undefined) return openLabelled({ data: test, labels: testLabels, classes, classNames, part: 'test' })
  if (testLabels !== undefined) return openLabelled({ data, labels: testLabels, classes, classNames, part: 'test' })
  if (labels === undefined || isArchive(data)) return undefined
  const marked = (await readLabelTable(labels, resolve(data), { classes, classNames })).items.some(({ part }) => part === 'test')
  return marked ? openLabelled({ data, labels, classes, classNames, part: 'test' }) : undefined
}

function fromFiles(classes: readonly string[], items: readonly SourceItem[]): LabelledSource {
  return {
    classes,
    items,
    image: (item, signal) => readImage(item.path, undefined, signal),
    async load(spec, options) {
      const seen = new Map<SourceItem, Pick<LoadedItem, 'patient' | 'device'>>()
      const loaded = await loadModelInputs(items, spec, {
        ...options,
        decoded: (item, image) => void seen.set(item, { patient: image.origin?.patient, device: deviceOf(image) }),
      })
      return { ...loaded, items: loaded.items.map((item) => ({ ...item, ...seen.get(item) })) }
    },
  }
}

async function fromArchive({ data, labels: table, classes: asked, classNames, part }: LabelledQuery): Promise<LabelledSource> {
  const { classes, labels, image, input } = await readArchive(data, { classes: asked, part, labels: table, classNames })
  if (labels.length === 0) throw new AssayError('data-set-invalid', `There are no images in ${data}; choose another archive.`, { path: data })
  const items = Array.from(labels, (label, row): SourceItem => ({ path: `${resolve(data)}#${row}`, name: `#${row}`, label, group: `${resolve(data)}#${part}${row}`, part }))
  return {
    classes,
    items,
    image: async (item) => image(Number(item.name.slice(1))),
    async load(spec, { signal, progress } = {}) {
      const size = spec.channels * spec.height * spec.width
      const x = new Float32Array(items.length * size)
      for (const row of items.keys()) {
        throwIfAborted(signal)
        x.set(input(row, spec), row * size)
        progress?.(row + 1, items.length)
      }
      return { x, count: items.length, labels: labels.slice(), items: [...items], failures: [] }
    },
  }
}
