/** Models with branches, loops, lists, half precision or a fixed batch, spliced in, answer what ONNX Runtime answers on them. */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { dataTypeNumbers, float, int, ints, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type ValueInfo } from '../../../src/engine/onnx/model'
import { reduceSum } from '../../../src/engine/onnx/ops'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, sizeOf, tensor, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

type Step = [op: string, inputs: string, outputs: string, attributes?: Record<string, AttributeValue>, domain?: string]
const nodes = (...steps: Step[]): OnnxNode[] =>
  steps.map(([op, inputs, outputs, attributes = {}, domain = ''], i) => ({ op, domain, name: `n${i}`, inputs: inputs === '' ? [] : inputs.split(' ').map((n) => (n === '-' ? '' : n)), outputs: outputs.split(' ').map((n) => (n === '-' ? '' : n)), attributes }))

const info = (name: string, shape?: (number | string)[], dtype: ValueInfo['dtype'] = 'float32'): ValueInfo => (shape ? { name, dtype, shape } : { name, dtype })
const graphOf = (steps: Step[], inputs: ValueInfo[], outputs: ValueInfo[], initializers: Record<string, Tensor> = {}): OnnxGraph => ({ name: 'g', nodes: nodes(...steps), initializers: new Map(Object.entries(initializers)), inputs, outputs })
const modelOf = (graph: OnnxGraph, opset = 17, domains: Record<string, number> = {}): OnnxModel => ({ irVersion: 8, opsets: new Map([['', opset], ...Object.entries(domains)]), producer: 'test', metadata: {}, graph })
const subgraph = (...parts: Parameters<typeof graphOf>): AttributeValue => ({ type: 'graph', value: graphOf(...parts) })

const draw = (shape: Shape, seed = 'splice') => {
  const random = new Random(seed)
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => random.normal()))
}

async function run(bytes: Uint8Array, feeds: Record<string, Tensor>) {
  const session = await createSession(bytes, { provider: 'cpu', threads: 1 })
  const result = await session.run(feeds)
  await session.release()
  return result
}

function spliced(model: OnnxModel, shapes: Record<string, Shape>, outputs?: string[]) {
  const g = new GraphBuilder()
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, shape)]))
  const values = g.inline(model, inputs, outputs ? { outputs } : {})
  for (const [name, value] of Object.entries(values)) g.output(name, value)
  return { g, inputs, values }
}

/** Every output of the spliced model is that of the model itself. */
async function agrees(model: OnnxModel, feeds: Record<string, Tensor>, digits = 5): Promise<GraphBuilder> {
  const { g } = spliced(model, Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, t.shape])))
  const [expected, found] = [await run(writeModel(model), feeds), await run(g.toBytes(), feeds)]
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(found[name]!.shape, name).toEqual(shape)
    Array.from(data as Float32Array).forEach((v, i) => expect(Number(found[name]!.data[i]), `${name} ${i}`).toBeCloseTo(Number(v), digits))
  }
  return g
}

const x = (shape: (number | string)[]) => [info('x', shape)]
const y = [info('y')]

describe('branches', () => {
  const branching = (condition: Step[], initializers: Record<string, Tensor> = {}) =>
    modelOf(
      graphOf(
        [...condition, ['If', 'c', 'y', { then_branch: subgraph([['Mul', 'x two', 'inner'], ['Relu', 'inner', 'then']], [], [info('then')], { two: float32([], [2]) }), else_branch: subgraph([['Neg', 'x', 'else']], [], [info('else')]) }]],
        x(['n', 3]), y, initializers,
      ),
    )
  it('a known condition takes its branch, which sees the values around it', async () => {
    for (const truth of [0, 1]) await agrees(branching([], { c: tensor('bool', [], Uint8Array.of(truth)) }), { x: draw([2, 3]) })
  })
  it('a condition on shapes is known', async () => {
    const steps: Step[] = [['Shape', 'x', 's'], ['Gather', 's first', 'rows'], ['Equal', 'rows two', 'c']]
    for (const rows of [1, 2]) await agrees(branching(steps, { first: int64([], [0]), two: int64([], [2]) }), { x: draw([rows, 3]) })
  })
  it('a condition on the image is refused, by name', () => {
    const model = branching([['ReduceMax', 'x', 'm', { keepdims: int(0) }], ['Greater', 'm zero', 'c']], { zero: float32([], [0]) })
    expect(() => spliced(model, { x: [1, 3] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported', facts: { node: 'n2', operator: 'If', domain: 'ai.onnx', opset: 17 } }))
    expect(() => spliced(model, { x: [1, 3] })).toThrowError(/black-box attacks still work/)
  })
})

describe('loops', () => {
  const looping = (limit: Tensor | undefined, condition: Tensor | undefined, body: Step[], extra: Record<string, Tensor> = {}) =>
    modelOf(
      graphOf(
        [['Loop', `${limit ? 'limit' : '-'} ${condition ? 'go' : '-'} x`, 'y all', { body: subgraph(body, [info('i', [], 'int64'), info('before', [], 'bool'), info('v')], [info('after', [], 'bool'), info('next'), info('scan')]) }]],
        x([2]), [info('y'), info('all')], { ...(limit ? { limit } : {}), ...(condition ? { go: condition } : {}), ...extra },
      ),
    )
  const step: Step[] = [['Cast', 'i', 'f', { to: int(1) }], ['Add', 'v f', 'next'], ['Mul', 'next x', 'scan']]
  it('a known number of rounds is unrolled, what is carried and what is collected', async () => {
    const g = await agrees(looping(int64([], [3]), tensor('bool', [], Uint8Array.of(1)), [...step, ['Identity', 'before', 'after']]), { x: draw([2]) })
    expect(g.nodes.map((n) => n.op)).not.toContain('Loop')
  })
  it('a condition that is worked out ends it', async () => {
    await agrees(looping(undefined, tensor('bool', [], Uint8Array.of(1)), [...step, ['Less', 'i two', 'after']], { two: int64([], [2]) }), { x: draw([2]) })
  })
  it('a loop without an end is refused, not run', () => {
    expect(() => spliced(looping(int64([], [1e9]), tensor('bool', [], Uint8Array.of(1)), [...step, ['Identity', 'before', 'after']]), { x: [2] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported' }))
  })
})

it('lists of tensors are taken apart', async () => {
  const steps: Step[] = [
    ['SplitToSequence', 'x sizes', 'list', { axis: int(1) }], ['SequenceAt', 'list first', 'a'], ['SequenceAt', 'list last', 'b'], ['SequenceLength', 'list', 'n'], ['Cast', 'n', 'f', { to: int(1) }],
    ['SequenceConstruct', 'a b', 'pair'], ['SequenceInsert', 'pair a', 'three'], ['SequenceErase', 'three first', 'two'], ['ConcatFromSequence', 'two', 'joined', { axis: int(1) }], ['Add', 'joined f', 'y'],
    ['SplitToSequence', 'x', 'rows', { axis: int(0), keepdims: int(0) }], ['ConcatFromSequence', 'rows', 'z', { axis: int(0), new_axis: int(1) }],
  ]
  await agrees(modelOf(graphOf(steps, x([2, 5]), [info('y'), info('z')], { sizes: int64([2], [2, 3]), first: int64([], [0]), last: int64([], [-1]) })), { x: draw([2, 5]) })
})

describe('what is not needed', () => {
  it('nodes and outputs that nobody asks for are left out, whatever they are', () => {
    const steps: Step[] = [['Mystery', 'x', 'strange', {}, 'somewhere'], ['Relu', 'x', 'y'], ['RandomNormalLike', 'x', 'noise'], ['NonZero', 'x', 'where']]
    const model = modelOf(graphOf(steps, x([2]), [info('y'), info('where', undefined, 'int64')]), 17, { somewhere: 1 })
    const { g, values } = spliced(model, { x: [2] }, ['y'])
    expect(Object.keys(values)).toEqual(['y'])
    expect(g.nodes.map((n) => n.op)).toEqual(['Relu'])
  })
  it('nodes stand in any order, but not in a circle', async () => {
    const unsorted = modelOf(graphOf([['Add', 'a b', 'y'], ['Neg', 'x', 'a'], ['Exp', 'a', 'b']], x([2]), y))
    const { g } = spliced(unsorted, { x: [2] })
    expect(Number((await run(g.toBytes(), { x: float32([2], [0, 1]) })).y!.data[1])).toBeCloseTo(-1 + Math.exp(-1), 6)
    const circle = modelOf(graphOf([['Add', 'x b', 'a'], ['Neg', 'a', 'b'], ['Exp', 'b', 'y']], x([2]), y))
    expect(() => spliced(circle, { x: [2] })).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
  })
  it('a Split with outputs that have no name runs', async () => {
    const model = modelOf(graphOf([['Split', 'x', '- a -', { axis: int(1) }], ['Dropout', 'a', 'y -']], x([2, 6]), y), 11)
    const { g } = spliced(model, { x: [2, 6] })
    const values = draw([2, 6])
    const found = await run(g.toBytes(), { x: values })
    expect(Array.from(found.y!.data as Float32Array)).toEqual([2, 3, 8, 9].map((i) => values.data[i]))
  })
})

describe('types', () => {
  const half = (...values: number[]): Tensor => tensor('float16', [values.length], Uint16Array.from(values))
  it('half precision is computed in single precision, and said', async () => {
    // 0.5, -2, the smallest and the largest half, and infinity
    const model = modelOf(graphOf([['Cast', 'x', 'h', { to: int(dataTypeNumbers.float16) }], ['Mul', 'h w', 'p'], ['Cast', 'p', 'y', { to: int(1) }]], x([5]), y, { w: half(0x3800, 0xc000, 0x0001, 0x7bff, 0x7c00) }))
    const { g } = spliced(model, { x: [5] })
    const found = await run(g.toBytes(), { x: float32([5], [1, 1, 1, 1, 1]) })
    expect(Array.from(found.y!.data as Float32Array)).toEqual([0.5, -2, 2 ** -24, 65504, Infinity])
    expect(g.warnings.map((w) => w.code)).toEqual(['half-precision'])
  })
  it('a model that takes half precision is given single precision', async () => {
    const model = modelOf(graphOf([['Relu', 'x', 'y']], [info('x', [3], 'float16')], [info('y', [3], 'float16')]))
    const { values } = spliced(model, { x: [3] })
    expect(values.y!.dtype).toBe('float32')
  })
  it('an input in whole numbers takes real ones, and a gradient flows', async () => {
    const model = modelOf(graphOf([['Transpose', 'x', 't'], ['Cast', 't', 'f', { to: int(1) }], ['Mul', 'f scale', 'y']], [info('x', [2, 2], 'uint8')], y, { scale: float32([], [0.25]) }))
    const { g, inputs, values } = spliced(model, { x: [2, 2] })
    g.output('dx', gradient(g, reduceSum(g, values.y!), [inputs.x!])[0]!)
    const found = await run(g.toBytes(), { x: float32([2, 2], [1, 2, 3, 4]) })
    expect(Array.from(found.dx!.data as Float32Array)).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(g.warnings.map((w) => w.code)).toEqual(['whole-numbers'])
  })
  it('a whole number to the power of a real one: a side from the number of pixels', async () => {
    const steps: Step[] = [['Shape', 'x', 's'], ['Gather', 's last', 'pixels'], ['Pow', 'pixels half', 'side'], ['Concat', 'one side side', 't', { axis: int(0) }], ['Reshape', 'x t', 'y']]
    await agrees(modelOf(graphOf(steps, x([1, 9]), y, { last: int64([1], [1]), half: float32([], [0.5]), one: int64([1], [1]) })), { x: draw([1, 9]) })
  })
  it('a model in double precision is given double precision', async () => {
    const model = modelOf(graphOf([['Exp', 'x', 'y']], [info('x', [2], 'float64')], [info('y', [2], 'float64')]))
    const { g } = spliced(model, { x: [2] })
    const { data } = (await run(g.toBytes(), { x: float32([2], [0, 1]) })).y!
    expect(data).toBeInstanceOf(Float64Array)
    expect(Number(data[1])).toBeCloseTo(Math.E, 12)
  })
})

describe('a model made for one image, given several', () => {
  /** Each image of a batch gets the answer that it gets alone. */
  async function eachAlone(model: OnnxModel, shape: number[]): Promise<void> {
    const images = [1, 2, 3].map((seed) => draw([1, ...shape], seed.toString()))
    const { g } = spliced(model, { x: [3, ...shape] })
    const all = (await run(g.toBytes(), { x: float32([3, ...shape], images.flatMap((t) => Array.from(t.data))) })).y!
    for (const [i, image] of images.entries()) {
      const alone = (await run(writeModel(model), { x: image })).y!
      const own = Array.from(all.data as Float32Array).slice(i * alone.data.length, (i + 1) * alone.data.length)
      own.forEach((v, k) => expect(v).toBeCloseTo(Number(alone.data[k]), 5))
    }
  }
  const fixed = (steps: Step[], shape: number[], initializers: Record<string, Tensor>, out: number[]) => modelOf(graphOf(steps, x([1, ...shape]), [info('y', out)], initializers))
  it('flattened by a constant shape', () => eachAlone(fixed([['Reshape', 'x s', 'f'], ['MatMul', 'f w', 'y']], [2, 2, 2], { s: int64([2], [1, 8]), w: draw([8, 3]) }, [1, 3]), [2, 2, 2]))
  it('flattened by −1', () => eachAlone(fixed([['Reshape', 'x s', 'f'], ['MatMul', 'f w', 'y']], [2, 2, 2], { s: int64([2], [1, -1]), w: draw([8, 3]) }, [1, 3]), [2, 2, 2]))
  it('with a class token that was expanded beforehand', () => eachAlone(fixed([['Concat', 'token x', 'c', { axis: int(1) }], ['ReduceMean', 'c', 'y', { axes: ints([1]) }]], [4, 3], { token: draw([1, 1, 3]) }, [1, 1, 3]), [4, 3]))
  it('with heads of attention in the first axis, as PyTorch writes them', () =>
    eachAlone(
      fixed([['Transpose', 'x', 't', { perm: ints([1, 0, 2]) }], ['Reshape', 't heads', 'h'], ['Transpose', 'h', 'q', { perm: ints([1, 0, 2]) }], ['Transpose', 'h', 'k', { perm: ints([1, 2, 0]) }],
        ['MatMul', 'q k', 's'], ['Softmax', 's', 'p', { axis: int(-1) }], ['MatMul', 'p q', 'o'], ['Transpose', 'o', 'ot', { perm: ints([1, 0, 2]) }], ['Reshape', 'ot back', 'b'], ['Transpose', 'b', 'y', { perm: ints([1, 0, 2]) }]],
        [5, 4], { heads: int64([3], [5, 2, 2]), back: int64([3], [5, 1, 4]) }, [1, 5, 4]), [5, 4]))
  it('with windows of the image in the first axis, as Swin has them', () =>
    eachAlone(
      fixed([['Reshape', 'x parts', 'w'], ['Transpose', 'w', 't', { perm: ints([0, 1, 3, 2, 4]) }], ['Reshape', 't windows', 'v'], ['Softmax', 'v', 's', { axis: int(1) }], ['Add', 's bias', 'a'], ['Reshape', 'a back', 'y']],
        [4, 4], { parts: int64([5], [1, 2, 2, 2, 2]), windows: int64([3], [4, 4, 1]), bias: draw([4, 1]), back: int64([3], [1, 4, 4]) }, [1, 4, 4]), [4, 4]))
  describe('with shape code that speaks of the images that there are', () => {
    const rows: Step[] = [['Shape', 'x', 's'], ['Gather', 's zero', 'b']]
    const weights = { zero: int64([1], [0]), columns: int64([2], [-1, 2]) }
    it('beside a length that is left open', () =>
      eachAlone(fixed([...rows, ['Concat', 'b columns', 't', { axis: int(0) }], ['Reshape', 'x t', 'v'], ['Softmax', 'v', 'm', { axis: int(1) }], ['Reshape', 'm s', 'y']], [6, 2], weights, [1, 6, 2]), [6, 2]))
    it('beside a constant that speaks of one image', () =>
      eachAlone(fixed([['Shape', 'x', 's'], ['Gather', 's last', 'c'], ['Concat', 'heads c', 't', { axis: int(0) }], ['Reshape', 'x t', 'v'], ['Softmax', 'v', 'm', { axis: int(1) }], ['Reshape', 'm back', 'y']], [6, 2],
        { last: int64([1], [2]), heads: int64([2], [3, -1]), back: int64([3], [1, 6, 2]) }, [1, 6, 2]), [6, 2]))
    it('is followed at once for all images', () => {
      const model = fixed([...rows, ['Concat', 'b columns', 't', { axis: int(0) }], ['Reshape', 'x t', 'v'], ['Resize', 'v - - t3', 'y']], [6, 2], { ...weights, t3: int64([3], [1, 12, 2]) }, [1, 12, 2])
      expect(spliced(model, { x: [3, 6, 2] }).g.nodes.map((n) => n.op)).toEqual(['Reshape', 'Resize'])
    })
    it('as a size to enlarge to', () =>
      eachAlone(fixed([...rows, ['Concat', 'b larger', 't', { axis: int(0) }], ['Resize', 'x - - t', 'y']], [6, 2], { ...weights, larger: int64([2], [9, 4]) }, [1, 9, 4]), [6, 2]))
    it('as a number to divide by', () => eachAlone(fixed([...rows, ['Cast', 'b', 'f', { to: int(1) }], ['Div', 'x f', 'y']], [6, 2], weights, [1, 6, 2]), [6, 2]))
  })
  it('with images repeated along a new axis in front of theirs', () =>
    eachAlone(
      fixed([['Expand', 'x thrice', 'e'], ['Reshape', 'e flat', 'y']], [2], { thrice: int64([3], [3, 1, 2]), flat: int64([2], [1, 6]) }, [1, 6]), [2]))
  it('whose operators mix what would be images: one after the other, with the weights once', async () => {
    const model = fixed([['ReduceMean', 'x', 'm', { axes: ints([0]), keepdims: int(1) }], ['Sub', 'x m', 'd'], ['Add', 'd x', 'e'], ['MatMul', 'e w', 'y']], [3], { w: draw([3, 2]) }, [1, 2])
    await eachAlone(model, [3])
    expect(spliced(model, { x: [3, 3] }).g.toModel().graph.initializers.size).toBeLessThan(12)
    expect([...spliced(model, { x: [3, 3] }).g.toModel().graph.initializers.values()].filter((t) => t.data.length === 6)).toHaveLength(1)
  })
  it('no number of images that is none of its batches', () => {
    const pairs = modelOf(graphOf([['ReduceMean', 'x', 'm', { axes: ints([0]), keepdims: int(1) }], ['Sub', 'x m', 'y']], x([2, 3]), [info('y', [2, 3])]))
    expect(spliced(pairs, { x: [4, 3] }).values.y!.shape).toEqual([4, 3])
    expect(() => spliced(pairs, { x: [3, 3] })).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
  })
})

describe('statistics of another kind', () => {
  const parameters = (shape: number[]) => ({ s: draw(shape, 's'), b: draw(shape, 'b'), m: draw(shape, 'm'), v: float32(shape, Array.from(draw(shape, 'v').data, (d) => 0.5 + Math.abs(d))) })
  it('batch normalisation exported in training mode takes those of the batch', async () => {
    const model = modelOf(graphOf([['BatchNormalization', 'x s b m v', 'y mean var', { training_mode: int(1), epsilon: float(1e-3) }]], x([3, 2, 4]), y, parameters([2])), 15)
    await agrees(model, { x: draw([3, 2, 4]) }, 4)
  })
  it('Hardmax of old operator sets', async () => {
    for (const [opset, axis] of [[9, 1], [9, 2], [11, -1], [13, 1]] as const) await agrees(modelOf(graphOf([['Hardmax', 'x', 'y', { axis: int(axis) }]], x([2, 3, 4]), y), opset), { x: draw([2, 3, 4]) })
  })
})

describe('what cannot be followed or differentiated', () => {
  it('names node, operator, domain and operator set, and what still works', () => {
    const unknown = modelOf(graphOf([['Det', 'x', 'h'], ['Relu', 'h', 'y']], x([1, 2, 2]), y), 14)
    expect(() => spliced(unknown, { x: [1, 2, 2] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported', facts: { node: 'n0', operator: 'Det', domain: 'ai.onnx', opset: 14 } }))
    const trees = modelOf(graphOf([['TreeEnsembleClassifier', 'x', 'y', {}, 'ai.onnx.ml']], x([1, 4]), y), 14, { 'ai.onnx.ml': 3 })
    expect(() => spliced(trees, { x: [1, 4] })).toThrowError(expect.objectContaining({ facts: { node: 'n0', operator: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', opset: 3 } }))
    const regions = modelOf(graphOf([['Conv', 'x w', 'c'], ['RoiAlign', 'c rois which', 'y']], x([1, 1, 4, 4]), y, { w: draw([1, 1, 1, 1]), rois: float32([1, 4], [0, 0, 2, 2]), which: int64([1], [0]) }), 16)
    const { g, inputs, values } = spliced(regions, { x: [1, 1, 4, 4] })
    expect(() => gradient(g, reduceSum(g, values.y!), [inputs.x!])).toThrowError(expect.objectContaining({ code: 'onnx-operator-not-differentiable', facts: { node: 'n1', operator: 'RoiAlign', domain: 'ai.onnx', opset: 16 } }))
    expect(() => gradient(g, reduceSum(g, values.y!), [inputs.x!])).toThrowError(/black-box attacks still work/)
  })
  it('places of maxima that are counted down the columns; the maxima themselves are followed', () => {
    const model = modelOf(graphOf([['MaxPool', 'x', 'y places', { kernel_shape: ints([2, 2]), storage_order: int(1) }]], x([1, 1, 3, 4]), [info('y'), info('places', undefined, 'int64')]))
    expect(spliced(model, { x: [1, 1, 3, 4] }, ['y']).values.y!.shape).toEqual([1, 1, 2, 3])
    expect(() => spliced(model, { x: [1, 1, 3, 4] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported', facts: { node: 'n0', operator: 'MaxPool', domain: 'ai.onnx', opset: 17 } }))
  })
  it('attention one way between queries and another number of keys', () => {
    const model = modelOf(graphOf([['MultiHeadAttention', 'x keys keys', 'y', { num_heads: int(1), unidirectional: int(1) }, 'com.microsoft']], x([1, 2, 4]), y, { keys: draw([1, 3, 4]) }), 17, { 'com.microsoft': 1 })
    expect(() => spliced(model, { x: [1, 2, 4] })).toThrowError(expect.objectContaining({ code: 'onnx-operator-unsupported', facts: { node: 'n0', operator: 'MultiHeadAttention', domain: 'com.microsoft', opset: 1 } }))
  })
  it('says which shape depends on the image', () => {
    const model = modelOf(graphOf([['NonZero', 'x', 'n'], ['Cast', 'n', 'y', { to: int(1) }]], x([3]), y))
    expect(() => spliced(model, { x: [3] })).toThrowError(expect.objectContaining({ code: 'onnx-shape-unknown', facts: { node: 'n0', operator: 'NonZero', domain: 'ai.onnx', opset: 17 } }))
  })
  it('a part that needs no gradient may be anything', () => {
    const model = modelOf(graphOf([['RoiAlign', 'image rois which', 'r'], ['Add', 'x r', 'y']], x([1, 1, 1, 1]), y, { image: draw([1, 1, 4, 4]), rois: float32([1, 4], [0, 0, 2, 2]), which: int64([1], [0]) }), 16)
    const { g, inputs, values } = spliced(model, { x: [1, 1, 1, 1] })
    expect(() => gradient(g, reduceSum(g, values.y!), [inputs.x!])).not.toThrow()
  })
})
