/**
 * Every rule of shape inference against the shape that ONNX Runtime really answers with, over geometries large and odd.
 */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { dataTypeNumbers, float, int, ints, text, type Attributes } from '../../../src/engine/onnx/model'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, sizeOf, tensor, type DType, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

interface Case {
  op: string
  /** A shape is an input of the graph, a tensor a constant of it, undefined an input that is left out. */
  inputs: (Shape | Tensor | undefined)[]
  attributes?: Attributes
  outputs?: number
  dtype?: DType
}

const random = new Random('shapes')
const isTensor = (v: Shape | Tensor): v is Tensor => 'dtype' in v
const i64 = (...values: number[]) => int64([values.length], values)
const f32 = (...values: number[]) => float32([values.length], values)
const bools = (shape: Shape) => tensor('bool', shape, Uint8Array.from({ length: sizeOf(shape) }, (_, i) => i % 2))

const cases: Case[] = []
const of = (op: string, inputs: Case['inputs'], attributes: Attributes = {}, more: Partial<Case> = {}) => cases.push({ op, inputs, attributes, ...more })

// Sliding windows
for (const [h, w] of [[7, 8], [11, 5], [16, 16]] as const)
  for (const k of [1, 2, 3])
    for (const s of [1, 2, 3]) {
      of('Conv', [[2, 4, h, w], [6, 2, k, k]], { strides: ints([s, s]), group: int(2), pads: ints([k >> 1, 0, 0, k >> 1]) })
      for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID']) of('Conv', [[1, 2, h, w], [3, 2, k, k], [3]], { strides: ints([s, 1]), auto_pad: text(auto) })
      if (h > 2 * (k - 1) && w > 2 * (k - 1)) of('Conv', [[1, 1, h, w], [1, 1, k, k]], { dilations: ints([2, 2]), strides: ints([1, s]) })
      of('ConvTranspose', [[1, 4, h, w], [4, 3, k, k]], { strides: ints([s, s]), output_padding: ints([s - 1, 0]) })
      of('ConvTranspose', [[1, 4, h, w], [4, 3, k, k]], { strides: ints([s, s]), dilations: ints([1, 2]), group: int(2) })
      if (k > 1) of('ConvTranspose', [[1, 4, h, w], [4, 1, k, k]], { strides: ints([s, s]), pads: ints([1, 1, 0, 1]), group: int(2) })
      for (const op of ['MaxPool', 'AveragePool']) {
        for (const ceil of [0, 1]) {
          of(op, [[1, 2, h, w]], { kernel_shape: ints([k, k]), strides: ints([s, s]), ceil_mode: int(ceil) })
          if (k > 1) of(op, [[1, 2, h, w]], { kernel_shape: ints([k, k]), strides: ints([s, s]), pads: ints([1, 0, 1, 1]), ceil_mode: int(ceil) })
        }
        // Windows smaller than their stride ask for negative padding, which ONNX Runtime refuses in pools.
        for (const auto of k < s ? ['VALID'] : ['SAME_UPPER', 'SAME_LOWER', 'VALID']) of(op, [[1, 2, h, w]], { kernel_shape: ints([k, k]), strides: ints([s, s]), auto_pad: text(auto) })
      }
      of('MaxPool', [[1, 2, 13, 13]], { kernel_shape: ints([k, k]), strides: ints([s, s]), dilations: ints([2, 2]), ceil_mode: int(1) })
    }
of('Conv', [[1, 2, 9], [3, 2, 3]])
of('MaxPool', [[1, 2, 9]], { kernel_shape: ints([2]), strides: ints([2]) })
of('MaxPool', [[1, 2, 8, 8]], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }, { outputs: 2 })
of('GlobalAveragePool', [[2, 3, 4, 5]])
of('GlobalMaxPool', [[2, 3, 4, 5]])

// Products
for (const [a, b] of [[[3, 4], [4, 5]], [[2, 3, 4], [4, 5]], [[2, 1, 3, 4], [5, 4, 2]], [[4], [4, 5]], [[3, 4], [4]], [[2, 3, 4], [4]], [[4], [4]], [[4], [2, 4, 3]]] as const) of('MatMul', [a, b])
for (const ta of [0, 1]) for (const tb of [0, 1]) of('Gemm', [ta ? [3, 2] : [2, 3], tb ? [5, 3] : [3, 5], [5]], { transA: int(ta), transB: int(tb) })

// Shapes
of('Reshape', [[2, 3, 4], i64(0, -1)])
of('Reshape', [[2, 3, 4], i64(4, 0, 2)])
of('Reshape', [[2, 3, 4], i64(-1)])
of('Reshape', [[1, 1], i64()])
for (const axis of [0, 1, 2, 3, -1, -2]) of('Flatten', [[2, 3, 4]], { axis: int(axis) })
of('Transpose', [[2, 3, 4]])
of('Transpose', [[2, 3, 4]], { perm: ints([1, 2, 0]) })
of('Squeeze', [[1, 3, 1, 2]])
of('Squeeze', [[1, 3, 1, 2], i64(-2)])
of('Squeeze', [[1, 3, 1, 2], i64(0, 2)])
of('Unsqueeze', [[3, 2], i64(0, -1)])
of('Unsqueeze', [[3, 2], i64(1, 3)])
of('Unsqueeze', [[3, 2], i64(-3)])
of('Expand', [[3, 1], i64(2, 1, 4)])
of('Expand', [[3, 4], i64(1)])
for (const axis of [0, 1, -1]) of('Concat', [[2, 3], [2, 3], [2, 3]], { axis: int(axis) })
of('Split', [[7, 2], i64(3, 4)], {}, { outputs: 2 })
of('Split', [[2, 6], i64(1, 2, 3)], { axis: int(-1) }, { outputs: 3 })
of('Split', [[7, 2]], { num_outputs: int(3) }, { outputs: 3 })

const big = 2 ** 40
for (const [start, end, step] of [[0, 5, 1], [1, -1, 1], [-3, big, 1], [0, big, 2], [1, 9, 3], [-1, -big, -1], [4, 0, -2], [9, -7, -1], [-2, -6, -3], [-99, 99, 4], [3, 3, 1], [5, 2, 1]])
  of('Slice', [[6, 7], i64(start!), i64(end!), i64(0), i64(step!)])
of('Slice', [[6, 7], i64(1, 2), i64(4, 6)])
of('Slice', [[6, 7, 3], i64(-1, 1), i64(-99, 99), i64(-1, 0), i64(-1, 2)])
of('Slice', [[6, 7], i64(1, 0), i64(4, 6), undefined, i64(2, 3)])
of('Pad', [[2, 3], i64(1, 0, 0, 2)])
of('Pad', [[2, 5], i64(-1, 1, 0, -2)])
of('Pad', [[1, 1, 4, 4], i64(1, 2, 3, 0), undefined, i64(-1, 2)])
of('Pad', [[1, 1, 4, 4], i64(0, 0, 1, 1, 0, 0, 1, 1)], { mode: text('reflect') })
of('Gather', [[5, 3, 2], int64([2, 2], [0, 1, 2, -1])], { axis: int(0) })
of('Gather', [[5, 3, 2], int64([], [1])], { axis: int(-2) })
of('GatherElements', [[3, 3], int64([2, 3], [0, 1, 2, 2, 1, 0])])
of('ScatterElements', [[3, 3], int64([1, 2], [0, 1]), [1, 2]], { axis: int(1) })
of('DepthToSpace', [[2, 8, 3, 5]], { blocksize: int(2) })
of('SpaceToDepth', [[2, 3, 6, 9]], { blocksize: int(3) })
of('Shape', [[4, 5, 6]])
of('ConstantOfShape', [i64(2, 3)], { value: { type: 'tensor', value: f32(7) } })
of('OneHot', [int64([3], [0, 2, 1]), int64([1], [4]), f32(0, 1)])
of('OneHot', [int64([3], [0, 2, 1]), int64([1], [4]), f32(0, 1)], { axis: int(0) })

// Resizing: scales whose products are whole numbers only in single precision, and sizes
for (const scale of [2, 0.5, 1.5, 0.3, 0.7, 1.1, 0.6, 1 / 3, 2.2])
  for (const extent of [5, 7, 10, 13])
    of('Resize', [[1, 1, extent, extent + 3], undefined, f32(1, 1, scale, scale)], { mode: text('nearest'), coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') })
of('Resize', [[1, 2, 5, 6], undefined, undefined, i64(1, 2, 9, 4)], { mode: text('linear') })
of('Resize', [[1, 2, 5, 6], undefined, f32(2, 3)], { mode: text('nearest'), axes: ints([2, 3]) })
of('Resize', [[1, 2, 5, 6], undefined, undefined, i64(9, 4)], { mode: text('linear'), axes: ints([3, 2]) })
of('Resize', [[1, 2, 5, 6], undefined, undefined, i64(9, 9)], { mode: text('linear'), axes: ints([2, 3]), keep_aspect_ratio_policy: text('not_larger') })
of('Resize', [[1, 2, 5, 6], undefined, undefined, i64(9, 9)], { mode: text('linear'), axes: ints([2, 3]), keep_aspect_ratio_policy: text('not_smaller') })

// Reductions
for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum']) {
  of(op, [[2, 3, 4]])
  of(op, [[2, 3, 4], i64(0, -1)], { keepdims: int(0) })
  of(op, [[2, 3, 4], i64(1)])
  of(op, [[2, 3, 4], i64()], { noop_with_empty_axes: int(1) })
}
for (const op of ['ArgMax', 'ArgMin']) {
  of(op, [[2, 3, 4]], { axis: int(-1), keepdims: int(0) })
  of(op, [[2, 3, 4]], { axis: int(1) })
}

// Elementwise
for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean']) of(op, [[2, 1, 4], [3, 1]])
for (const op of ['Max', 'Min', 'Sum', 'Mean']) of(op, [[4], [3, 1], [2, 1, 1]])
of('PRelu', [[2, 3, 4], [3, 1]])
for (const op of ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']) of(op, [[2, 1], [3]])
for (const op of ['And', 'Or', 'Xor']) of(op, [bools([2, 1]), bools([3])])
for (const op of [
  'Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu',
  'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish', 'Mish', 'Erf', 'Clip', 'Softmax', 'LogSoftmax', 'Identity', 'Dropout',
])
  of(op, [[2, 3]])
of('Not', [bools([2, 3])])
of('LRN', [[1, 4, 3, 3]], { size: int(3) })
of('CumSum', [[2, 3], int64([], [1])])
of('Cast', [[2, 3]], { to: int(dataTypeNumbers.int64) })
of('Cast', [[2, 3]], { to: int(dataTypeNumbers.bool) })
of('Where', [bools([3, 1]), [4], [2, 1, 1]])
of('InstanceNormalization', [[2, 3, 4, 4], f32(1, 1, 1), f32(0, 0, 0)])
of('BatchNormalization', [[2, 3, 4, 4], f32(1, 1, 1), f32(0, 0, 0), f32(0, 0, 0), f32(1, 1, 1)])
of('LayerNormalization', [[2, 3, 4], f32(1, 1, 1, 1)], { epsilon: float(1e-5) })

/** Builds one node and answers the declared and the real outputs. */
async function declaredAndReal({ op, inputs, attributes = {}, outputs = 1 }: Case) {
  const g = new GraphBuilder()
  const feeds: Record<string, Tensor> = {}
  const values = inputs.map((given, i): Value | undefined => {
    if (given === undefined) return undefined
    if (isTensor(given)) return g.constant(given)
    feeds[`x${i}`] = float32(given, Float32Array.from({ length: sizeOf(given) }, () => random.uniform(0.1, 1)))
    return g.input(`x${i}`, given)
  })
  const declared = g.node(op, values, attributes, outputs)
  // An output file that declares nothing, so that ONNX Runtime judges by itself.
  declared.forEach((value, i) => g.output(`y${i}`, value))
  const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
  const real = await session.run(feeds)
  await session.release()
  return declared.map((value, i) => ({ declared: { dtype: value.dtype, shape: [...value.shape] }, real: { dtype: real[`y${i}`]!.dtype, shape: [...real[`y${i}`]!.shape] } }))
}

const byOperator = cases.reduce((m, c) => m.set(c.op, [...(m.get(c.op) ?? []), c]), new Map<string, Case[]>())

describe('declared shapes and types are those that ONNX Runtime answers with', () => {
  for (const [op, group] of byOperator)
    it(`${op} (${group.length})`, async () => {
      const wrong: string[] = []
      for (const c of group) {
        const about = JSON.stringify({ ...c, inputs: c.inputs.map((v) => (v && isTensor(v) ? `constant [${v.shape}] ${v.data}` : v)) })
        try {
          for (const { declared, real } of await declaredAndReal(c)) if (JSON.stringify(declared) !== JSON.stringify(real)) wrong.push(`${about}\n    declared ${JSON.stringify(declared)}, real ${JSON.stringify(real)}`)
        } catch (error) {
          wrong.push(`${about}\n    ${String(error)}`)
        }
      }
      expect(wrong, wrong.slice(0, 6).join('\n')).toEqual([])
    })
})

describe('what does not fit', () => {
  const build = (c: Case) => () => {
    const g = new GraphBuilder()
    g.node(c.op, c.inputs.map((v, i) => (v === undefined ? undefined : isTensor(v) ? g.constant(v) : g.input(`x${i}`, v))), c.attributes ?? {}, c.outputs ?? 1)
  }
  const misfits: Case[] = [
    { op: 'Add', inputs: [[2, 3], [4]] },
    { op: 'MatMul', inputs: [[2, 3], [4, 5]] },
    { op: 'Gemm', inputs: [[2, 3], [4, 5]] },
    { op: 'Conv', inputs: [[1, 3, 8, 8], [4, 2, 3, 3]] },
    { op: 'Conv', inputs: [[1, 1, 2, 2], [1, 1, 5, 5]] },
    { op: 'Reshape', inputs: [[2, 3], i64(4, -1)] },
    { op: 'Reshape', inputs: [[2, 3], i64(5)] },
    { op: 'SpaceToDepth', inputs: [[1, 1, 5, 4]], attributes: { blocksize: int(2) } },
    { op: 'DepthToSpace', inputs: [[1, 3, 2, 2]], attributes: { blocksize: int(2) } },
    { op: 'Concat', inputs: [[2, 3], [3, 3]], attributes: { axis: int(1) } },
    { op: 'Split', inputs: [[6], i64(2, 3)], outputs: 2 },
    { op: 'Transpose', inputs: [[2, 3]], attributes: { perm: ints([0, 2]) } },
    { op: 'Squeeze', inputs: [[2, 3], i64(0)] },
    { op: 'Gather', inputs: [[2, 3], i64(0)], attributes: { axis: int(2) } },
    { op: 'Reshape', inputs: [[2, 3], undefined] },
  ]
  for (const c of misfits)
    it(`${c.op} of ${JSON.stringify(c.inputs.map((v) => (v && isTensor(v) ? [...v.data].map(Number) : v)))} is onnx-shape-unknown, naming the node`, () => {
      expect(build(c)).toThrowError(expect.objectContaining({ code: 'onnx-shape-unknown', facts: expect.objectContaining({ operator: c.op }) }))
    })

  it('an operator without a rule is onnx-operator-unsupported', () => {
    expect(build({ op: 'Det', inputs: [[2, 2]] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported' }))
  })
})
