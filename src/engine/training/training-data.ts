/** Images for training in memory, cut by patient into what is learned from and what is only measured on. */
import { createHash } from 'node:crypto'
import { AssayError } from '../../shared/errors'
import type { ModelInput } from '../../shared/bundle'
import { readLabelled } from '../dataset/labelled'
import { loadModelInputs, type LoadFailure } from '../dataset/model-inputs'
import { splitByGroup } from '../dataset/split'
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

export interface TrainingData {
  training: LabelledImages
  validation: LabelledImages
  failures: LoadFailure[]
  /** Over all pixel values and labels. */
  sha256: string
}

export interface LoadingHooks {
  signal?: AbortSignal
  progress?: (done: number, total: number) => void
}

async function load(items: Awaited<ReturnType<typeof readLabelled>>['items'], classes: string[], spec: ModelInput, hooks: LoadingHooks): Promise<{ images: LabelledImages; failures: LoadFailure[] }> {
  const loaded = await loadModelInputs(items, spec, hooks)
  const { channels, height, width } = spec
  return { images: { x: loaded.x, labels: loaded.labels, size: { channels, height, width }, classes }, failures: loaded.failures }
}

/** @throws AssayError `data-set-invalid`, `cancelled` */
export async function loadTrainingData(folder: string, classes: readonly string[] | undefined, spec: ModelInput, share: number, seed: number, hooks: LoadingHooks = {}): Promise<TrainingData> {
  const set = await readLabelled(folder, classes)
  const { rest, held } = splitByGroup(set.items, share, seed)
  const counted = (offset: number): LoadingHooks => ({ ...hooks, progress: (done) => hooks.progress?.(offset + done, set.items.length) })
  const training = await load(rest, set.classes, spec, counted(0))
  const validation = await load(held, set.classes, spec, counted(rest.length))
  for (const [i, name] of set.classes.entries())
    if (!training.images.labels.includes(i))
      throw new AssayError('data-set-invalid', `None of the images of ${name} could be read; check that folder.`, { class: name })
  const hash = createHash('sha256')
  for (const { x, labels } of [training.images, validation.images]) {
    hash.update(new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength))
  }
  return { training: training.images, validation: validation.images, failures: [...training.failures, ...validation.failures], sha256: hash.digest('hex') }
}

/**
 * Images that nothing is chosen on; none of them where no folder was named. Read before the training, so that a folder
 * that cannot be used is known at once and not after hours.
 * @throws AssayError `data-set-invalid`, `file-not-found`, `cancelled`
 */
export async function loadTestData(
  folder: string | undefined,
  classes: readonly string[],
  spec: ModelInput,
  hooks: LoadingHooks = {},
): Promise<{ images: LabelledImages | undefined; failures: LoadFailure[] }> {
  if (folder === undefined) return { images: undefined, failures: [] }
  const set = await readLabelled(folder, classes)
  const loaded = await load(set.items, set.classes, spec, hooks)
  if (loaded.images.labels.length === 0)
    throw new AssayError('data-set-invalid', `None of the images in ${folder} could be read; check --test.`, { path: folder })
  return loaded
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
