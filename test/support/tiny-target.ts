/** A linear classifier on small images, whose gradient is known by heart. */
import type { AttackTarget } from '../../src/engine/attacks/target'
import { matMul, reshape } from '../../src/engine/onnx/ops'
import { Random } from '../../src/engine/tensor/random'
import { float32 } from '../../src/engine/tensor/tensor'

export const side = 4
/** [pixels, 2] */
export const linearWeights = (): Float32Array => {
  const random = new Random('linear target')
  return Float32Array.from({ length: side * side * 2 }, () => random.normal())
}

export const linearTarget = (): AttackTarget => ({
  description: 'linear',
  imageShape: [1, side, side],
  classes: ['a', 'b'],
  provider: 'cpu',
  logits: (g, x) => matMul(g, reshape(g, x, [x.shape[0]!, side * side]), g.constant(float32([side * side, 2], linearWeights()))),
})

/** z_1 − z_0 grows along this direction, [pixels]. */
const towardSecond = (): Float64Array => {
  const w = linearWeights()
  return Float64Array.from({ length: side * side }, (_, i) => w[2 * i + 1]! - w[2 * i]!)
}

const gapOf = (x: Float32Array, image: number, w: Float64Array): number => w.reduce((sum, v, i) => sum + v * x[image * w.length + i]!, 0)

/** The linear classifier's answers. */
export function answersOf(x: Float32Array): Int32Array {
  const w = towardSecond()
  return Int32Array.from({ length: x.length / w.length }, (_, image) => Number(gapOf(x, image, w) > 0))
}

/** How far the boundary between its two classes is from each image. */
export function boundaryDistances(x: Float32Array, norm: 'l2' | 'linf'): number[] {
  const w = towardSecond()
  const dual = norm === 'l2' ? Math.hypot(...w) : w.reduce((sum, v) => sum + Math.abs(v), 0)
  return Array.from({ length: x.length / w.length }, (_, image) => Math.abs(gapOf(x, image, w)) / dual)
}

/** Grey images 0.05 to 0.3 away from the boundary, on either side of it, so that no edge of [0, 1] is in the way; labelled as the classifier answers. */
export function imagesNearBoundary(count: number): { x: Float32Array; labels: Int32Array } {
  const w = towardSecond()
  const length = Math.hypot(...w)
  const random = new Random('near the boundary')
  const x = Float32Array.from({ length: count * w.length }, () => random.uniform(0.42, 0.58))
  for (let image = 0; image < count; image++) {
    const wanted = random.uniform(0.05, 0.3) * (image % 2 ? -1 : 1)
    const shift = wanted - gapOf(x, image, w) / length
    w.forEach((v, i) => (x[image * w.length + i]! += (shift * v) / length))
  }
  return { x, labels: answersOf(x) }
}

/** A linear classifier of any number of classes on images of any shape. */
export function linearTargetOf(classes: number, imageShape: AttackTarget['imageShape'] = [1, side, side]): AttackTarget {
  const pixels = imageShape[0] * imageShape[1] * imageShape[2]
  const random = new Random(`linear ${classes}`)
  const weights = Float32Array.from({ length: pixels * classes }, () => random.normal())
  return {
    description: 'linear',
    imageShape,
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    provider: 'cpu',
    logits: (g, x) => matMul(g, reshape(g, x, [x.shape[0]!, pixels]), g.constant(float32([pixels, classes], weights))),
  }
}
