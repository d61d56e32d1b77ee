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
