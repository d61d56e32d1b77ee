/**
 * `assay gradcheck`: the analytic gradient of a model's logits against central differences of its forward pass, both
 * run by ONNX Runtime.
 *
 * The forward pass has single precision and kinks (Relu, MaxPool), so no single step is right for every model: small
 * ones drown in rounding, large ones see another slope. Each direction climbs a ladder of steps, smallest first, until
 * three in a row agree. The analytic value has no say in that choice.
 */
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import { gradient } from '../autodiff/gradient'
import { GraphBuilder } from '../onnx/builder'
import type { Value } from '../onnx/builder'
import { withoutFinalActivation } from '../onnx/final-activation'
import type { OnnxModel, ValueInfo } from '../onnx/model'
import { mul, reduceSum } from '../onnx/ops'
import { createSession } from '../runtime/session'
import type { Session } from '../runtime/session'
import { Random } from '../tensor/random'
import { float32, sizeOf } from '../tensor/tensor'
import type { Shape } from '../tensor/tensor'
import { readModelFile } from '../bundle/model-file'

export interface GradcheckOptions {
  /** Rows and columns where the model leaves them open. */
  size?: { height: number; width: number }
  /** Values of the random input are uniform between these two. */
  low: number
  high: number
  seed: number
  provider: ProviderChoice
}

/** One direction: how fast the loss rises along it. Relative errors are shares of the larger of the two. */
export interface CheckedDirection {
  kind: 'gradient' | 'part of the gradient' | 'random'
  analytic: number
  numeric: number
  relativeError: number
  passed: boolean
}

export interface Gradcheck {
  path: string
  provider: string
  input: { name: string; shape: number[] }
  output: { name: string; shape: number[] }
  /** Of the gradient of the loss, a random projection of the output. */
  gradientNorm: number
  directions: CheckedDirection[]
  largestRelativeError: number
  passed: boolean
  warnings: string[]
}

/** Single precision through tens of layers, kinks included; a wrong rule is off by far more. */
export const tolerance = 0.02
const partsChecked = 6
const randomChecked = 4
/** Root mean square change of a pixel, as a share of the input's range, smallest first. */
const ladder = [1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
/** Three estimates within this share of each other agree. */
const agreement = 3e-3

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a))
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

interface Built {
  session: Session
  input: { name: string; shape: Shape }
  output: { name: string; shape: Shape }
  projection: Float32Array
}

async function build(model: OnnxModel, { size, seed, provider }: GradcheckOptions): Promise<Built> {
  const [info, ...others] = model.graph.inputs
  const [outputInfo] = model.graph.outputs
  if (!info || others.length > 0 || !outputInfo)
    throw new AssayError('onnx-invalid', `The model has ${model.graph.inputs.length} inputs; only classifiers with one image input can be checked.`)
  if (info.dtype !== 'float32') throw new AssayError('onnx-operator-not-differentiable', `The model's input ${info.name} has the type ${info.dtype}; only float32 inputs have a gradient.`, { input: info.name })
  const g = new GraphBuilder()
  const x = g.input('x', pinned(info, size))
  const output: Value = g.inline(model, { [info.name]: x })[outputInfo.name]!
  const random = new Random(`${seed} projection`)
  const projection = Float32Array.from({ length: sizeOf(output.shape) }, () => random.normal())
  const [dx] = gradient(g, reduceSum(g, mul(g, output, g.constant(float32(output.shape, projection)))), [x])
  g.output('output', output)
  g.output('dx', dx!)
  return { session: await createSession(g.toBytes(), { provider }), input: { name: info.name, shape: x.shape }, output: { name: outputInfo.name, shape: output.shape }, projection }
}

interface Estimate {
  value: number
  /** How far the three estimates behind it lie apart. */
  spread: number
}

/** The derivative of `loss` along a unit direction. @param steps lengths, smallest first */
async function derivative(loss: (step: number) => Promise<number>, steps: readonly number[]): Promise<Estimate> {
  const estimates: number[] = []
  let best: Estimate = { value: 0, spread: Infinity }
  for (const step of steps) {
    estimates.push(((await loss(step)) - (await loss(-step))) / (2 * step))
    const three = estimates.slice(-3)
    // A loss that does not move at all says that the step is below what it can be stored with.
    if (three.length < 3 || three.includes(0)) continue
    const spread = Math.max(...three) - Math.min(...three)
    if (spread < best.spread) best = { value: three[1]!, spread }
    if (spread <= agreement * Math.abs(three[1]!)) break
  }
  return best
}

/** @throws AssayError `file-not-found`, `file-empty`, `onnx-invalid`, `onnx-shape-unknown`, `onnx-operator-not-differentiable`, `onnx-operator-unsupported`, `runtime-failed` */
export async function gradcheck(path: string, options: GradcheckOptions, progress: (done: number, total: number) => void = () => undefined): Promise<Gradcheck> {
  const original = await readModelFile(path)
  const model = withoutFinalActivation(original)
  const { session, input, output, projection } = await build(model, options)
  try {
    const { low, high, seed } = options
    const random = new Random(`${seed} input`)
    const x = Float32Array.from({ length: sizeOf(input.shape) }, () => random.uniform(low, high))
    const run = (values: Float32Array) => session.run({ x: float32(input.shape, values) })
    const analytic = Float64Array.from((await run(x))['dx']!.data as Float32Array)
    const gradientNorm = norm(analytic)

    // The outputs are summed here, in double precision: the sum's rounding would drown small steps.
    const lossAt = async (values: Float32Array) => dot(projection, (await run(values))['output']!.data as Float32Array)
    const lossAlong = (direction: Float64Array) => (step: number) => lossAt(x.map((value, i) => value + step * direction[i]!))
    const steps = ladder.map((step) => step * (high - low) * Math.sqrt(x.length))

    const masked = (): Float64Array => analytic.map((value) => (random.next() < 0.5 ? value : 0))
    const wanted: { kind: CheckedDirection['kind']; direction: Float64Array }[] = [
      { kind: 'gradient', direction: unit(analytic) },
      ...Array.from({ length: partsChecked }, () => ({ kind: 'part of the gradient' as const, direction: unit(masked()) })),
      ...Array.from({ length: randomChecked }, () => ({ kind: 'random' as const, direction: unit(analytic.map(() => random.normal())) })),
    ]
    const directions: CheckedDirection[] = []
    for (const { kind, direction } of wanted) {
      const expected = dot(analytic, direction)
      const { value, spread } = await derivative(lossAlong(direction), steps)
      const difference = Math.abs(value - expected)
      const scale = Math.max(Math.abs(value), Math.abs(expected))
      // A random direction is nearly orthogonal to the gradient: what is measured there is small beside the noise. Along the
      // gradient a spread is the work of kinks, and excuses a little.
      const passed = difference <= tolerance * scale + (kind === 'random' ? 2 * spread : Math.min(spread, 0.05 * scale)) || scale <= Number.EPSILON
      directions.push({ kind, analytic: expected, numeric: value, relativeError: scale > 0 ? difference / scale : 0, passed })
      progress(directions.length, wanted.length)
    }
    const judged = directions.filter(({ kind }) => kind !== 'random')
    return {
      path,
      provider: session.provider,
      input: { name: input.name, shape: [...input.shape] },
      output: { name: output.name, shape: [...output.shape] },
      gradientNorm,
      directions,
      largestRelativeError: Math.max(...judged.map(({ relativeError }) => relativeError)),
      passed: directions.every(({ passed }) => passed),
      warnings: [
        ...(model === original ? [] : ['The last Softmax or Sigmoid was taken off: attacks work on logits.']),
        ...(gradientNorm < 1e-6 ? ['The gradient is zero, or nearly: the model does not depend on this input, or is saturated. Try another range with --low and --high.'] : []),
      ],
    }
  } finally {
    await session.release()
  }
}
