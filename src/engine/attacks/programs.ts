/**
 * The programs that several attacks run. Everything that differs between images (radius, step, labels) is an input with
 * one row per image, so that one compiled graph serves all of them.
 */
import type { Norm } from '../../shared/audit'
import { gradient } from '../autodiff/gradient'
import type { GraphBuilder, Value } from '../onnx/builder'
import { abs, add, clip, cast, div, equal, greater, less, maximum, minimum, mul, not, reduceMax, reduceSum, sign, sqrt, square, sub, where } from '../onnx/ops'
import { float32, int64, type Tensor } from '../tensor/tensor'
import type { CompiledTarget, Program } from './compiled-target'
import { predictedClasses } from './image-lists'
import { attackLoss, isTargeted, type AttackLoss } from './losses'
import { forwardOf, type AttackTarget } from './target'

export const labelsTensor = (labels: ArrayLike<number>): Tensor<'int64'> => int64([labels.length], labels)

/** One number per image, as programs take it: [n, 1, 1, 1]. */
export const perImage = (values: ArrayLike<number>): Tensor<'float32'> => float32([values.length, 1, 1, 1], values)
export const samePerImage = (count: number, value: number): Tensor<'float32'> => float32([count, 1, 1, 1], new Float32Array(count).fill(value))
export const imageInput = (g: GraphBuilder, target: AttackTarget, name: string, batch: number): Value => g.input(name, [batch, ...target.imageShape])
export const perImageInput = (g: GraphBuilder, name: string, batch: number): Value => g.input(name, [batch, 1, 1, 1])

/** Logits alone: input `x`; output `logits` [n, classes]. */
export const logitsProgram = (model: CompiledTarget): Program => model.logits

/** Predicted classes of images [n, C, H, W]. */
export async function predict(model: CompiledTarget, x: Float32Array): Promise<Int32Array> {
  if (!x.length) return new Int32Array()
  return predictedClasses((await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array, model.classes)
}

/**
 * Loss and its gradient by the image: inputs `x`, `labels`, and `targets` where the loss is targeted; outputs `loss` [n],
 * `logits`, `gradient` [n, C, H, W], and `notFinite` [n], 1 where some pixels of the model's own gradient are no finite number.
 */
export const lossGradientProgram = (model: CompiledTarget, loss: AttackLoss): Program =>
  model.program(`gradient of ${loss}`, (g, batch) => {
    const { values, dx, finite, logits } = lossAndGradient(g, model.target, loss, imageInput(g, model.target, 'x', batch))
    g.output('loss', values)
    g.output('logits', logits)
    g.output('gradient', dx)
    g.output('notFinite', reduceMax(g, cast(g, not(g, finite), 'float32'), [1, 2, 3]))
  })

/** Loss, logits and gradient at `x`, with `labels` and, where they are needed, `targets` as inputs. The sum over the images is differentiated, so that the batch size changes nothing. */
export function lossAndGradient(g: GraphBuilder, target: AttackTarget, loss: AttackLoss, x: Value, labels: Value = g.input('labels', [x.shape[0]!], 'int64')): { values: Value; logits: Value } & UsableGradient {
  const batch = x.shape[0]!
  const targets = isTargeted(loss) ? g.input('targets', [batch], 'int64') : undefined
  const { logits, by } = forwardOf(target, g, x)
  const values = attackLoss(g, loss, logits, labels, targets)
  return { values, logits, ...usableGradient(g, values, by) }
}

export interface UsableGradient {
  /** [N, C, H, W] */
  dx: Value
  /** Where the model's own gradient is a finite number; elsewhere `dx` is 0. */
  finite: Value
}

/**
 * The gradient of Σ `values` by `by`, as every attack takes it. The slope of a root at 0 is infinite, and 0 · ∞ is no
 * number: without 0 in its place one such pixel, or all of the image, would leave [0, 1] with the step.
 */
export function usableGradient(g: GraphBuilder, values: Value, by: Value): UsableGradient {
  const [own] = gradient(g, values, [by])
  const finite = less(g, abs(g, own!), Infinity)
  return { dx: where(g, finite, own!, 0), finite }
}

/** Projection of `x` on the L∞ ball around `center`, then on [0, 1]. */
export const projectLinf = (g: GraphBuilder, x: Value, center: Value, epsilon: Value): Value =>
  clip(g, minimum(g, maximum(g, x, sub(g, center, epsilon)), add(g, center, epsilon)), 0, 1)

/** ‖v‖₂ of each image, [N, 1, 1, 1]. */
export const norm2 = (g: GraphBuilder, v: Value): Value => sqrt(g, reduceSum(g, square(g, v), [1, 2, 3], true))

/** v / ‖v‖₂; zero stays zero. */
export const unit2 = (g: GraphBuilder, v: Value): Value => {
  const length = norm2(g, v)
  return div(g, v, add(g, length, cast(g, equal(g, length, 0), v.dtype)))
}

/** Projection of `x` on the L2 ball around `center`, then on [0, 1]. Inside the ball nothing changes but the clipping, which only brings it nearer. */
export function projectL2(g: GraphBuilder, x: Value, center: Value, epsilon: Value): Value {
  const delta = sub(g, x, center)
  const length = norm2(g, delta)
  const outside = greater(g, length, epsilon)
  const factor = where(g, outside, div(g, epsilon, maximum(g, length, 1e-12)), 1)
  return clip(g, add(g, center, mul(g, delta, factor)), 0, 1)
}

/**
 * One ascent step of the projected gradient method: inputs `x`, `x0`, `labels`, `epsilon` and `step` [n, 1, 1, 1];
 * outputs `next`, and `loss` and `logits` at `x`. sign(0) = 0.
 */
export function writeStep(g: GraphBuilder, target: AttackTarget, norm: Norm, loss: AttackLoss, batch: number): void {
  const x = imageInput(g, target, 'x', batch)
  const x0 = imageInput(g, target, 'x0', batch)
  const epsilon = perImageInput(g, 'epsilon', batch)
  const step = perImageInput(g, 'step', batch)
  const { values, logits, dx } = lossAndGradient(g, target, loss, x)
  const next = norm === 'linf' ? projectLinf(g, add(g, x, mul(g, sign(g, dx), step)), x0, epsilon) : projectL2(g, add(g, x, mul(g, unit2(g, dx), step)), x0, epsilon)
  g.output('next', next)
  g.output('loss', values)
  g.output('logits', logits)
}

export const stepProgram = (model: CompiledTarget, norm: Norm, loss: AttackLoss): Program =>
  model.program(`${norm} step on ${loss}`, (g, batch) => writeStep(g, model.target, norm, loss, batch))
