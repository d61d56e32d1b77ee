/**
 * What goes into a bundle's classifier and what comes out of it, in the bundle's own terms: normalisation and layout
 * before, logits or probabilities of any kind made comparable after.
 *
 * Answers are kept as logarithms until they are shown: a float32 probability of a sure answer is exactly 1, and how
 * sure it was is lost.
 */
import { AssayError } from '../../shared/errors'
import type { BundleManifest } from '../../shared/bundle'
import type { Answer } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import { float32 } from '../tensor/tensor'

export type ClassifierSpec = Pick<BundleManifest, 'id' | 'classes' | 'input' | 'classifier'>

/**
 * (x − mean) / std per channel. @param x [count, channels, height, width] in [0, 1]
 * @returns x itself when there is nothing to do
 */
export function normalise(x: Float32Array, input: BundleManifest['input']): Float32Array {
  const { channels, mean, std } = input
  if (mean.every((value) => value === 0) && std.every((value) => value === 1)) return x
  const size = input.width * input.height
  const out = new Float32Array(x.length)
  for (let plane = 0; plane * size < x.length; plane++) {
    const center = mean[plane % channels] ?? 0
    const factor = 1 / (std[plane % channels] ?? 1)
    for (let i = plane * size; i < (plane + 1) * size; i++) out[i] = (x[i]! - center) * factor
  }
  return out
}

function channelsLast(x: Float32Array, count: number, channels: number, size: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < size; i++) out[(n * size + i) * channels + c] = x[(n * channels + c) * size + i]!
  return out
}

/** The classifier's input tensor. @param x [count, channels, height, width] in [0, 1] */
export function classifierInput(x: Float32Array, spec: ClassifierSpec): Tensor<'float32'> {
  const { channels, height, width } = spec.input
  const count = x.length / (channels * height * width)
  const normalised = normalise(x, spec.input)
  return spec.classifier.layout === 'nchw'
    ? float32([count, channels, height, width], normalised)
    : float32([count, height, width, channels], channelsLast(normalised, count, channels, height * width))
}

/** Probabilities in a model's own float32 output are known no better than this near 0. */
const floor = 1e-12

/** ln Σ exp, without overflow. */
function logSumExp(values: ArrayLike<number>): number {
  let highest = -Infinity
  for (let i = 0; i < values.length; i++) highest = Math.max(highest, values[i]!)
  if (highest === -Infinity) return -Infinity
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - highest)
  return highest + Math.log(sum)
}

/** Logits of an equivalent softmax for one row of outputs. */
function equivalentLogits(row: readonly number[], output: ClassifierSpec['classifier']['output']): number[] {
  const positive = (p: number): number => Math.log(Math.max(p, floor))
  const [single] = row
  // A single output is the second class of two, by its log-odds (0 for the first).
  if (row.length === 1 && single !== undefined) return output === 'logits' ? [0, single] : [positive(1 - single), positive(single)]
  // Several sigmoids are probabilities of their own; as shares of their sum they answer "which of these".
  return output === 'logits' ? [...row] : row.map(positive)
}

/**
 * Natural logarithms of the class probabilities, one row per image, in the order of the bundle's classes.
 * @throws AssayError bundle-invalid when the output does not fit the classes, runtime-failed when it is not a number
 */
export function logProbabilities(output: Tensor, spec: ClassifierSpec): number[][] {
  const classes = spec.classes.length
  const count = output.shape[0] ?? 0
  const columns = count === 0 ? 0 : output.data.length / count
  if (columns !== classes && !(columns === 1 && classes === 2))
    throw new AssayError('bundle-invalid', `The classifier of ${spec.id} answers with ${columns} values for its ${classes} classes; name one class for each value.`, {
      bundle: spec.id,
      outputs: columns,
      classes,
    })
  const rows: number[][] = []
  for (let n = 0; n < count; n++) {
    const row = Array.from({ length: columns }, (_, c) => Number(output.data[n * columns + c]))
    if (!row.every(Number.isFinite))
      throw new AssayError('runtime-failed', `The classifier of ${spec.id} answered with something that is not a number; try the provider cpu.`, { bundle: spec.id })
    const logits = equivalentLogits(row, spec.classifier.output)
    const total = logSumExp(logits)
    rows.push(logits.map((z) => z - total))
  }
  return rows
}

/** Probabilities of "not there" and "there" of one of several independent findings, one row per image. @param finding its index */
export function findingProbabilities(output: Tensor, finding: number, { classifier }: ClassifierSpec): number[][] {
  const columns = output.data.length / output.shape[0]!
  return Array.from({ length: output.shape[0]! }, (_, i) => {
    const value = Number(output.data[i * columns + finding])
    const there = classifier.output === 'logits' ? 1 / (1 + Math.exp(-value)) : value
    return [1 - there, there]
  })
}

/** ln(p / (1 − p)) for each class, exact for sure answers too. @param logP natural logarithms that sum to 1 as probabilities */
export const logOdds = (logP: readonly number[]): number[] => logP.map((value, i) => value - logSumExp(logP.filter((_, j) => j !== i)))

/** Class probabilities, one row per image. @throws like logProbabilities */
export const probabilities = (output: Tensor, spec: ClassifierSpec): number[][] =>
  logProbabilities(output, spec).map((row) => row.map(Math.exp))

/** The answer that people see. */
export function answerOf(logP: readonly number[], classes: readonly string[]): Answer {
  const best = logP.reduce((winner, value, i) => (value > (logP[winner] ?? -Infinity) ? i : winner), 0)
  return { label: classes[best] ?? String(best), probabilities: logP.map(Math.exp) }
}
