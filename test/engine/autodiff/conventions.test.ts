/**
 * Where a function has a kink, equal elements compete or nothing is left, the gradient is a convention: PyTorch's. The
 * numbers are what PyTorch 1.13 answers.
 */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { float, int, ints, type Attributes } from '../../../src/engine/onnx/model'
import { clip, maximum, minimum, pow, reduceSum } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, type Shape } from '../../../src/engine/tensor/tensor'

type Write = (g: GraphBuilder, ...inputs: Value[]) => Value
const op = (name: string, attributes: Attributes = {}): Write => (g, ...inputs) => g.op(name, inputs, attributes)
const along = (name: string): Write => (g, x) => g.op(name, [x, g.integers([1])], { keepdims: int(0) })

interface Convention {
  about: string
  write: Write
  inputs: [Shape, number[]][]
  gradients: number[][]
}
const list = (values: number[]): [Shape, number[]] => [[values.length], values]
const one = (about: string, write: Write, values: number[], expected: number[]): Convention => ({ about, write, inputs: [list(values)], gradients: [expected] })

const conventions: Convention[] = [
  one('Relu takes the left slope at 0', op('Relu'), [-1, 0, 1], [0, 0, 1]),
  one('Clip passes the gradient at its bounds', (g, x) => clip(g, x, 0, 1), [-0.5, 0, 0.5, 1, 1.5], [0, 1, 1, 1, 0]),
  one('LeakyRelu takes the left slope at 0', op('LeakyRelu', { alpha: float(0.25) }), [-1, 0, 1], [0.25, 0.25, 1]),
  { about: 'PRelu takes the left slope at 0', write: op('PRelu'), inputs: [list([-1, 0, 1]), list([0.25])], gradients: [[0.25, 0.25, 1], [-1]] },
  one('Elu has no kink', op('Elu'), [0, 1], [1, 1]),
  one('HardSigmoid ends at its bounds', op('HardSigmoid', { alpha: float(0.25) }), [-2, 0, 2], [0, 0.25, 0]),
  one('HardSwish at its bounds', op('HardSwish'), [-3, 0, 3], [-0.5, 0.5, 1.5]),
  one('Abs has no slope at 0', op('Abs'), [-1, 0, 1], [-1, 0, 1]),
  one('Shrink ends at its bounds', op('Shrink', { lambd: float(0.5) }), [-1, -0.5, 0, 0.5, 1], [1, 0, 0, 0, 1]),
  one('a square has no slope at 0', (g, x) => pow(g, x, 2), [-1, 0, 2], [-2, 0, 4]),
  one('a cube has no slope at 0', (g, x) => pow(g, x, 3), [-1, 0, 2], [3, 0, 12]),
  one('the power 0 has no slope anywhere', (g, x) => pow(g, x, 0), [-1, 0, 2], [0, 0, 0]),
  { about: 'equal operands of Max share', write: (g, a, b) => maximum(g, a!, b!), inputs: [list([1, 2, 3]), list([3, 2, 1])], gradients: [[0, 0.5, 1], [1, 0.5, 0]] },
  { about: 'equal operands of Min share', write: (g, a, b) => minimum(g, a!, b!), inputs: [list([1, 2, 3]), list([3, 2, 1])], gradients: [[1, 0.5, 0], [0, 0.5, 1]] },
  { about: 'equal elements share in ReduceMax', write: along('ReduceMax'), inputs: [[[2, 3], [1, 3, 3, 2, 2, 2]]], gradients: [[0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]] },
  { about: 'a norm has no slope at 0', write: along('ReduceL2'), inputs: [[[2, 2], [0, 0, 3, 4]]], gradients: [[0, 0, 0.6, 0.8]] },
  { about: 'a product with zeros', write: along('ReduceProd'), inputs: [[[3, 3], [0, 2, 3, 0, 0, 3, 1, 2, 3]]], gradients: [[6, 0, 0, 0, 0, 0, 6, 3, 2]] },
  { about: 'of equal elements under overlapping windows the first', write: op('MaxPool', { kernel_shape: ints([2, 2]) }), inputs: [[[1, 1, 3, 3], Array<number>(9).fill(1)]], gradients: [[1, 1, 0, 1, 1, 0, 0, 0, 0]] },
  {
    about: 'one element is the first largest of all windows that see it',
    write: op('MaxPool', { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) }),
    inputs: [[[1, 1, 4, 4], [0, 0, 0, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 0, 0, 0]]],
    gradients: [[0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  },
  { about: 'of equal pixels of a channel the first', write: op('GlobalMaxPool'), inputs: [[[1, 2, 2, 2], [0, 5, 5, 5, 0, 0, 0, 0]]], gradients: [[0, 1, 0, 0, 1, 0, 0, 0]] },
  one('the largest alone', (g, x) => g.op('TopK', [x, g.integers([2])]), [1, 5, 3, 4], [0, 1, 0, 1]),
]

describe('conventions', () => {
  for (const { about, write, inputs, gradients } of conventions)
    it(about, async () => {
      const g = new GraphBuilder()
      const values = inputs.map(([shape], i) => g.input(`x${i}`, shape))
      gradient(g, reduceSum(g, write(g, ...values)), values).forEach((d, i) => g.output(`d${i}`, d))
      const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
      const result = await session.run(Object.fromEntries(inputs.map(([shape, v], i) => [`x${i}`, float32(shape, v)])))
      await session.release()
      gradients.forEach((expected, i) => expected.forEach((v, k) => expect(Number(result[`d${i}`]!.data[k]), `${i}.${k}`).toBeCloseTo(v, 5)))
    })
})
