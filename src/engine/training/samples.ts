/**
 * A few images of the validation part that are looked at after each epoch: as they are, attacked, as the purifier of that
 * moment leaves them, and what the classifier answers on each. They are for people; nothing is chosen by them.
 *
 * Kept as 16 bits a pixel in the job's folder: `samples/images.npz` once, `samples/epoch-0007.npz` for an epoch.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EpochLine } from '../../shared/training-record'
import { AssayError } from '../../shared/errors'
import { makeFolder, writeFileAtomic } from '../bundle/atomic'
import { decodeNpz, encodeNpz } from '../tensor/npz'
import { sizeOf, tensor } from '../tensor/tensor'
import { argmax } from './evaluate'
import { imageLength, type LabelledImages } from './training-data'

/** Images looked at after each epoch. */
const sampleCount = 4
/** Epochs of which pictures are kept, beside the best ones: a long training must not fill the disk with them. */
const mostEpochs = 16

/** What an epoch makes of the sample images. Each array is [count, C, H, W] in [0, 1]. */
export interface Looked {
  /** The attacked images as the purifier leaves them; null where none is trained. */
  purified: Float32Array | null
  answers: EpochLine['answers']
}

/** What a training hands in to have its sample images looked at. */
export interface SampleImages {
  images: LabelledImages
  /** null where the training makes no attacks. */
  attacked: Float32Array | null
  /** Strength of the attack, in units of [0, 1]. */
  epsilon: number | null
  look(weights: Float32Array): Promise<Looked>
}

/** One image of each class in turn, the same ones whenever they are asked for. */
export function chooseSamples(images: LabelledImages, count = sampleCount): LabelledImages {
  const byClass = images.classes.map((_, c) => [...images.labels.keys()].filter((i) => images.labels[i] === c))
  const chosen: number[] = []
  for (let round = 0; chosen.length < Math.min(count, images.labels.length); round++)
    for (const own of byClass) if (own[round] !== undefined && chosen.length < count) chosen.push(own[round]!)
  const length = imageLength(images.size)
  const x = new Float32Array(chosen.length * length)
  chosen.forEach((from, to) => x.set(images.x.subarray(from * length, (from + 1) * length), to * length))
  return { ...images, x, labels: Int32Array.from(chosen, (i) => images.labels[i]!) }
}

/** Class and probability of each row of logits [count, classes]. */
export function answersOf(logits: Float32Array, count: number): EpochLine['answers'][string] {
  const classes = logits.length / count
  return Array.from({ length: count }, (_, i) => {
    const label = argmax(logits, i * classes, classes)
    const highest = logits[i * classes + label]!
    let sum = 0
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[i * classes + c]! - highest)
    return { label, probability: 1 / sum }
  })
}

/** Whether pictures of an epoch are kept: the first, the last, the best ones, and some in between. */
export const keepsPictures = (epoch: number, epochs: number, best: boolean): boolean => best || epoch === 1 || epoch === epochs || epoch % Math.ceil(epochs / mostEpochs) === 0

export const samplesFolder = 'samples'
const imagesFile = 'images.npz'
const epochFile = (epoch: number): string => `epoch-${String(epoch).padStart(4, '0')}.npz`

const packed = (x: Float32Array, shape: readonly number[]) => tensor('uint16', shape, Uint16Array.from(x, (v) => Math.round(Math.min(1, Math.max(0, v)) * 65535)))
const unpacked = (x: Uint16Array): Float32Array => Float32Array.from(x, (v) => v / 65535)

async function write(folder: string, file: string, arrays: Record<string, Float32Array>, shape: readonly number[]): Promise<void> {
  const path = join(folder, samplesFolder, file)
  await makeFolder(dirname(path))
  await writeFileAtomic(path, encodeNpz(Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, packed(x, shape)])), { compress: true }))
}

const shapeOf = ({ labels, size }: LabelledImages): number[] => [labels.length, size.channels, size.height, size.width]

/** @throws AssayError disk-full, output-not-writable */
export const writeSampleImages = (folder: string, { images, attacked }: SampleImages): Promise<void> => write(folder, imagesFile, { clean: images.x, ...(attacked && { attacked }) }, shapeOf(images))

/** @throws AssayError disk-full, output-not-writable */
export const writeSamplesOf = (folder: string, epoch: number, images: LabelledImages, purified: Float32Array): Promise<void> => write(folder, epochFile(epoch), { purified }, shapeOf(images))

export interface StoredSamples {
  /** [C, H, W] each, in [0, 1]. */
  clean: Float32Array[]
  attacked: Float32Array[] | null
  purified: Float32Array[] | null
}

/** @throws AssayError `result-not-found` where they were not kept */
export async function readSamples(folder: string, epoch: number, pictures: boolean): Promise<StoredSamples> {
  const read = async (file: string) => {
    const path = join(folder, samplesFolder, file)
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new AssayError('result-not-found', 'The sample images of this training are no longer there; only its curves are.', { path }, { cause })
    })
    return Object.fromEntries(
      Object.entries(decodeNpz(bytes, path)).map(([name, { data, shape }]) => {
        const values = unpacked(data as Uint16Array)
        const length = sizeOf(shape.slice(1))
        return [name, Array.from({ length: shape[0]! }, (_, i) => values.subarray(i * length, (i + 1) * length))]
      }),
    )
  }
  const { clean, attacked } = await read(imagesFile)
  const purified = pictures ? (await read(epochFile(epoch)))['purified']! : null
  return { clean: clean!, attacked: attacked ?? null, purified }
}
