/** Gradients by the weights of convolutions whose borders are uneven, as Inception's 1×7 and TensorFlow's even kernels are. */
import { describe, it } from 'vitest'
import { ints } from '../../../src/engine/onnx/model'
import { normal } from './properties/draw'
import { check } from './properties/harness'

/** @param pads top, left, bottom, right */
const borders: [kernel: number[], pads: number[]][] = [
  [[1, 7], [0, 3, 0, 3]],
  [[7, 1], [3, 0, 3, 0]],
  [[2, 2], [0, 1, 0, 0]],
  [[2, 2], [1, 1, 0, 0]],
  [[2, 2], [0, 0, 1, 1]],
  [[3, 5], [0, 4, 1, 0]],
  [[2, 3], [0, 12, 1, 0]],
]

describe('of a convolution at stride 1', () => {
  for (const [kernel, pads] of borders)
    it(`${kernel.join(' × ')} with the borders ${pads}`, () =>
      check({
        opset: 17,
        nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { pads: ints(pads) } }],
        free: { x: normal([2, 2, 5, 6]), w: normal([3, 2, ...kernel]) },
        constants: {},
        outputs: ['y'],
        seed: 1,
      }))
})
