/** Models of old operator sets, spliced into a graph of the builder's, answer what ONNX Runtime answers on the original. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { float, int, ints, text, type Attributes, type OnnxModel } from '../../../src/engine/onnx/model'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, sizeOf, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

interface OldNode {
  op: string
  inputs?: string[]
  outputs?: string[]
  attributes?: Attributes
  name?: string
}
interface Old {
  opset: number
  about: string
  input: Shape
  nodes: OldNode[]
  initializers?: Record<string, Tensor>
  outputs?: string[]
}

const floats = (...value: number[]) => ({ type: 'floats' as const, value })
const one = (opset: number, about: string, input: Shape, op: string, attributes: Attributes, constants: Record<string, Tensor> = {}, inputs = ['x', ...Object.keys(constants)]): Old => ({
  opset, about, input, nodes: [{ op, attributes, inputs }], initializers: constants,
})
const vector = (...v: number[]) => int64([v.length], v)
const nearest = text('nearest')

const models: Old[] = []
for (const opset of [7, 8, 9, 10, 11, 12]) {
  models.push(one(opset, 'Squeeze with axes', [1, 3, 1], 'Squeeze', { axes: ints([0, 2]) }))
  models.push(one(opset, 'Squeeze without', [1, 3, 1], 'Squeeze', {}))
  models.push(one(opset, 'Unsqueeze with axes', [3, 4], 'Unsqueeze', { axes: ints([0, 3]) }))
  for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceL2', 'ReduceLogSumExp']) {
    models.push(one(opset, `${op} with axes`, [2, 3, 4], op, { axes: ints([1, 2]), keepdims: int(0) }))
    models.push(one(opset, `${op} of all`, [2, 3, 4], op, {}))
  }
  for (const op of ['Softmax', 'LogSoftmax'])
    for (const axis of [undefined, 0, 1, 2, ...(opset >= 11 ? [-1, -2] : [])]) models.push(one(opset, `${op} along ${axis ?? 'its default'}`, [2, 3, 4], op, axis === undefined ? {} : { axis: int(axis) }))
  models.push(one(opset, 'Softmax of a 4-D score', [2, 5, 1, 1], 'Softmax', {}))
  models.push({ opset, about: 'Split with sizes', input: [2, 6], nodes: [{ op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: int(1), split: ints([2, 4]) } }], outputs: ['a', 'b'] })
  models.push({ opset, about: 'Split in equal parts', input: [6, 2], nodes: [{ op: 'Split', inputs: ['x'], outputs: ['a', 'b', 'c'], attributes: {} }], outputs: ['a', 'b', 'c'] })
  models.push(one(opset, 'Dropout', [2, 3], 'Dropout', opset < 12 ? { ratio: float(0.4) } : {}))
  models.push({ opset, about: 'BatchNormalization', input: [2, 3, 2, 2], nodes: [{ op: 'BatchNormalization', inputs: ['x', 'scale', 'bias', 'mean', 'var'], attributes: { epsilon: float(1e-3), momentum: float(0.8) } }],
    initializers: { scale: float32([3], [1, 2, 3]), bias: float32([3], [0, 1, -1]), mean: float32([3], [0.1, 0.2, 0.3]), var: float32([3], [1, 2, 0.5]) } })
  if (opset < 11) {
    models.push(one(opset, 'Clip on both sides', [2, 3], 'Clip', { min: float(-0.2), max: float(0.4) }))
    models.push(one(opset, 'Clip on one side', [2, 3], 'Clip', { min: float(0) }))
    models.push(one(opset, 'Clip on none', [2, 3], 'Clip', {}))
    models.push(one(opset, 'Pad with a value', [2, 3], 'Pad', { pads: ints([1, 0, 0, 2]), value: float(5) }))
    models.push(one(opset, 'Pad by reflection', [3, 4], 'Pad', { pads: ints([1, 2, 1, 1]), mode: text('reflect') }))
  } else {
    models.push(one(opset, 'Clip with inputs', [2, 3], 'Clip', {}, { low: float32([], [-0.2]), high: float32([], [0.4]) }))
    models.push(one(opset, 'Pad with inputs', [2, 3], 'Pad', {}, { pads: vector(1, 0, 0, 2), value: float32([], [5]) }))
  }
  if (opset < 10) {
    models.push(one(opset, 'Slice with attributes', [4, 5], 'Slice', { starts: ints([1, -3]), ends: ints([3, 9]), axes: ints([0, 1]) }))
    models.push(one(opset, 'Slice without axes', [4, 5], 'Slice', { starts: ints([1]), ends: ints([-1]) }))
    for (const mode of ['nearest', 'linear'])
      models.push(opset < 9 ? one(opset, `Upsample ${mode}`, [1, 2, 3, 4], 'Upsample', { mode: text(mode), scales: floats(1, 1, 2, 3) }) : one(opset, `Upsample ${mode}`, [1, 2, 3, 4], 'Upsample', { mode: text(mode) }, { scales: float32([4], [1, 1, 2, 3]) }))
  } else models.push(one(opset, 'Slice with inputs', [4, 5], 'Slice', {}, { starts: vector(-1), ends: vector(-9), axes: vector(1), steps: vector(-2) }))
  if (opset === 10) for (const mode of ['nearest', 'linear']) models.push(one(10, `Resize ${mode}`, [1, 1, 4, 4], 'Resize', { mode: text(mode) }, { scales: float32([4], [1, 1, 2, 1.5]) }))
  if (opset >= 11) {
    const none = { roi: float32([0], []), scales: float32([0], []) }
    models.push(one(opset, 'Resize to sizes, its scales empty', [1, 1, 4, 5], 'Resize', { mode: nearest }, { ...none, sizes: vector(1, 1, 8, 10) }))
    models.push(one(opset, 'Resize by scales, its roi empty', [1, 1, 4, 5], 'Resize', { mode: text('linear'), coordinate_transformation_mode: text('align_corners') }, { roi: none.roi, scales: float32([4], [1, 1, 2, 2]) }))
  }
}
for (const opset of [13, 14, 17, 18]) {
  models.push(one(opset, 'Softmax along its default', [2, 3, 4], 'Softmax', {}))
  models.push(one(opset, 'ReduceSum with its axes as input', [2, 3, 4], 'ReduceSum', { keepdims: int(0) }, { axes: vector(0, 2) }))
  models.push(one(opset, 'ReduceMean', [2, 3, 4], 'ReduceMean', opset < 18 ? { axes: ints([-1]) } : {}, opset < 18 ? {} : { axes: vector(-1) }))
  models.push(one(opset, 'Squeeze with its axes as input', [1, 3, 1], 'Squeeze', {}, { axes: vector(0) }))
  models.push({ opset, about: 'Split without sizes', input: [6, 2], nodes: [{ op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: opset < 18 ? {} : { num_outputs: int(2) } }], outputs: ['a', 'b'] })
}
for (const opset of [19, 20, 21]) models.push(one(opset, 'Cast with what later sets added', [2, 3], 'Cast', { to: int(1), saturate: int(1) }))

models.push({ opset: 13, about: 'nodes without names, and one called as a weight is', input: [2, 3], nodes: [
  { op: 'Relu', inputs: ['x'], outputs: ['a'], name: '' }, { op: 'Neg', inputs: ['a'], outputs: ['b'], name: 'same' }, { op: 'Exp', inputs: ['b'], outputs: ['c'], name: '' },
  { op: 'Split', inputs: ['c'], outputs: ['d', 'e'], name: '', attributes: { axis: int(0) } }, { op: 'Add', inputs: ['d', 'same'], outputs: ['f'], name: 'other' } ], initializers: { same: float32([], [3]) }, outputs: ['f', 'e', 'b'] })
models.push({ opset: 11, about: 'an output that nobody takes', input: [2, 6], nodes: [{ op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: int(1) } }, { op: 'Dropout', inputs: ['b'], outputs: ['y', 'mask'] }], outputs: ['y'] })

function originalModel(old: Old): OnnxModel {
  const outputs = old.outputs ?? ['y']
  return {
    irVersion: old.opset > 18 ? 9 : 7, opsets: new Map([['', old.opset]]), producer: 'test', metadata: {},
    graph: {
      name: 'g',
      nodes: old.nodes.map((n, i) => ({ op: n.op, domain: '', name: n.name ?? `n${i}`, inputs: n.inputs ?? ['x'], outputs: n.outputs ?? ['y'], attributes: n.attributes ?? {} })),
      initializers: new Map(Object.entries(old.initializers ?? {})),
      inputs: [{ name: 'x', dtype: 'float32', shape: [...old.input] }],
      outputs: outputs.map((name) => ({ name, dtype: 'float32' })),
    },
  }
}

async function answers(bytes: Uint8Array, x: Tensor): Promise<Record<string, Tensor>> {
  const session = await createSession(bytes, { provider: 'cpu', threads: 1 })
  const result = await session.run({ x })
  await session.release()
  return result
}

describe('old operator sets', () => {
  for (const old of models)
    it(`${old.opset}: ${old.about}`, async () => {
      const random = new Random(old.about)
      const x = float32(old.input, Float32Array.from({ length: sizeOf(old.input) }, () => random.normal()))
      const model = originalModel(old)
      const g = new GraphBuilder()
      for (const [name, value] of Object.entries(g.inline(model, { x: g.input('x', old.input) }))) g.output(name, value)
      const [expected, found] = [await answers(writeModel(model), x), await answers(g.toBytes(), x)]
      for (const [name, { shape, data }] of Object.entries(expected)) {
        expect(found[name]!.shape, name).toEqual(shape)
        Array.from(data as Float32Array).forEach((v, i) => expect(found[name]!.data[i], `${name} ${i}`).toBeCloseTo(v, 5))
      }
    })
})

describe('splicing a model in', () => {
  const relu = originalModel({ opset: 13, about: '', input: [1, 3], nodes: [{ op: 'Relu' }] })
  const refusal = (input: Shape, bind: string, model = relu) => () => {
    const g = new GraphBuilder()
    g.inline(model, { [bind]: g.input('image', input) })
  }
  it('asks for every input, with the sizes that the model was made for; the batch is free', () => {
    expect(refusal([1, 3], 'other')).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: { input: 'x' } }))
    expect(refusal([1, 4], 'x')).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
    expect(refusal([1, 3, 1], 'x')).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
    expect(refusal([5, 3], 'x')).not.toThrow()
  })
  it('names operators from outside the standard, and values that nothing produces', () => {
    const foreign = structuredClone(relu)
    foreign.graph.nodes[0]!.domain = 'com.microsoft'
    expect(refusal([1, 3], 'x', foreign)).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported', facts: { node: 'n0', operator: 'Relu', domain: 'com.microsoft', opset: 1 } }))
    const dangling = structuredClone(relu)
    dangling.graph.nodes[0]!.inputs = ['nowhere']
    expect(refusal([1, 3], 'x', dangling)).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: { value: 'nowhere' } }))
  })
  it('the same model twice in one graph does not mix its names', async () => {
    const g = new GraphBuilder()
    const x = g.input('x', [1, 3])
    g.output('once', g.inline(relu, { x }, { prefix: 'model' }).y!)
    g.output('twice', g.inline(relu, { x: g.op('Neg', [x]) }, { prefix: 'model' }).y!)
    const { once, twice } = await answers(g.toBytes(), float32([1, 3], [1, -2, 3]))
    expect([...(once!.data as Float32Array)]).toEqual([1, 0, 3])
    expect([...(twice!.data as Float32Array)]).toEqual([0, 2, 0])
  })
})
