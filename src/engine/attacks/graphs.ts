/** The graphs that L∞ gradient attacks step with. ε and step size are inputs, per image, so that one graph serves all. */
import { gradient } from '../autodiff/gradient'
import { crossEntropyPerImage } from '../nn/losses'
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, clip, maximum, minimum, mul, oneHot, sign, sub } from '../onnx/ops'
import { imageInput } from './attack'
import type { AttackTarget } from './target'

/** Projection of `x` on the L∞ ball of radius `epsilon` around `center`, then on [0, 1]. */
export const projectLinf = (g: GraphBuilder, x: Value, center: Value, epsilon: Value): Value =>
  clip(g, minimum(g, maximum(g, x, sub(g, center, epsilon)), add(g, center, epsilon)), 0, 1)

/**
 * One ascent step on the summed cross-entropy: inputs `x`, `x0`, `labels`, `epsilon` and `step` [N, 1, 1, 1]; outputs
 * `next` and the loss per image at `x`, `loss` [N]. The sum, so that the batch size changes nothing. sign(0) = 0.
 */
export function signStep(g: GraphBuilder, target: AttackTarget, batch: number): void {
  const x = imageInput(g, 'x', batch, target)
  const x0 = imageInput(g, 'x0', batch, target)
  const labels = g.input('labels', [batch], 'int64')
  const epsilon = g.input('epsilon', [batch, 1, 1, 1])
  const step = g.input('step', [batch, 1, 1, 1])
  const loss = crossEntropyPerImage(g, target.logits(g, x), oneHot(g, labels, target.classes.length))
  const [dx] = gradient(g, loss, [x])
  g.output('next', projectLinf(g, add(g, x, mul(g, sign(g, dx!), step)), x0, epsilon))
  g.output('loss', loss)
}

/** Loss alone, to choose among restarts: inputs `x`, `labels`; outputs `loss` [N] and `logits`. */
export function lossOnly(g: GraphBuilder, target: AttackTarget, batch: number): void {
  const x = imageInput(g, 'x', batch, target)
  const labels = g.input('labels', [batch], 'int64')
  const logits = target.logits(g, x)
  g.output('loss', crossEntropyPerImage(g, logits, oneHot(g, labels, target.classes.length)))
  g.output('logits', logits)
}
