/** Images for training in memory, cut by patient into what is learned from and what is only measured on. */
import { createHash } from 'node:crypto'
import { AssayError } from '../../shared/errors'
import type { ModelInput, Origins } from '../../shared/bundle'
import { amount } from '../data-check/finding'
import { openLabelled, openTest, type LoadedItem, type TestQuery } from '../dataset/labelled-source'
import type { LoadFailure } from '../dataset/model-inputs'
import { byIdentifier, joinPatients } from '../dataset/patients'
import { splitByGroup } from '../dataset/split'
import { originsOf } from '../screening/origins'
import { Random } from '../tensor/random'
import { float32, int64, type Tensor } from '../tensor/tensor'
import { augment, type Augmentation, type ImageSize } from './augment'

export interface LabelledImages {
  /** [count, C, H, W] in [0, 1]. */
  x: Float32Array
  labels: Int32Array
  size: ImageSize
  classes: string[]
}

/** Images of one part, and where each of them comes from. */
export interface DataPart extends LabelledImages {
  /** One per image; `group` is the same for images of one patient. */
  items: readonly LoadedItem[]
}

export interface TrainingData {
  training: DataPart
  validation: DataPart
  /** Place in the data of each image, of those to learn from first. */
  order: readonly number[]
  /** Images that were held back and are in neither part, since a network learned from them before. */
  leftOut?: number
  failures: LoadFailure[]
  /** Over all pixel values and labels, of images that are left out too. */
  sha256: string
}

/** What a bundle tells of how one of its networks learned. */
export interface LearnedRecord {
  settings?: { validationShare?: number; seed?: number }
  data?: { images?: number; validationImages?: number; leftOut?: number; sha256?: string }
}

/** All that its training read. */
export const imagesOf = ({ data }: LearnedRecord): number => (data?.images ?? 0) + (data?.validationImages ?? 0) + (data?.leftOut ?? 0)

export interface LoadingHooks {
  signal?: AbortSignal
  progress?: (done: number, total: number) => void
}

/** Where labelled images lie: `--data` with `--labels`, `--test` with `--testLabels`; and what the classes are called there. */
export type DataPlaces = Pick<TestQuery, 'data' | 'labels' | 'test' | 'testLabels' | 'classNames'>

/**
 * @param share of the patients that is held back, where no table of labels says which; of so many images that could be read
 * @throws AssayError `data-set-invalid`, `file-not-found`, `cancelled`
 */
export async function loadTrainingData({ data, labels, classNames }: DataPlaces, classes: readonly string[] | undefined, spec: ModelInput, share: number | ((images: number) => number), seed: number, hooks: LoadingHooks = {}): Promise<TrainingData> {
  const source = await openLabelled({ data, labels, classes, classNames, part: 'train' })
  const loaded = await source.load(spec, hooks)
  const { groups } = joinPatients(loaded.items)
  const items = loaded.items.map((item, at) => ({ ...item, group: groups[at]!, at }))
  const { rest, held } = cut(items, typeof share === 'number' ? share : share(items.length), seed)
  const size: ImageSize = { channels: spec.channels, height: spec.height, width: spec.width }
  const order = [...rest, ...held].map(({ at }) => at)
  arrange(loaded.x, imageLength(size), order)
  const part = (x: Float32Array, members: readonly (LoadedItem & { at: number })[]): DataPart => ({
    x,
    labels: Int32Array.from(members, ({ label }) => label),
    size,
    classes: [...source.classes],
    items: members.map(({ at: _at, ...item }) => item),
  })
  const border = rest.length * imageLength(size)
  const training = part(loaded.x.subarray(0, border), rest)
  const validation = part(loaded.x.subarray(border), held)
  for (const [i, name] of source.classes.entries())
    if (!training.labels.includes(i))
      throw new AssayError('data-set-invalid', `None of the images of ${name} could be read for training; check them.`, { class: name })
  const sha256 = digestOf([training, validation].map(({ x, labels: ofPart }) => ({ pixels: [x], labels: ofPart })))
  return { training, validation, order, failures: loaded.failures, sha256 }
}

/** Over the pixel values and the labels of each part, one part after the other. */
function digestOf(parts: readonly { pixels: readonly Float32Array[]; labels: Int32Array }[]): string {
  const hash = createHash('sha256')
  const add = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) => void hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  for (const { pixels, labels } of parts) {
    pixels.forEach(add)
    add(labels)
  }
  return hash.digest('hex')
}

/** With so few the identifiers are suspected to be an anonymiser's. */
const fewPatients = 10

/**
 * @param fewest that what is made of the images takes
 * @param more what to do to hold back more
 * @throws AssayError `data-set-invalid` where fewer are held back
 */
export function requireHeldBack({ training, validation }: TrainingData, fewest: number, more = 'give images of more patients for each class, or hold back a larger share (--validation-share)'): void {
  const { length } = validation.labels
  if (length >= fewest) return
  // Whoever calls everybody ANON-1 and ANON-2 has two patients, whatever a larger share is asked for.
  const people = new Set([...training.items, ...validation.items].map(({ group }) => group))
  const byFiles = people.size <= fewPatients && [...people].some(byIdentifier) ? ` The files are of ${amount(people.size, 'patient')} by their DICOM identifiers; a column "patient" in a table of labels overrules them.` : ''
  throw new AssayError('data-set-invalid', `${amount(length, 'image')} held back to measure on ${length === 1 ? 'is' : 'are'} too few, and it takes ${fewest} at least; ${more}.${byFiles}`, { images: length })
}

/**
 * Places of the images held back that a network learned from before. They are known where these are just the images of its
 * own training: cut as it cut them, they have the digest that its record tells. Null where they are others.
 */
export function learnedBefore({ training, validation, order }: TrainingData, learned: LearnedRecord): number[] | null {
  const { settings, data } = learned
  if (settings?.seed === undefined || settings.validationShare === undefined || imagesOf(learned) !== order.length) return null
  const length = imageLength(training.size)
  const rows = [training, validation].flatMap(({ x, items }) => items.map((item, i) => ({ ...item, x: x.subarray(i * length, (i + 1) * length) })))
  const items = rows.map((row, i) => ({ ...row, i, at: order[i]! })).sort((a, b) => a.at - b.at)
  const { rest, held } = cut(items, settings.validationShare, settings.seed)
  const sha256 = digestOf([rest, held].map((part) => ({ pixels: part.map(({ x }) => x), labels: Int32Array.from(part, ({ label }) => label) })))
  const border = training.labels.length
  return sha256 === data?.sha256 ? rest.flatMap(({ i }) => (i >= border ? [i - border] : [])) : null
}

/** The data without the images held back at these places. The rest moves up in their place, so that the images are never in memory twice. */
export function withoutHeld(data: TrainingData, places: ReadonlySet<number>): TrainingData {
  const { training, validation, order } = data
  const length = imageLength(validation.size)
  const kept = validation.items.flatMap((_, i) => (places.has(i) ? [] : [i]))
  kept.forEach((from, to) => validation.x.copyWithin(to * length, from * length, (from + 1) * length))
  const border = training.labels.length
  return {
    ...data,
    validation: { ...validation, x: validation.x.subarray(0, kept.length * length), labels: Int32Array.from(kept, (i) => validation.labels[i]!), items: kept.map((i) => validation.items[i]!) },
    order: [...order.slice(0, border), ...kept.map((i) => order[border + i]!)],
    leftOut: places.size,
  }
}

/** Which devices the images come from, of both parts. */
export const originsOfData = ({ training, validation }: Pick<TrainingData, 'training' | 'validation'>): Origins =>
  originsOf([...training.items, ...validation.items].flatMap(({ device }) => device ?? []))

/** As a table says; by patient and seed where it says nothing. */
function cut<T extends LoadedItem>(items: readonly T[], share: number, seed: number): { rest: T[]; held: T[] } {
  if (!items.some(({ part }) => part === 'val')) return splitByGroup(items, share, seed)
  return { rest: items.filter(({ part }) => part !== 'val'), held: items.filter(({ part }) => part === 'val') }
}

/** Puts rows into another order in their own place, so that the images are never in memory twice: row `order[i]` becomes row i. */
function arrange(x: Float32Array, length: number, order: readonly number[]): void {
  const done = new Uint8Array(order.length)
  const kept = new Float32Array(length)
  for (let start = 0; start < order.length; start++) {
    if (done[start]) continue
    kept.set(x.subarray(start * length, (start + 1) * length))
    let at = start
    for (; order[at] !== start; at = order[at]!) {
      x.copyWithin(at * length, order[at]! * length, (order[at]! + 1) * length)
      done[at] = 1
    }
    x.set(kept, at * length)
    done[at] = 1
  }
}

/**
 * Images that nothing is chosen on; none of them where none were named and no table marks any. Read before the training, so
 * that data that cannot be used is known at once and not after hours.
 * @throws AssayError `data-set-invalid`, `file-not-found`, `cancelled`
 */
export async function loadTestData(places: DataPlaces, classes: readonly string[], spec: ModelInput, hooks: LoadingHooks = {}): Promise<{ images: DataPart | undefined; failures: LoadFailure[] }> {
  const source = await openTest({ ...places, classes })
  if (!source) return { images: undefined, failures: [] }
  const { x, labels, items, failures } = await source.load(spec, hooks)
  if (labels.length === 0) throw new AssayError('data-set-invalid', `None of the test images in ${places.test ?? places.data} could be read; check --test.`, { path: places.test ?? places.data })
  return { images: { x, labels, size: { channels: spec.channels, height: spec.height, width: spec.width }, classes: [...classes], items }, failures }
}

/** Grey when the first image that can be read is grey, colour otherwise. @throws AssayError `data-set-invalid` */
export async function channelsOf({ data, labels, classNames }: DataPlaces): Promise<1 | 3> {
  const source = await openLabelled({ data, labels, classNames, part: 'train' })
  for (const item of source.items) {
    const image = await source.image(item).catch(() => null)
    if (image) return image.samples
  }
  throw new AssayError('data-set-invalid', `None of the images in ${data} could be read; check the folder.`, { path: data })
}

export const imageLength = ({ channels, height, width }: ImageSize): number => channels * height * width

/** At most `count` of the images, evenly over the list and so over the classes. */
export function someOf(images: LabelledImages, count: number): LabelledImages {
  if (images.labels.length <= count) return images
  const length = imageLength(images.size)
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * images.labels.length) / count))
  const x = new Float32Array(count * length)
  chosen.forEach((from, to) => x.set(images.x.subarray(from * length, (from + 1) * length), to * length))
  return { ...images, x, labels: Int32Array.from(chosen, (i) => images.labels[i]!) }
}

/** Batches of random views, in an order that the seed and the epoch decide. */
export class AugmentedBatches {
  readonly stepsPerEpoch: number
  private order: { epoch: number; indices: number[] } | undefined

  /** @throws AssayError `data-set-invalid` when there are fewer images than one batch takes. */
  constructor(
    private readonly images: LabelledImages,
    readonly batch: number,
    private readonly seed: number,
    private readonly augmentation: Augmentation,
  ) {
    this.stepsPerEpoch = Math.floor(images.labels.length / batch)
    if (this.stepsPerEpoch === 0)
      throw new AssayError('data-set-invalid', `${images.labels.length} images are fewer than one batch of ${batch}; give more images or a smaller --batch.`, { images: images.labels.length })
  }

  at(epoch: number, step: number): { x: Tensor<'float32'>; labels: Tensor<'int64'>; random: Random } {
    if (this.order?.epoch !== epoch) {
      const indices = new Random(this.seed).fork(`order ${epoch}`).shuffle(Array.from(this.images.labels, (_, i) => i))
      this.order = { epoch, indices }
    }
    const { size } = this.images
    const pixels = imageLength(size)
    const chosen = this.order.indices.slice(step * this.batch, (step + 1) * this.batch)
    const x = new Float32Array(this.batch * pixels)
    const root = new Random(this.seed)
    chosen.forEach((index, i) => augment(this.images.x.subarray(index * pixels, (index + 1) * pixels), x.subarray(i * pixels, (i + 1) * pixels), size, root.fork(`view ${epoch} ${index}`), this.augmentation))
    return {
      x: float32([this.batch, size.channels, size.height, size.width], x),
      labels: int64([this.batch], chosen.map((i) => this.images.labels[i]!)),
      random: root.fork(`step ${epoch} ${step}`),
    }
  }
}
