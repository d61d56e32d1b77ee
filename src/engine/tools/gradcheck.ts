/**
 * `assay gradcheck`: the analytic gradient of a model's logits, judged in two steps.
 *
 * 1. Are the rules right? The very graph that attacks run is computed in double precision (autodiff/double-precision),
 *    and its gradient held against central differences of its forward pass: along itself, along parts of itself, and
 *    along random directions, whose differences estimate the error of the gradient as a whole.
 * 2. Does single precision compute it? The gradient that ONNX Runtime's kernels give on the chosen provider is held
 *    against the one in double precision, element by element.
 *
 * docs/GRADIENTS.md says what this proves and what not.
 */
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import { inDoublePrecision, type TwinOptions } from '../autodiff/double-precision/twin'
import { gradient } from '../autodiff/gradient'
import { readModelFile } from '../bundle/model-file'
import { GraphBuilder } from '../onnx/builder'
import type { Value } from '../onnx/builder'
import { withoutFinalActivation } from '../onnx/final-activation'
import type { OnnxModel, ValueInfo } from '../onnx/model'
import { offer } from '../onnx/refusal'
import { cast, mul, reduceSum } from '../onnx/ops'
import { createSession } from '../runtime/session'
import type { Session } from '../runtime/session'
import { Random } from '../tensor/random'
import { float32, sizeOf, tensor } from '../tensor/tensor'
import type { Tensor } from '../tensor/tensor'
import { judge, slopeAlong, type Outcome } from './finite-differences'

export interface GradcheckOptions {
  /** Rows and columns where the model leaves them open. */
  size?: { height: number; width: number }
  /** Values of the random input are uniform between these two; by default 0 and 1, or 255 where the model takes bytes. */
  low?: number
  high?: number
  seed: number
  provider: ProviderChoice
}

/** One direction: how fast the loss rises along it. */
export interface CheckedDirection {
  kind: 'gradient' | 'part of the gradient' | 'random'
  analytic: number
  numeric: number
  /** How well the numeric value is known. */
  uncertainty: number
  /** The difference as a share of what the gradient has along such a direction. */
  relativeError: number
  outcome: Outcome
  /** Why nothing can be said along this direction. */
  why?: 'kink' | 'rounding' | 'flat'
}

export interface Gradcheck {
  path: string
  provider: string
  input: { name: string; shape: number[] }
  output: { name: string; shape: number[] }
  /** Of the gradient of the loss, a random projection of the output. */
  gradientNorm: number
  directions: CheckedDirection[]
  /** Over the directions that could be measured. */
  largestRelativeError: number
  /** Of the gradient as a whole, relative to its norm, estimated from the random directions. */
  estimatedError: number
  singlePrecision: {
    /** Largest difference of the gradient in single precision, relative to the largest value. */
    largestDifference: number
    /** Norm of the difference, relative to the gradient's. */
    differenceNorm: number
    /** Rounding: elements that are nearly equal, or nearly at a kink, fall to the other side in single precision. */
    outcome: 'passed' | 'rounding' | 'failed'
  }
  outcome: Outcome
  passed: boolean
  warnings: string[]
}

/** Largest error of a right gradient, as a share; double precision knows it far better. */
export const tolerance = 1e-3
const partsChecked = 4
const randomChecked = 6

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a))
const largest = (a: ArrayLike<number>): number => {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]!))
  return most
}
const unit = (a: Float64Array): Float64Array => {
  const length = norm(a)
  return length > 0 ? a.map((value) => value / length) : a
}

/** Open dimensions as numbers: one image, and the size that was asked for. */
export function pinned({ name, shape }: ValueInfo, size: GradcheckOptions['size']): number[] {
  if (!shape) throw new AssayError('onnx-shape-unknown', `The model does not declare the shape of its input ${name}; export it with one.`, { input: name })
  const spatial = shape.length === 4 ? (shape[3] === 1 || shape[3] === 3 ? [1, 2] : [2, 3]) : []
  return shape.map((dimension, i) => {
    if (typeof dimension === 'number' && dimension > 0) return dimension
    if (i === 0) return 1
    const given = i === spatial[0] ? size?.height : i === spatial[1] ? size?.width : undefined
    if (given !== undefined) return given
    if (spatial.includes(i))
      throw new AssayError('onnx-shape-unknown', `The model leaves the size of its input ${name} open; give it with --size, for example --size 224x224.`, { input: name })
    throw new AssayError('onnx-shape-unknown', `The model leaves dimension ${i + 1} of its input ${name} open; export it with a fixed one.`, { input: name })
  })
}

/** Scikit-learn's exporters put the label before the probabilities. */
const isReal = ({ dtype }: Pick<ValueInfo, 'dtype'>): boolean => dtype.startsWith('float')

interface Built {
  g: GraphBuilder
  input: ValueInfo
  outputName: string
  x: Value
  output: Value
  dx: Value
  projection: Float32Array
}

function build(model: OnnxModel, { size, seed }: GradcheckOptions): Built {
  const [info, ...others] = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name))
  const [outputInfo] = model.graph.outputs
  if (!info || others.length > 0 || !outputInfo)
    throw new AssayError('onnx-invalid', `The model has ${model.graph.inputs.length} inputs; only classifiers with one image input can be checked.`)
  const g = new GraphBuilder()
  const x = g.input('x', pinned(info, size))
  const answer = g.inline(model, { [info.name]: x }, { outputs: [outputInfo.name] })[outputInfo.name]!
  if (!isReal(answer))
    throw new AssayError('onnx-operator-not-differentiable', `The model answers with ${answer.dtype}, and only floating-point numbers have a gradient; export it with its logits or probabilities as output, or note that ${offer}.`, { output: outputInfo.name })
  const output = cast(g, answer, 'float32')
  const random = new Random(`${seed} projection`)
  const projection = Float32Array.from({ length: sizeOf(output.shape) }, () => random.normal())
  const [dx] = gradient(g, reduceSum(g, mul(g, output, g.constant(float32(output.shape, projection)))), [x])
  return { g, input: info, outputName: outputInfo.name, x, output, dx: dx!, projection }
}

const numbers = (t: Tensor | undefined): Float64Array => Float64Array.from(t!.data as Float32Array | Float64Array)

/** Runs a graph once. */
async function once(g: GraphBuilder, feed: Tensor, options: Parameters<typeof createSession>[1]): Promise<{ results: Record<string, Tensor>; provider: string }> {
  const session = await createSession(g.toBytes(), options)
  try {
    return { results: await session.run({ x: feed }), provider: session.provider }
  } finally {
    await session.release()
  }
}

const inDouble = { provider: 'cpu', fused: false } as const

/** The gradient in double precision, at each of the points. */
async function* twinGradients({ g, x, dx }: Built, points: Iterable<Tensor>, options: TwinOptions): AsyncGenerator<Float64Array> {
  const twin = inDoublePrecision(g.nodes, [x], [dx], options)
  twin.g.output('dx', twin.of(dx))
  const session = await createSession(twin.g.toBytes(), inDouble)
  try {
    for (const point of points) yield numbers((await session.run({ x: point }))['dx'])
  } finally {
    await session.release()
  }
}

async function twinGradient(built: Built, at: Tensor, options: TwinOptions = {}): Promise<Float64Array> {
  for await (const dx of twinGradients(built, [at], options)) return dx
  throw new RangeError('no point')
}

async function forwardTwin({ g, x, output }: Built): Promise<{ session: Session; blurred: ReadonlySet<string> }> {
  const twin = inDoublePrecision(g.nodes, [x], [output])
  twin.g.output('output', twin.of(output))
  return { session: await createSession(twin.g.toBytes(), inDouble), blurred: twin.blurred }
}

interface Wanted {
  kind: CheckedDirection['kind']
  direction: Float64Array
  /** What a gradient of this length has along such a direction. */
  scale: number
}

function directionsOf(analytic: Float64Array, seed: number): Wanted[] {
  const random = new Random(`${seed} directions`)
  const length = norm(analytic)
  const along = (kind: Wanted['kind'], part: Float64Array): Wanted => ({ kind, direction: unit(part), scale: norm(part) })
  return [
    ...(length > 0 ? [along('gradient', analytic), ...Array.from({ length: partsChecked }, () => along('part of the gradient', analytic.map((value) => (random.next() < 0.5 ? value : 0))))] : []),
    ...Array.from({ length: randomChecked }, (): Wanted => ({ kind: 'random', direction: unit(analytic.map(() => random.normal())), scale: length / Math.sqrt(analytic.length) })),
  ]
}

/** As many bits as are left of single precision's 24 after sums of some hundreds of products. */
const bitsLeft = 21
/** Changes of the image, as shares of its range, that move sums about as much as their rounding does. */
const nudges = [1e-7, 3e-7, 1e-6, 3e-6]

/** Whether the gradient in single precision is the one in double precision, or what rounding makes of it. */
async function judgeSingle(built: Built, point: Float32Array, range: number, single: Float64Array, double: Float64Array, seed: number): Promise<Gradcheck['singlePrecision']> {
  const [most, length] = [largest(double) || 1, norm(double) || 1]
  const apart = (other: Float64Array) => {
    const difference = other.map((v, i) => v - double[i]!)
    return { largestDifference: largest(difference) / most, differenceNorm: norm(difference) / length }
  }
  const found = apart(single)
  if (found.largestDifference <= tolerance) return { ...found, outcome: 'passed' }
  const random = new Random(`${seed} nudges`)
  const nudged = nudges.flatMap((share) => [share, share]).map((share) => wide(built, Float64Array.from(point, (v) => v + share * range * random.uniform(-1, 1))))
  for await (const dx of twinGradients(built, nudged, { bits: bitsLeft, steps: true })) {
    const rounded = apart(dx)
    if (found.largestDifference <= 10 * rounded.largestDifference && found.differenceNorm <= 10 * rounded.differenceNorm) return { ...found, outcome: 'rounding' }
  }
  return { ...found, outcome: 'failed' }
}

const wide = ({ x }: Built, values: ArrayLike<number>): Tensor => tensor('float64', x.shape, Float64Array.from(values))

/** @throws AssayError `file-not-found`, `file-empty`, `onnx-invalid`, `onnx-shape-unknown`, `onnx-operator-not-differentiable`, `onnx-operator-unsupported`, `runtime-failed` */
export async function gradcheck(path: string, options: GradcheckOptions, progress: (done: number, total: number) => void = () => undefined): Promise<Gradcheck> {
  const original = await readModelFile(path)
  const real = original.graph.outputs.find(isReal)
  const whole = real ? { ...original, graph: { ...original.graph, outputs: [real] } } : original
  const model = withoutFinalActivation(whole)
  const built = build(model, options)
  const { g, x, output, input, projection } = built
  const [low, high] = [options.low ?? 0, options.high ?? (/^u?int/.test(input.dtype) ? 255 : 1)]
  const random = new Random(`${options.seed} input`)
  const point = Float32Array.from({ length: sizeOf(x.shape) }, () => random.uniform(low, high))
  const total = 3 + partsChecked + randomChecked + 1
  let done = 0
  const step = <T>(result: T): T => (progress(++done, total), result)

  g.output('output', output)
  g.output('dx', built.dx)
  const { results, provider } = step(await once(g, float32(x.shape, point), { provider: options.provider }))
  const single = numbers(results['dx'])
  const double = step(await twinGradient(built, wide(built, point)))
  const rounds = g.warnings.some(({ code }) => code === 'straight-through')
  const asComputed = rounds ? await twinGradient(built, wide(built, point), { steps: true }) : double
  const singlePrecision = step(await judgeSingle(built, point, high - low, single, asComputed, options.seed))

  const { session, blurred } = await forwardTwin(built)
  const directions: CheckedDirection[] = []
  try {
    const answer = async (values: ArrayLike<number>) => numbers((await session.run({ x: wide(built, values) }))['output'])
    const centre = await answer(point)
    const weighted = (to: Float64Array, from: Float64Array) => dot(projection, to.map((v, i) => v - from[i]!))
    // Half a unit in the last place of every output, up and down.
    const rounding = (blurred.size ? 2 ** -23 : Number.EPSILON) * norm(centre.map((v, i) => v * projection[i]!))
    const unitStep = (high - low) * Math.sqrt(point.length)
    for (const { kind, direction, scale } of directionsOf(double, options.seed)) {
      const moved = (by: number) => answer(Float64Array.from(point, (v, i) => v + by * direction[i]!))
      const sides = async (by: number) => {
        const [up, down] = [await moved(by), await moved(-by)]
        return { right: weighted(up, centre), left: weighted(centre, down) }
      }
      const analytic = dot(double, direction)
      const slope = await slopeAlong(sides, unitStep, rounding, 0.1 * tolerance * scale)
      const difference = Math.abs(slope.value - analytic)
      const judged = judge(analytic, slope, tolerance * scale)
      const verdict = scale === 0 && judged.outcome === 'inconclusive' ? ({ outcome: 'inconclusive', why: 'flat' } as const) : judged
      directions.push(step({ kind, analytic, numeric: slope.value, uncertainty: slope.uncertainty, relativeError: scale > 0 ? difference / scale : 0, ...verdict }))
    }
  } finally {
    await session.release()
  }
  const gradientNorm = norm(double)
  const measured = directions.filter(({ outcome }) => outcome !== 'inconclusive')
  const randoms = directions.filter(({ kind }) => kind === 'random')
  const outcome = overall(directions, singlePrecision.outcome)
  return {
    path,
    provider,
    input: { name: input.name, shape: [...x.shape] },
    output: { name: built.outputName, shape: [...output.shape] },
    gradientNorm,
    directions,
    largestRelativeError: Math.max(0, ...measured.map(({ relativeError }) => relativeError)),
    estimatedError: Math.sqrt(randoms.reduce((sum, { relativeError }) => sum + relativeError ** 2, 0) / randoms.length),
    singlePrecision,
    outcome,
    passed: outcome === 'passed',
    warnings: [
      ...(model === whole ? [] : ['The last Softmax or Sigmoid was taken off: attacks work on logits.']),
      ...g.warnings.map(({ message }) => message),
      ...(gradientNorm === 0 && !g.warnings.some(({ code }) => code === 'no-gradient') ? ['The gradient is zero: the model does not depend on this input, or is saturated. Try another range with --low and --high.'] : []),
      ...(singlePrecision.outcome === 'rounding' ? ['In single precision, which attacks compute in, rounding decides parts of this gradient.'] : []),
      ...(blurred.size ? [`${[...blurred].join(', ')} could be computed in single precision only, which blurs the comparison.`] : []),
    ],
  }
}

/** Wrong along one direction is wrong; right is what was measured along the gradient itself and most other directions. */
function overall(directions: readonly CheckedDirection[], single: Gradcheck['singlePrecision']['outcome']): Outcome {
  if (single === 'failed' || directions.some(({ outcome }) => outcome === 'failed')) return 'failed'
  const passed = directions.filter(({ outcome }) => outcome === 'passed')
  return passed.some(({ kind }) => kind === 'gradient') && 2 * passed.length > directions.length ? 'passed' : 'inconclusive'
}
