/** Shape arithmetic that exporters leave in models is gone once a model is spliced in, and what remains is right. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { dataTypeNumbers, int, ints, text } from '../../../src/engine/onnx/model'
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

describe('every fold agrees with ONNX Runtime', () => {
  const a = vector(7, -3, 5)
  const list: [string, Tensor[], Parameters<GraphBuilder['op']>[2]?][] = [
    ['Add', [a, vector(1, 2, 3)]], ['Sub', [a, scalar(4)]], ['Mul', [a, a]], ['Div', [a, scalar(2)]], ['Div', [vector(-7, 7, -1), vector(2, -2, 3)]],
    ['Gather', [a, vector(-1, 0)], { axis: int(0) }], ['Gather', [a, scalar(1)]],
    ['Slice', [a, vector(-1), vector(-9), vector(0), vector(-1)]], ['Slice', [a, vector(1), vector(99), vector(-1)]],
    ['Concat', [a, vector(1)], { axis: int(-1) }], ['Unsqueeze', [a, vector(0, -1)]], ['Squeeze', [int64([1, 3, 1], [1, 2, 3]), vector(0)]], ['Squeeze', [int64([1, 3, 1], [1, 2, 3])]],
    ['Cast', [a], { to: int(dataTypeNumbers.float32) }], ['Cast', [float32([3], [1.7, -1.7, 0])], { to: int(dataTypeNumbers.int64) }], ['Cast', [a], { to: int(dataTypeNumbers.bool) }],
    ['ConstantOfShape', [vector(2, 2)], { value: { type: 'tensor', value: vector(3) } }], ['ConstantOfShape', [vector(2)], {}],
    ['Equal', [a, vector(7, 0, 5)]], ['Where', [tensor('bool', [3], Uint8Array.of(1, 0, 1)), a, scalar(9)]],
    ['Floor', [float32([2], [1.5, -1.5])]], ['Ceil', [float32([2], [1.5, -1.5])]], ['Mul', [float32([2], [0.1, 10]), float32([], [0.7])]], ['Div', [float32([], [1]), float32([], [3])]],
    ['ReduceProd', [a], { keepdims: int(0) }], ['Max', [a, scalar(0)]], ['Min', [a, scalar(0)]],
  ]
  for (const [op, inputs, attributes = {}] of list)
    it(`${op} of ${inputs.map((t) => `[${t.data}]`).join(', ')}`, async () => {
      const g = new GraphBuilder()
      const folded = g.op(op, inputs.map((t) => g.constant(t)), attributes).constant
      expect(folded, 'folds').toBeDefined()
      // The same node with its first input given at run time.
      const h = new GraphBuilder()
      const first = inputs[0]!
      if (op === 'ConstantOfShape') {
        const n = { op, domain: '', name: 'n', inputs: ['x'], outputs: ['y'], attributes }
        const { writeModel } = await import('../../../src/engine/onnx/writer')
        const bytes = writeModel({ irVersion: 8, opsets: new Map([['', 18]]), producer: '', metadata: {}, graph: { name: 'g', nodes: [n], initializers: new Map(), inputs: [{ name: 'x', dtype: 'int64', shape: [first.data.length] }], outputs: [{ name: 'y', dtype: folded!.dtype }] } })
        await compare(bytes, first, folded!)
        return
      }
      h.output('y', h.op(op, [h.input('x', first.shape, first.dtype), ...inputs.slice(1).map((t) => h.constant(t))], attributes))
      await compare(h.toBytes(), first, folded!)
    })

  async function compare(bytes: Uint8Array, x: Tensor, folded: Tensor): Promise<void> {
    const session = await createSession(bytes, { provider: 'cpu' })
    const { y } = await session.run({ x })
    await session.release()
    expect({ dtype: folded.dtype, shape: [...folded.shape], data: Array.from(folded.data as Float32Array) }).toEqual({ dtype: y!.dtype, shape: [...y!.shape], data: Array.from(y!.data as Float32Array) })
  }
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
