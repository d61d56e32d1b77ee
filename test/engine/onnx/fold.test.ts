/** Shape arithmetic that exporters leave in models is gone once a model is spliced in, and what remains is right. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { foldedOps } from '../../../src/engine/onnx/fold'
import { dataTypeNumbers, int, ints, text, type Attributes } from '../../../src/engine/onnx/model'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64, tensor, type Tensor } from '../../../src/engine/tensor/tensor'

const scalar = (v: number) => int64([], [v])
const vector = (...v: number[]) => int64([v.length], v)

/** x.view(x.size(0), -1) as PyTorch exports it. */
function torchView(g: GraphBuilder, x: Value): Value {
  const size = g.op('Gather', [g.op('Shape', [x]), g.constant(scalar(0))], { axis: int(0) })
  const target = g.op('Concat', [g.op('Unsqueeze', [size, g.integers([0])]), g.integers([-1])], { axis: int(0) })
  return g.op('Reshape', [x, target])
}

/** x reshaped to twice the height by arithmetic on its shape: Slice, Mul, Div, Cast, Squeeze. */
function arithmetic(g: GraphBuilder, x: Value): Value {
  const shape = g.op('Cast', [g.op('Shape', [x])], { to: int(dataTypeNumbers.int64) })
  const tail = g.op('Slice', [shape, g.integers([1]), g.integers([9]), g.integers([0])])
  const doubled = g.op('Mul', [tail, g.constant(vector(2, 1, 1))])
  const halved = g.op('Div', [doubled, g.constant(vector(1, 2, 1))])
  const head = g.op('Squeeze', [g.op('Slice', [shape, g.integers([0]), g.integers([1])]), g.integers([0])])
  return g.op('Reshape', [x, g.op('Concat', [g.op('Unsqueeze', [head, g.integers([0])]), g.op('Sub', [g.op('Add', [halved, g.constant(scalar(5))]), g.constant(scalar(5))])], { axis: int(0) })])
}

/** x.expand(2, -1, …) as PyTorch exports it: where(shape == -1, 1, shape). */
function torchExpand(g: GraphBuilder, x: Value): Value {
  const wanted = g.constant(vector(2, -1, -1, -1))
  const ones = g.op('ConstantOfShape', [g.op('Shape', [wanted])], { value: { type: 'tensor', value: vector(1) } })
  const minus = g.op('Mul', [ones, g.constant(scalar(-1))])
  return g.op('Expand', [x, g.op('Where', [g.op('Equal', [wanted, minus]), ones, wanted])])
}

/** Doubling an image by its sizes, as PyTorch exports interpolate of before operator set 11: in floating point. */
function torchInterpolate(g: GraphBuilder, x: Value): Value {
  const side = (axis: number) => {
    const length = g.op('Gather', [g.op('Shape', [x]), g.constant(scalar(axis))], { axis: int(0) })
    const scaled = g.op('Floor', [g.op('Cast', [g.op('Mul', [g.op('Cast', [length], { to: int(dataTypeNumbers.float32) }), g.constant(float32([], [2]))])], { to: int(dataTypeNumbers.float32) })])
    return g.op('Unsqueeze', [g.op('Cast', [scaled], { to: int(dataTypeNumbers.int64) }), g.integers([0])])
  }
  const head = g.op('Slice', [g.op('Shape', [x]), g.integers([0]), g.integers([2]), g.integers([0])])
  const sizes = g.op('Concat', [head, side(2), side(3)], { axis: int(0) })
  return g.op('Resize', [x, undefined, undefined, sizes], { mode: text('nearest'), coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') })
}

const cases = { torchView: [torchView, [1, 24], 'Reshape'], arithmetic: [arithmetic, [1, 4, 1, 6], 'Reshape'], torchExpand: [torchExpand, [2, 2, 2, 6], 'Expand'], torchInterpolate: [torchInterpolate, [1, 2, 4, 12], 'Resize'] } as const

describe('exported shape arithmetic', () => {
  for (const [name, [build, shape, op]] of Object.entries(cases))
    it(`${name} leaves one ${op}`, async () => {
      const g = new GraphBuilder()
      const x = g.input('x', [1, 2, 2, 6])
      const y = build(g, x)
      expect(y.shape).toEqual(shape)
      g.output('y', y)
      expect(g.toModel().graph.nodes.map((n) => n.op)).toEqual([op, 'Identity'])
      const session = await createSession(g.toBytes(), { provider: 'cpu' })
      expect((await session.run({ x: float32([1, 2, 2, 6], new Float32Array(24)) })).y!.shape).toEqual(shape)
      await session.release()
    })
})

const bools = (...v: number[]) => tensor('bool', [v.length], Uint8Array.from(v))
const matrix = int64([2, 3], [1, 2, 3, 4, 5, 6])
const reals = float32([2, 3], [0.5, -1.5, 2.5, 1e-3, -7, 4])
const largest = tensor('int64', [2], BigInt64Array.of(9223372036854775807n, -9223372036854775808n))

interface FoldCase {
  op: string
  inputs: (Tensor | undefined)[]
  attributes?: Attributes
  outputs?: number
}
const foldCases: FoldCase[] = []
const of = (op: string, inputs: FoldCase['inputs'], attributes: Attributes = {}, outputs = 1) => foldCases.push({ op, inputs, attributes, outputs })

const a = vector(7, -3, 5)
for (const op of ['Add', 'Sub', 'Mul', 'Max', 'Min']) {
  of(op, [a, vector(1, 2, 3)])
  of(op, [matrix, scalar(4)])
  of(op, [int64([2, 1], [10, 20]), vector(1, 2, 3)])
  of(op, [reals, float32([3], [0.1, 0.7, -3])])
}
of('Div', [a, scalar(2)])
of('Div', [vector(-7, 7, -1), vector(2, -2, 3)])
of('Div', [float32([], [1]), float32([], [3])])
of('Mod', [vector(-7, 7, -7, 7), vector(3, -3, -3, 3)])
of('Mod', [vector(-7, 7), vector(3, 3)], { fmod: int(1) })
of('Mod', [float32([2], [-7.5, 7.5]), float32([], [2])], { fmod: int(1) })
of('Pow', [vector(2, -3), scalar(3)])
of('Pow', [float32([2], [2, 9]), float32([], [0.5])])
of('Sum', [reals, float32([3], [1, 2, 3]), float32([], [4])])
for (const op of ['Neg', 'Abs', 'Sign']) for (const x of [a, reals]) of(op, [x])
for (const op of ['Floor', 'Ceil', 'Round']) of(op, [float32([7], [1.5, -1.5, 0.5, -0.5, 2.5, 2.4, -2.6])])
of('Sqrt', [float32([2], [2, 9])])
of('Reciprocal', [float32([2], [3, -0.1])])
of('Clip', [reals, float32([], [-1]), float32([], [2])])
of('Clip', [a, undefined, scalar(4)])
of('Identity', [a])
of('Dropout', [reals])
for (const op of ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']) of(op, [a, vector(7, 0, 9)])
for (const op of ['And', 'Or', 'Xor']) of(op, [bools(0, 0, 1, 1), bools(0, 1, 0, 1)])
of('Not', [bools(0, 1)])
of('Where', [bools(1, 0, 1), a, scalar(9)])
of('Where', [bools(1, 0, 1), reals, float32([], [3])])
of('Where', [bools(1, 0), largest, vector(1, 2)])
of('Cast', [a], { to: int(dataTypeNumbers.float32) })
of('Cast', [float32([3], [1.7, -1.7, 0])], { to: int(dataTypeNumbers.int64) })
of('Cast', [float32([3], [0.3, -0.3, 0])], { to: int(dataTypeNumbers.bool) })
of('Cast', [a], { to: int(dataTypeNumbers.bool) })
of('Unsqueeze', [a, vector(0, -1)])
of('Squeeze', [int64([1, 3, 1], [1, 2, 3]), vector(0)])
of('Squeeze', [int64([1, 3, 1], [1, 2, 3])])
of('Reshape', [matrix, vector(3, -1)])
of('Reshape', [matrix, vector(0, 1, 3)])
of('Flatten', [int64([2, 1, 3], [1, 2, 3, 4, 5, 6])], { axis: int(2) })
of('Transpose', [reals])
of('Transpose', [int64([1, 2, 3], [1, 2, 3, 4, 5, 6])], { perm: ints([2, 0, 1]) })
of('Expand', [int64([3, 1], [1, 2, 3]), vector(2, 1, 2)])
of('Tile', [matrix, vector(2, 2)])
of('Concat', [a, vector(1)], { axis: int(-1) })
of('Concat', [largest, vector(1)], { axis: int(0) })
of('Concat', [matrix, int64([2, 1], [8, 9])], { axis: int(1) })
of('Split', [matrix, vector(1, 2)], { axis: int(1) }, 2)
of('Split', [vector(1, 2, 3, 4, 5)], { num_outputs: int(3) }, 3)
of('Gather', [a, vector(-1, 0)], { axis: int(0) })
of('Gather', [a, scalar(1)])
of('Gather', [reals, int64([2, 1], [2, 0])], { axis: int(1) })
of('GatherElements', [matrix, int64([1, 3], [1, -2, 0])], { axis: int(0) })
of('Slice', [a, vector(-1), vector(-9), vector(0), vector(-1)])
of('Slice', [a, vector(1), vector(99), vector(-1)])
of('Slice', [matrix, vector(0, -1), vector(2, -9), vector(0, 1), vector(1, -2)])
of('ScatterND', [matrix, int64([2, 2], [0, 1, -1, 2]), vector(70, 80)])
of('ScatterND', [matrix, int64([1, 1], [1]), int64([1, 3], [7, 8, 9])])
of('ScatterElements', [matrix, int64([1, 2], [1, -1]), int64([1, 2], [70, 80])], { axis: int(1) })
of('ScatterElements', [vector(1, 2, 3), vector(2), vector(9)])
of('GatherND', [matrix, int64([2, 2], [0, 1, -1, 2])])
of('GatherND', [reals, int64([3, 1], [1, 0, -1])])
for (const upper of [0, 1]) for (const k of [-1, 0, 1]) of('Trilu', [int64([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), scalar(k)], { upper: int(upper) })
of('ConstantOfShape', [vector(2, 2)], { value: { type: 'tensor', value: vector(3) } })
of('ConstantOfShape', [vector(2)])
of('Range', [scalar(2), scalar(11), scalar(3)])
of('Range', [scalar(5), scalar(0), scalar(-2)])
of('Range', [float32([], [0]), float32([], [1]), float32([], [0.3])])
of('NonZero', [int64([2, 3], [0, 1, 0, 2, 0, 3])])
for (const reverse of [0, 1]) for (const exclusive of [0, 1]) of('CumSum', [matrix, scalar(-1)], { reverse: int(reverse), exclusive: int(exclusive) })
of('CumSum', [matrix, scalar(0)])
of('OneHot', [vector(1, -1, 0), scalar(3), vector(5, 9)])
of('OneHot', [int64([2, 2], [0, 1, 1, 0]), scalar(2), vector(0, 1)], { axis: int(1) })
for (const op of ['ReduceSum', 'ReduceProd', 'ReduceMax', 'ReduceMin']) {
  of(op, [matrix, vector(1)])
  of(op, [matrix], { keepdims: int(0) })
  of(op, [reals, vector(-2)], { keepdims: int(0) })
}
of('ReduceMean', [reals, vector(0)])
of('ReduceSum', [matrix, vector()], { noop_with_empty_axes: int(1) })
for (const op of ['ArgMax', 'ArgMin']) {
  of(op, [int64([2, 3], [1, 5, 5, -2, 0, -2])], { axis: int(1) })
  of(op, [reals], { keepdims: int(0) })
}

describe('every fold agrees with ONNX Runtime', () => {
  it('there is a case for each', () => {
    expect([...new Set(foldCases.map((c) => c.op))].sort()).toEqual([...foldedOps].sort())
  })
  for (const { op, inputs, attributes = {}, outputs = 1 } of foldCases)
    it(`${op} of ${inputs.map((t) => (t ? `${t.dtype}[${t.data}]` : 'nothing')).join(', ')} ${Object.keys(attributes).join()}`, async () => {
      const g = new GraphBuilder()
      const folded = g.node(op, inputs.map((t) => t && g.constant(t)), attributes, outputs)
      const names = folded.map((_, i) => `y${i}`)
      const given = inputs.flatMap((t, i) => (t ? [[`x${i}`, t] as const] : []))
      const session = await createSession(
        writeModel({
          irVersion: 8, opsets: new Map([['', 18]]), producer: '', metadata: {},
          graph: {
            name: 'g',
            nodes: [{ op, domain: '', name: 'n', inputs: inputs.map((t, i) => (t ? `x${i}` : '')), outputs: names, attributes }],
            initializers: new Map(),
            inputs: given.map(([name, t]) => ({ name, dtype: t.dtype, shape: [...t.shape] })),
            outputs: names.map((name, i) => ({ name, dtype: folded[i]!.dtype })),
          },
        }),
        { provider: 'cpu', threads: 1 },
      )
      const real = await session.run(Object.fromEntries(given))
      await session.release()
      folded.forEach(({ constant }, i) => {
        expect(constant, 'folds').toBeDefined()
        const { dtype, shape, data } = real[names[i]!]!
        expect({ dtype: constant!.dtype, shape: [...constant!.shape] }).toEqual({ dtype, shape: [...shape] })
        Array.from(data as ArrayLike<number | bigint>).forEach((v, k) => {
          const own = constant!.data[k]!
          if (typeof v === 'bigint') expect(own).toBe(v)
          else expect(Math.abs(Number(own) - v)).toBeLessThanOrEqual(1e-6 * Math.abs(v))
        })
      })
    })
})

it('what is too large stays a node: no memory is taken for it', () => {
  const g = new GraphBuilder()
  const huge = g.op('ConstantOfShape', [g.integers([100_000, 100_000])])
  expect(huge.constant).toBeUndefined()
  expect(huge.shape).toEqual([100_000, 100_000])
  expect(g.op('Expand', [g.scalar(1), g.integers([1 << 30, 4])]).constant).toBeUndefined()
})

it('constants that cannot be are an error of Assay’s, or left to the run time', () => {
  const g = new GraphBuilder()
  const attempts = [
    () => g.op('Div', [g.constant(scalar(1)), g.constant(scalar(0))]),
    () => g.op('Gather', [g.constant(vector(1, 2)), g.constant(scalar(5))], { axis: int(0) }),
    () => g.op('Cast', [g.constant(float32([1], [NaN]))], { to: int(dataTypeNumbers.int64) }),
    () => g.op('ConstantOfShape', [g.constant(vector(-1))], {}),
    () => g.op('Unsqueeze', [g.constant(vector(1)), g.constant(vector(7))]),
    () => g.op('Transpose', [g.constant(float32([2, 2], [1, 2, 3, 4]))], { perm: ints([0, 0]) }),
  ]
  for (const attempt of attempts)
    try {
      expect(attempt().constant).toBeUndefined()
    } catch (error) {
      expect(error).toMatchObject({ code: 'onnx-shape-unknown' })
    }
})
