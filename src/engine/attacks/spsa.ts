/**
 * SPSA: an estimate of the gradient from answers alone. The margin is asked for at pairs of points on either side of the
 * image, along random signs; Adam follows the estimate within the ball.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import type { Random } from '../tensor/random'
import { randomOf, type Attack, type AttackOptions, type AttackRequest } from './attack'
import { withoutRounding } from './bounds'
import type { CompiledTarget } from './compiled-target'
import { indicesWhere } from './image-lists'
import { logitsProgram, predict } from './programs'

interface SpsaOptions extends AttackOptions {
  iterations: number
  /** Pairs of points asked in each iteration. */
  pairs: number
  /** Distance of the points from the image, per pixel. */
  delta: number
  learningRate: number
}

const [beta1, beta2, adamEpsilon] = [0.9, 0.999, 1e-8]

/** Writes x + δv into `plus` and x − δv into `minus` and v, of signs, into `signs`: 32 of them from each draw. */
function writePair(random: Random, x: Float32Array, delta: number, plus: Float32Array, minus: Float32Array, signs: Int8Array): void {
  let bits = 0
  for (let i = 0; i < x.length; i++) {
    if ((i & 31) === 0) bits = random.nextUint32()
    const sign = ((bits & 1) << 1) - 1
    bits >>>= 1
    signs[i] = sign
    const v = x[i]!
    plus[i] = v + sign * delta
    minus[i] = v - sign * delta
  }
}

/** z_y − max of the others, for one row of logits. */
function marginOf(logits: Float32Array, row: number, classes: number, label: number): number {
  let other = -Infinity
  for (let c = 0; c < classes; c++) if (c !== label) other = Math.max(other, logits[row * classes + c]!)
  return logits[row * classes + label]! - other
}

/** Room for the points of one estimate, used again and again. */
export class SpsaEstimator {
  private readonly points: Float32Array
  private readonly signs: Int8Array
  private readonly atOnce: number

  /** @param pairs of each estimate */
  constructor(
    private readonly model: CompiledTarget,
    private readonly pairs: number,
  ) {
    this.atOnce = Math.min(pairs, Math.max(1, model.batch >> 1))
    this.points = new Float32Array(2 * this.atOnce * model.pixels)
    this.signs = new Int8Array(this.atOnce * model.pixels)
  }

  /** Gradient of the margin z_y − max z_i at one image, mean over the pairs of (L(x + δv) − L(x − δv)) / 2δ · v. */
  async gradient(random: Random, x: Float32Array, label: number, delta: number): Promise<Float64Array> {
    const { pixels, classes } = this.model
    const sum = new Float64Array(pixels)
    for (let done = 0; done < this.pairs; done += this.atOnce) {
      const count = Math.min(this.atOnce, this.pairs - done)
      const row = (i: number) => this.points.subarray(i * pixels, (i + 1) * pixels)
      for (let k = 0; k < count; k++) writePair(random, x, delta, row(2 * k), row(2 * k + 1), this.signs.subarray(k * pixels, (k + 1) * pixels))
      const logits = (await logitsProgram(this.model).run({ x: this.model.images(this.points.subarray(0, 2 * count * pixels)) }))['logits']!.data as Float32Array
      for (let k = 0; k < count; k++) {
        const slope = (marginOf(logits, 2 * k, classes, label) - marginOf(logits, 2 * k + 1, classes, label)) / (2 * delta * this.pairs)
        const at = k * pixels
        // Points may lie beyond [0, 1], where a model may have no answer.
        if (slope !== 0 && Number.isFinite(slope)) for (let i = 0; i < pixels; i++) sum[i]! += slope * this.signs[at + i]!
      }
    }
    return sum
  }
}

/** Projection of the point on the ball and on [0, 1], in place. */
function project(x: Float32Array, x0: Float32Array, norm: AttackRequest['norm'], epsilon: number): void {
  let factor = 1
  if (norm === 'l2') {
    let squares = 0
    for (let i = 0; i < x.length; i++) squares += (x[i]! - x0[i]!) ** 2
    factor = Math.min(1, epsilon / Math.sqrt(squares))
  }
  for (let i = 0; i < x.length; i++) {
    const change = norm === 'l2' ? factor * (x[i]! - x0[i]!) : Math.min(epsilon, Math.max(-epsilon, x[i]! - x0[i]!))
    x[i] = Math.min(1, Math.max(0, x0[i]! + change))
  }
}

export const spsa: Attack<SpsaOptions> = {
  name: 'spsa',
  title: 'SPSA',
  norms: ['linf', 'l2'],
  access: 'queries',
  minimumNorm: false,
  random: true,
  reference: 'Uesato, O’Donoghue, van den Oord & Kohli: Adversarial risk and the dangers of evaluating against weak attacks. ICML 2018',
  parameters: {
    iterations: { label: 'Iterations', minimum: 1, maximum: 100_000, integer: true },
    pairs: { label: 'Pairs of queries per iteration', minimum: 1, maximum: 100_000, integer: true },
    delta: { label: 'Distance of the queries', minimum: 1e-6, maximum: 1, integer: false },
    learningRate: { label: 'Learning rate', minimum: 1e-6, maximum: 10, integer: false },
  },
  defaults: () => ({ iterations: 100, pairs: 128, delta: 0.01, learningRate: 0.01 }),
  cost: ({ iterations, pairs }) => ({ forward: 1 + iterations * (2 * pairs + 1), gradient: 0 }),
  async run(request) {
    const { model, x: images, labels, norm, epsilon, options, signal, progress } = request
    const { pixels } = model
    const { iterations, pairs, delta, learningRate } = options
    const adversarial = images.slice()
    const queries = new Int32Array(labels.length).fill(1)
    const estimator = new SpsaEstimator(model, pairs)
    throwIfAborted(signal)
    const answers = await predict(model, images)
    const left = indicesWhere(labels.length, (i) => answers[i] === labels[i])
    // One image after the other: its pairs fill the batches, and it leaves in the iteration that breaks it.
    for (const [position, image] of left.entries()) {
      const x0 = images.subarray(image * pixels, (image + 1) * pixels)
      const x = adversarial.subarray(image * pixels, (image + 1) * pixels)
      const [m, v] = [new Float64Array(pixels), new Float64Array(pixels)]
      const random = randomOf(request, image, 'spsa')
      for (let i = 1; i <= iterations; i++) {
        throwIfAborted(signal)
        const slope = await estimator.gradient(random, x, labels[image]!, delta)
        const [correction1, correction2] = [1 - beta1 ** i, 1 - beta2 ** i]
        for (let k = 0; k < pixels; k++) {
          m[k] = beta1 * m[k]! + (1 - beta1) * slope[k]!
          v[k] = beta2 * v[k]! + (1 - beta2) * slope[k]! ** 2
          x[k]! -= (learningRate * (m[k]! / correction1)) / (Math.sqrt(v[k]! / correction2) + adamEpsilon)
        }
        project(x, x0, norm, epsilon)
        const [answer] = await predict(model, x)
        queries[image]! += 2 * pairs + 1
        progress?.((position + i / iterations) / left.length)
        if (answer !== labels[image]) break
      }
    }
    withoutRounding(images, adversarial, labels.length, norm, epsilon)
    progress?.(1)
    return { adversarial, queries }
  },
}
