/**
 * The attack on classifier and detector at once: ascend the loss until the answer is wrong, then descend the detector's
 * score without undoing it. Kept is the image that fools with the lowest score.
 *
 * Once an image fools, the part of the detector's gradient that lies along the classifier's is taken out of it, so that
 * hiding costs as little fooling as may be; an image that no longer fools goes back to the first half.
 */
import { AssayError } from '../../shared/errors'
import { throwIfAborted } from '../dataset/model-inputs'
import { margin } from '../nn/losses'
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, cast, div, equal, greater, mul, neg, reduceSum, reshape, sign, square, sub, where } from '../onnx/ops'
import { samePerImage, imageInput, labelsTensor, perImageInput, projectL2, projectLinf, unit2, usableGradient } from './programs'
import type { Attack, Norm } from './attack'
import { withoutRounding } from './bounds'
import type { CompiledTarget, Program } from './compiled-target'
import { put } from './image-lists'
import { ascentParameters, type AscentOptions } from './projected-gradient'
import { randomStart } from './random-start'
import { forwardOf } from './target'

/** What is left of `v` without its part along `along`, per image. */
function orthogonalTo(g: GraphBuilder, v: Value, along: Value): Value {
  const dot = (a: Value, b: Value) => reduceSum(g, mul(g, a, b), [1, 2, 3], true)
  const length = reduceSum(g, square(g, along), [1, 2, 3], true)
  return sub(g, v, mul(g, along, div(g, dot(v, along), add(g, length, cast(g, equal(g, length, 0), v.dtype)))))
}

/** One step: inputs `x`, `x0`, `labels`, `epsilon`, `step`; outputs `next`, and at `x` the `gap` (negative where it fools) and the detector's `score`, [n]. */
const jointStep = (model: CompiledTarget, norm: Norm): Program =>
  model.program(`joint step in ${norm}`, (g, batch) => {
    const { target } = model
    const [x, x0] = [imageInput(g, target, 'x', batch), imageInput(g, target, 'x0', batch)]
    const [epsilon, step] = [perImageInput(g, 'epsilon', batch), perImageInput(g, 'step', batch)]
    const labels = g.input('labels', [batch], 'int64')
    const { logits, by } = forwardOf(target, g, x)
    const gap = margin(g, logits, labels)
    const { dx: toFool } = usableGradient(g, neg(g, gap), by)
    const score = target.suspicion!(g, x)
    const { dx: toHide } = usableGradient(g, neg(g, score), x)
    const direction = where(g, greater(g, reshape(g, gap, [batch, 1, 1, 1]), 0), toFool, orthogonalTo(g, toHide, toFool))
    g.output('gap', gap)
    g.output('score', score)
    g.output('next', norm === 'linf' ? projectLinf(g, add(g, x, mul(g, sign(g, direction), step)), x0, epsilon) : projectL2(g, add(g, x, mul(g, unit2(g, direction), step)), x0, epsilon))
  })

export const joint: Attack<AscentOptions> = {
  name: 'joint',
  title: 'Joint attack on classifier and detector',
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: true,
  reference: 'Bryniarski, Hingun, Pachuca, Wang & Carlini: Evading adversarial example detection defenses with orthogonal projected gradient descent. ICLR 2022',
  parameters: ascentParameters,
  defaults: (epsilon, norm) => ({ steps: 50, stepSize: norm === 'linf' ? epsilon / 4 : epsilon / 5, randomStart: 1, restarts: 1 }),
  // A step differentiates the detector too, which looks at the image before and after the purifier.
  cost: ({ steps, restarts }) => ({ forward: 0, gradient: 3 * (steps + 1) * restarts }),
  async run(request) {
    const { model, x: images, labels, norm, epsilon, options, signal, progress } = request
    if (!model.target.suspicion)
      throw new AssayError('invalid-arguments', 'The joint attack hides from the detector, and there is none to hide from: choose the threat adaptive and a bundle that has a purifier and was calibrated ("assay calibrate").', { target: model.target.description })
    const { pixels } = model
    const adversarial = images.slice()
    // Lexicographic: fooling first, then hidden; among those that do not fool, the one that is nearest to it.
    const best = Array.from(labels, () => ({ gap: Infinity, score: Infinity }))
    const step = jointStep(model, norm)
    const fixed = { x0: model.images(images), labels: labelsTensor(labels), epsilon: samePerImage(labels.length, epsilon) }
    for (let restart = 0; restart < options.restarts; restart++) {
      let x = options.randomStart ? randomStart(request, `joint ${restart}`) : images
      // The last pass only judges where the last step led.
      for (let i = 0; i <= options.steps; i++) {
        throwIfAborted(signal)
        // Steps grow smaller, since one of full size cannot settle beside the boundary.
        const size = options.stepSize * (1 - i / (options.steps + 1))
        const found = await step.run({ ...fixed, x: model.images(x), step: samePerImage(labels.length, size) })
        const [gap, score] = [found['gap']!.data as Float32Array, found['score']!.data as Float32Array]
        for (const [image, sofar] of best.entries()) {
          const now = { gap: gap[image]!, score: score[image]! }
          const better = now.gap < 0 ? sofar.gap >= 0 || now.score < sofar.score : now.gap < sofar.gap
          if (!better) continue
          best[image] = now
          put(adversarial, image, x, image, pixels)
        }
        x = found['next']!.data as Float32Array
        progress?.((restart + (i + 1) / (options.steps + 1)) / options.restarts)
      }
    }
    withoutRounding(images, adversarial, labels.length, norm, epsilon)
    return { adversarial }
  },
}
