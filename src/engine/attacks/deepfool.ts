/**
 * DeepFool: the model is taken for linear around the image, and the image goes to the nearest of the boundaries that
 * this gives, again and again until the answer changes. Finds small changes fast; no bound on their size.
 *
 * The image itself is the origin of all steps: x = clip(x0 + (1 + overshoot) Σ r), as in the paper.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import type { GraphBuilder, Value } from '../onnx/builder'
import { abs, add, clip, div, less, maximum, mul, oneHot, reduceSum, reshape, sign, slice, sub, where } from '../onnx/ops'
import { int64 } from '../tensor/tensor'
import type { Attack, AttackOptions, Norm } from './attack'
import type { CompiledTarget, Program } from './compiled-target'
import { indicesWhere, pick, pickLabels, predictedClasses, put } from './image-lists'
import { imageInput, labelsTensor, logitsProgram, norm2, perImageInput, predict, samePerImage, usableGradient } from './programs'
import { ascentParameters } from './projected-gradient'
import { forwardOf } from './target'

interface DeepFoolOptions extends AttackOptions {
  steps: number
  overshoot: number
  /** Classes that are looked at: the true one and the likeliest others. */
  classes: number
}

/** Added to each distance, as in the authors' code, so that an image on the boundary itself is taken across. */
const beyond = 1e-4

/** |f′| / ‖w′‖ of the dual norm, and the step of that length: [N, 1, 1, 1] and [N, C, H, W]. */
function toBoundary(g: GraphBuilder, norm: Norm, gap: Value, w: Value): { distance: Value; step: Value } {
  const size = maximum(g, norm === 'l2' ? norm2(g, w) : reduceSum(g, abs(g, w), [1, 2, 3], true), 1e-12)
  const distance = add(g, div(g, abs(g, gap), size), beyond)
  return { distance, step: mul(g, norm === 'l2' ? div(g, w, size) : sign(g, w), distance) }
}

/**
 * One step: inputs `x0`, `x`, `total` (Σ r so far), `labels` [n], `rivals` [n, count], `overshoot`; outputs `next` and
 * `nextTotal`. One forward pass serves all rivals; each has a backward pass of its own.
 */
const deepFoolStep = (model: CompiledTarget, norm: Norm, count: number): Program =>
  model.program(`deepfool step in ${norm}, ${count} rivals`, (g, batch) => {
    const [x0, x, total] = ['x0', 'x', 'total'].map((name) => imageInput(g, model.target, name, batch)) as [Value, Value, Value]
    const labels = g.input('labels', [batch], 'int64')
    const rivals = g.input('rivals', [batch, count], 'int64')
    const overshoot = perImageInput(g, 'overshoot', batch)
    const { logits, by } = forwardOf(model.target, g, x)
    const own = oneHot(g, labels, model.classes, logits.dtype)
    let nearest: { distance: Value; step: Value } | undefined
    for (let k = 0; k < count; k++) {
      const difference = sub(g, oneHot(g, slice(g, rivals, [k], [k + 1], [1]), model.classes, logits.dtype), own)
      const gap = reshape(g, reduceSum(g, mul(g, logits, difference), [1]), [batch, 1, 1, 1])
      const { dx: w } = usableGradient(g, gap, by)
      const found = toBoundary(g, norm, gap, w)
      if (nearest) {
        const nearer = less(g, found.distance, nearest.distance)
        nearest = { distance: where(g, nearer, found.distance, nearest.distance), step: where(g, nearer, found.step, nearest.step) }
      } else nearest = found
    }
    const sum = add(g, total, nearest!.step)
    g.output('nextTotal', sum)
    g.output('next', clip(g, add(g, x0, mul(g, sum, add(g, overshoot, 1))), 0, 1))
  })

/** The likeliest classes but the true one, [n, count]. */
function rivalsOf(logits: Float32Array, labels: Int32Array, classes: number, count: number): Int32Array {
  const out = new Int32Array(labels.length * count)
  labels.forEach((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes)
    const order = indicesWhere(classes, (c) => c !== label).sort((a, b) => row[b]! - row[a]! || a - b)
    out.set(order.slice(0, count), image * count)
  })
  return out
}

export const deepfool: Attack<DeepFoolOptions> = {
  name: 'deepfool',
  title: 'DeepFool',
  norms: ['l2', 'linf'],
  access: 'gradients',
  minimumNorm: true,
  random: false,
  reference: 'Moosavi-Dezfooli, Fawzi & Frossard: DeepFool: a simple and accurate method to fool deep neural networks. CVPR 2016',
  parameters: {
    steps: ascentParameters.steps,
    overshoot: { label: 'Overshoot', minimum: 0, maximum: 10, integer: false },
    classes: { label: 'Classes looked at', minimum: 2, maximum: 1000, integer: true },
  },
  defaults: () => ({ steps: 50, overshoot: 0.02, classes: 10 }),
  cost: ({ steps, classes: looked }, classes) => ({ forward: steps + 1, gradient: steps * (Math.min(looked, classes) - 1) }),
  async run({ model, x: images, labels, norm, options, signal, progress }) {
    const { pixels, classes } = model
    const adversarial = images.slice()
    throwIfAborted(signal)
    const logits = (await logitsProgram(model).run({ x: model.images(images) }))['logits']!.data as Float32Array
    const count = Math.min(options.classes, classes) - 1
    const step = deepFoolStep(model, norm, count)
    const answers = predictedClasses(logits, classes)
    let left = indicesWhere(labels.length, (i) => answers[i] === labels[i])
    let x = pick(images, left, pixels)
    let total: Float32Array = new Float32Array(x.length)
    const rivals = rivalsOf(logits, labels, classes, count)
    for (let i = 0; i < options.steps && left.length; i++) {
      throwIfAborted(signal)
      const found = await step.run({
        x0: model.images(pick(images, left, pixels)), x: model.images(x), total: model.images(total), labels: labelsTensor(pickLabels(labels, left)),
        rivals: int64([left.length, count], left.flatMap((image) => Array.from(rivals.subarray(image * count, (image + 1) * count)))),
        overshoot: samePerImage(left.length, options.overshoot),
      })
      const [next, nextTotal] = [found['next']!.data as Float32Array, found['nextTotal']!.data as Float32Array]
      const predicted = await predict(model, next)
      const resists = indicesWhere(left.length, (k) => predicted[k] === labels[left[k]!])
      left.forEach((image, k) => predicted[k] !== labels[image] && put(adversarial, image, next, k, pixels))
      x = pick(next, resists, pixels)
      total = pick(nextTotal, resists, pixels)
      left = resists.map((k) => left[k]!)
      progress?.(Math.max((i + 1) / options.steps, 1 - left.length / labels.length))
    }
    progress?.(1)
    return { adversarial }
  },
}
