/**
 * A foreign ONNX file before it is imported: what is in it, and settings as far as the file and a trial run say them.
 */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { FoundModel, GuessedSettings } from '../../shared/models'
import { sha256 } from '../bundle/content'
import { createImageSession } from '../bundle/image-session'
import type { OnnxModel } from '../onnx/model'
import { Random } from '../tensor/random'
import { float32, toNumbers } from '../tensor/tensor'
import { dimension, imageInput, outputLooksLike, outputOf, readForeignModel } from './foreign-model'
import type { OutputKind } from './foreign-model'
import { rangeOf } from './input-scaling'
import { inspectModel, usualSize } from './inspect'

type Shape = Pick<GuessedSettings, 'layout' | 'channels' | 'height' | 'width' | 'sizeKnown'>

/** @throws AssayError `onnx-invalid` where the input is no batch of grey or RGB images */
function shapeOf(model: OnnxModel, hints: string[]): Shape {
  const input = imageInput(model)
  const isChannels = (value: number | undefined): value is 1 | 3 => value === 1 || value === 3
  const [first, last] = [dimension(input, 1), dimension(input, 3)]
  const layout = isChannels(first) || !isChannels(last) ? 'nchw' : 'nhwc'
  const [channels, height, width] = layout === 'nchw' ? [first, dimension(input, 2), last] : [last, first, dimension(input, 2)]
  if (channels !== undefined && !isChannels(channels))
    throw new AssayError('onnx-invalid', `The model's input ${input.name} is [${input.shape?.join(', ')}]: neither its second nor its last dimension is 1 or 3, where grey or RGB images have their channels.`, { input: input.name })
  if (channels === undefined) hints.push('The file leaves channels and layout open: 3 channels before rows and columns are assumed.')
  const sizeKnown = height !== undefined && width !== undefined
  if (!sizeKnown) hints.push(`The file leaves rows and columns open: ${height ?? usualSize.height} × ${width ?? usualSize.width} is assumed. Enter what the model was trained with.`)
  return { layout, channels: channels ?? 3, height: height ?? usualSize.height, width: width ?? usualSize.width, sizeKnown }
}

/** The first image's answers to noise, each of two images of different brightness. @throws AssayError `runtime-failed` */
async function answersToNoise(bytes: Uint8Array, { layout, channels, height, width }: Shape, top: number): Promise<number[][]> {
  const session = await createImageSession(bytes, { provider: 'cpu' })
  try {
    const random = new Random('find-out')
    const shape = layout === 'nchw' ? [1, channels, height, width] : [1, height, width, channels]
    const rows: number[][] = []
    for (const level of [0.25, 0.65]) {
      const x = Float32Array.from({ length: channels * height * width }, () => top * (level + 0.1 * random.next()))
      rows.push(toNumbers((await session.run({ [session.inputNames[0]!]: float32(shape, x) }))[session.outputNames[0]!]!))
    }
    return rows
  } finally {
    await session.release()
  }
}

/** What the numbers look like, whatever the file's last operator is called. */
function outputKind(model: OnnxModel, rows: readonly number[][], hints: string[]): OutputKind {
  const byName = outputOf(model)
  if (byName !== 'logits') return byName
  const seen = outputLooksLike(rows)
  if (seen === 'softmax') hints.push('The outputs lie between 0 and 1 and sum to 1: they are taken for the probabilities of a softmax.')
  else if (seen === 'sigmoid') hints.push('The outputs lie between 0 and 1 without summing to 1: they are taken for sigmoids. If they are logits by chance, change it.')
  return seen
}

const quote = `'([^']*)'|"([^"]*)"`

/** Names by their numbers, `{1: 'b', 0: 'a'}` or `{'b': 1, 'a': 0}`: what the file lists first need not be the first output. */
function numbered(text: string): string[] | null {
  const forms = [
    [...text.matchAll(new RegExp(`['"]?\\b(\\d+)['"]?\\s*:\\s*(?:${quote})`, 'g'))].map(([, at, a, b]) => ({ at: Number(at), name: a ?? b ?? '' })),
    [...text.matchAll(new RegExp(`(?:${quote})\\s*:\\s*(\\d+)`, 'g'))].map(([, a, b, at]) => ({ at: Number(at), name: a ?? b ?? '' })),
  ]
  for (const pairs of forms) {
    const sorted = pairs.sort((a, b) => a.at - b.at)
    const first = sorted[0]?.at
    if (sorted.length > 1 && (first === 0 || first === 1) && sorted.every(({ at }, i) => at === first + i)) return sorted.map(({ name }) => name)
  }
  return null
}

/** Class names that exporters keep in the file's metadata: `["a", "b"]`, `{0: 'a', 1: 'b'}`, `{'a': 0, 'b': 1}` or `a, b`. */
export function classesIn(metadata: Readonly<Record<string, string>>, count: number): string[] | null {
  for (const key of ['names', 'classes', 'class_names', 'labels']) {
    const text = metadata[key]
    if (text === undefined) continue
    const quoted = numbered(text) ?? [...text.matchAll(new RegExp(quote, 'g'))].map((match) => match[1] ?? match[2] ?? '')
    const names = (quoted.length > 0 ? quoted : text.split(',')).map((name) => name.trim()).filter((name) => name !== '' && !/^\d+$/.test(name))
    if (names.length === count && new Set(names).size === count) return names
  }
  return null
}

async function guess(model: OnnxModel, bytes: Uint8Array, hints: string[]): Promise<GuessedSettings> {
  const shape = shapeOf(model, hints)
  const { mean, std, known, hint } = rangeOf(model)
  hints.push(known ? hint : `${hint} Try it on images before you import it.`)
  const rows = await answersToNoise(bytes, shape, std[0] === 1 ? 1 : 255)
  const [{ length: outputs }] = rows as [number[]]
  const output = outputKind(model, rows, hints)
  if (model.graph.outputs.length > 1) hints.push(`The model has ${model.graph.outputs.length} outputs; the first, ${model.graph.outputs[0]!.name}, is taken for its answer.`)
  if (outputs === 1) hints.push('The model has one output: it is taken for the second of two classes.')
  if (rows[0]!.every((value, i) => Math.abs(value - rows[1]![i]!) < 1e-6 * Math.max(1, Math.abs(value)))) hints.push('Its answers to a dark and a bright noise are the same; the weights may not be trained.')
  const classCount = Math.max(2, outputs)
  return { ...shape, mean, std, output, intensity: { kind: 'declared-range' }, channelOrder: 'rgb', inverted: false, classCount, classes: classesIn(model.metadata, classCount) }
}

/** @throws AssayError `file-*`, `onnx-invalid` where the file is no ONNX model at all */
export async function findOut(path: string): Promise<FoundModel> {
  const { model, bytes } = await readForeignModel(path)
  const hints: string[] = []
  const facts = { path, fileName: basename(path), bytes: (await stat(path)).size, sha256: sha256(bytes), model: inspectModel(model) }
  try {
    return { ...facts, guess: await guess(model, bytes, hints), hints }
  } catch (error) {
    return { ...facts, guess: null, problem: serializeError(error), hints }
  }
}
