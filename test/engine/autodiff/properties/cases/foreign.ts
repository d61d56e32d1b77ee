/** Operators that are written with others while a model is read: of newer operator sets, and of other domains. */
import { float, int, ints, text, type Attributes } from '../../../../../src/engine/onnx/model'
import { add, clip, concat, conv, floats, leakyRelu, matMul, mul, reduceMean, sigmoid, softmax } from '../../../../../src/engine/onnx/ops'
import type { GraphBuilder, Value } from '../../../../../src/engine/onnx/builder'
import { float32, sizeOf, tensor, type Tensor } from '../../../../../src/engine/tensor/tensor'
import { Random } from '../../../../../src/engine/tensor/random'
import { away, between, bools, given, node, normal, randomReal, vector, type Case, type Cases, type Draw, type Optional } from '../draw'
import type { Drawn, Free } from '../harness'
import { scatterOfOld } from './indexing'
import { parameters, type Quantised } from './quantisation'

/** Large enough that few pixels do not make a singularity that differences cannot follow. */
const epsilon = { epsilon: float(0.25) }

const upsample: Case = (d) => {
  const opset = d.opset(7, 9)
  const x = normal([1, d.int(1, 2), d.int(2, 4), d.int(2, 4)])
  const scales = [1, 1, d.int(1, 3), d.int(1, 3)]
  const mode = { mode: text(d.pick('nearest', 'linear')) }
  return opset < 9 ? node(d, 'Upsample', opset, [x], { ...mode, scales: { type: 'floats', value: scales } }) : node(d, 'Upsample', opset, [x, float32([4], scales)], mode)
}

const attention: Case = (d) => {
  const [batch, heads, times, queries, keys, size] = [d.int(1, 2), d.int(1, 2), d.int(1, 2), d.int(1, 3), d.int(1, 3), d.int(1, 3)]
  const flat = d.bool()
  const shape = (h: number, length: number) => (flat ? [batch, length, h * size] : [batch, h, length, size])
  const causal = d.bool()
  const mask = causal || d.bool() ? [] : [d.bool() ? normal([queries, keys]) : bools([queries, keys], d.list(queries * keys, (i) => i % keys === 0 || d.bool()))]
  return node(d, 'Attention', d.opset(23, 24), [normal(shape(heads * times, queries)), normal(shape(heads, keys)), normal(shape(heads, keys)), ...mask], {
    ...(flat ? { q_num_heads: int(heads * times), kv_num_heads: int(heads) } : {}),
    ...(causal ? { is_causal: int(1) } : {}),
    ...(d.bool() ? { scale: float(0.5) } : {}),
    ...(d.bool() ? { softcap: float(2) } : {}),
  })
}

/** Of ONNX's own domain. */
export const ownForm: Cases = {
  Gelu: (d) => node(d, 'Gelu', d.opset(20), [normal(d.shape(1, 3))], d.bool() ? { approximate: text(d.pick('none', 'tanh')) } : {}),
  Swish: (d) => node(d, 'Swish', d.opset(24), [normal(d.shape(1, 3))], d.bool() ? { alpha: float(1.5) } : {}, { noReference: 'ONNX Runtime 1.30 has no kernel' }),
  GroupNormalization: (d) => {
    const opset = d.opset(18)
    const groups = d.int(1, 3)
    const channels = groups * d.int(1, 3)
    const own = opset < 21 ? groups : channels
    return node(d, 'GroupNormalization', opset, [normal([d.int(1, 2), channels, ...d.list(d.int(1, 3), () => d.int(2, 3))]), normal([own]), normal([own])], { num_groups: int(groups), ...epsilon })
  },
  RMSNormalization: (d) => {
    const shape = d.list(d.int(1, 3), () => d.int(1, 4))
    const at = d.int(0, shape.length - 1)
    return node(d, 'RMSNormalization', d.opset(23), [normal(shape), normal(shape.slice(at))], { axis: int(at), ...epsilon })
  },
  SimplifiedLayerNormalization: (d) => {
    const shape = d.shape(1, 3)
    return node(d, 'SimplifiedLayerNormalization', d.opset(7, 22), [normal(shape), normal(shape.slice(-1))], { axis: int(-1), ...epsilon })
  },
  Attention: attention,
  CastLike: (d) => ({ ...node(d, 'CastLike', d.opset(15), [normal(d.shape(1, 3)), float32([1], [0])]), forward: 1e-5, tolerance: 2e-3 }),
  EyeLike: (d) => {
    const shape = [d.int(1, 4), d.int(1, 4)]
    const opset = d.opset(9)
    return {
      opset, seed: d.seed(), constants: {}, outputs: ['y'], free: { x: normal(shape) },
      nodes: [{ op: 'EyeLike', inputs: ['x'], outputs: ['eye'], attributes: given(d.bool() ? { k: int(d.int(-2, 2)) } : {}) }, { op: 'Mul', inputs: ['x', 'eye'], outputs: ['y'] }],
    }
  },
  Compress: (d) => {
    const shape = d.shape(1, 3)
    const at = d.int(0, shape.length - 1)
    const whole = d.bool()
    const count = whole ? sizeOf(shape) : shape[at]!
    return node(d, 'Compress', d.opset(9), [normal(shape), bools([count], d.list(count, (i) => i === 0 || d.bool()))], whole ? {} : { axis: int(at) })
  },
  Scatter: scatterOfOld,
  Upsample: upsample,
  CenterCropPad: (d) => {
    const shape = d.shape(1, 3, 6)
    const some = d.bool() ? d.order(shape.length).slice(0, d.int(1, shape.length)) : undefined
    return node(d, 'CenterCropPad', d.opset(18), [normal(shape), vector(...(some ?? shape).map(() => d.int(1, 7)))], some ? { axes: ints(some) } : {})
  },
  AffineGrid: (d) => {
    const volume = d.bool()
    const corners = d.int(0, 1)
    // Of one pixel alone the corners are nowhere: PyTorch and ONNX Runtime place it differently.
    const size = [d.int(1, 2), 1, ...d.list(volume ? 3 : 2, () => d.int(1 + corners, 4))]
    return node(d, 'AffineGrid', d.opset(20), [normal([size[0]!, volume ? 3 : 2, volume ? 4 : 3]), vector(...size)], corners ? { align_corners: int(1) } : {})
  },
  QLinearConv: (d) => quantisedConv(d),
  QLinearMatMul: (d) => quantisedMatMul(d, 'QLinearMatMul'),
  MatMulInteger: (d) => integers(d, 'MatMulInteger', [d.int(1, 3), d.int(1, 3)], (k) => [k, d.int(1, 3)], {}, (g, a, b) => matMul(g, a, b)),
  ConvInteger: (d) => integers(d, 'ConvInteger', [1, d.int(1, 2), 4, 4], (_, x) => [d.int(1, 3), x[1]!, 2, 2], {}, (g, a, b) => conv(g, a, b)),
}

const microsoft = 'com.microsoft'
const contrib = (d: Draw, op: string, args: Parameters<typeof node>[3], attributes: Optional = {}, more: Parameters<typeof node>[5] = {}) => node(d, op, d.opset(13, 21), args, attributes, { domain: microsoft, ...more })

const turned = (flag: number, shape: number[]): number[] => (flag ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape)

const fusedMatMul = (op: string): Case => (d) => {
  const batch = d.shape(0, 2, 2)
  const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
  const [ta, tb] = [d.int(0, 1), d.int(0, 1)]
  // ONNX Runtime's optimiser writes this for FusedMatMul alone, in products of batches.
  const [ba, bb] = op === 'FusedMatMul' && batch.length ? [d.int(0, 1), d.int(0, 1)] : [0, 0]
  const behind = (flag: number, shape: number[]) => (flag ? [shape.at(-2)!, ...shape.slice(0, -2), shape.at(-1)!] : shape)
  return contrib(d, op, [normal(behind(ba, turned(ta, [...batch, m, k]))), normal(behind(bb, turned(tb, [...batch, k, n])))], {
    transA: int(ta), transB: int(tb), alpha: float(0.5), ...(ba ? { transBatchA: int(1) } : {}), ...(bb ? { transBatchB: int(1) } : {}),
  })
}

const skip = (op: string, beta: boolean): Case => (d) => {
  const shape = [d.int(1, 2), d.int(1, 3), d.int(2, 4)]
  const own = shape.slice(-1)
  const extra = d.bool() ? [normal(own)] : []
  return contrib(d, op, [normal(shape), normal(shape), normal(own), ...(beta ? [normal(own)] : []), ...extra], epsilon)
}

/** Tensor of small whole numbers. */
function whole(d: Draw, dtype: 'uint8' | 'int8', shape: readonly number[]): Tensor {
  const random = new Random(d.seed())
  const [low, span] = dtype === 'uint8' ? [100, 60] : [-30, 60]
  const values = Array.from({ length: sizeOf(shape) }, () => low + random.integer(span))
  return dtype === 'uint8' ? tensor('uint8', shape, Uint8Array.from(values)) : tensor('int8', shape, Int8Array.from(values))
}

const realOf = (t: Tensor, q: Quantised): number[] => Array.from(t.data as Uint8Array, (v) => (v - Number(q.zero.data[0])) * Number(q.scale.data[0]))

/** Quantised in front, the operator, taken back behind; `f` is the operator on real numbers. */
const outputStep = 0.25

function between8(d: Draw, op: string, opset: number, domain: string | undefined, free: Record<string, Free>, own: (inputs: string[]) => { inputs: string[]; constants: Record<string, Tensor>; attributes?: Attributes }, f: (g: GraphBuilder, inputs: Value[]) => Value): Drawn {
  const q = parameters(d, 'uint8')
  const out: Quantised = { ...parameters(d, 'uint8'), scale: float32([], [outputStep]), zero: tensor('uint8', [], Uint8Array.of(128)) }
  const names = Object.keys(free)
  const { inputs, constants, attributes } = own(names.map((n) => `${n}q`))
  return {
    opset,
    ...(domain ? { domains: { [domain]: 1 } } : {}),
    seed: d.seed(),
    free,
    constants: { s: q.scale, z: q.zero, os: out.scale, oz: out.zero, ...constants },
    nodes: [
      ...names.map((n) => ({ op: 'QuantizeLinear', inputs: [n, 's', 'z'], outputs: [`${n}q`] })),
      { op, ...(domain ? { domain } : {}), inputs, outputs: ['yq'], attributes: attributes ?? {} },
      { op: 'DequantizeLinear', inputs: ['yq', 'os', 'oz'], outputs: ['y'] },
    ],
    outputs: ['y'],
    step: 1.01 * outputStep,
    // The slopes are those at the rounded numbers.
    tolerance: 0.03,
    surrogate: (g, given) => [f(g, names.map((n) => clip(g, given[n]!, q.low, q.high)))],
  }
}

const moderate = between(-0.8, 0.8)

function quantisedConv(d: Draw): Drawn {
  const [ci, co] = [d.int(1, 2), d.int(1, 3)]
  const wq: Quantised = { ...parameters(d, 'int8'), scale: float32([], [0.02]), zero: tensor('int8', [], Int8Array.of(0)) }
  const w = whole(d, 'int8', [co, ci, 3, 3])
  const bias = tensor('int32', [co], Int32Array.from({ length: co }, (_, i) => i * 10))
  const withBias = d.bool()
  return between8(d, 'QLinearConv', d.opset(10), undefined, { x: moderate([1, ci, 5, 5]) },
    ([x]) => ({ inputs: [x!, 's', 'z', 'w', 'ws', 'wz', 'os', 'oz', ...(withBias ? ['b'] : [])], constants: { w, ws: wq.scale, wz: wq.zero, ...(withBias ? { b: bias } : {}) }, attributes: { pads: ints([1, 1, 1, 1]) } }),
    (g, [x]) => conv(g, x!, g.constant(floats('float32', [co, ci, 3, 3], realOf(w, wq))), undefined, { pads: [1, 1, 1, 1] }))
}

function quantisedMatMul(d: Draw, op: string): Drawn {
  const [m, k, n] = [d.int(1, 3), d.int(1, 4), d.int(1, 3)]
  const bq: Quantised = { ...parameters(d, 'int8'), scale: float32([], [0.02]), zero: tensor('int8', [], Int8Array.of(0)) }
  const b = whole(d, 'int8', [k, n])
  return between8(d, op, d.opset(10), undefined, { x: moderate([m, k]) },
    ([x]) => ({ inputs: [x!, 's', 'z', 'b', 'bs', 'bz', 'os', 'oz'], constants: { b, bs: bq.scale, bz: bq.zero } }),
    (g, [x]) => matMul(g, x!, g.constant(floats('float32', [k, n], realOf(b, bq)))))
}

/** Products of whole numbers: quantised by their own range in front, multiplied by the scale behind. */
function integers(d: Draw, op: string, shape: number[], weights: (k: number, x: number[]) => number[], attributes: Attributes, f: (g: GraphBuilder, a: Value, b: Value) => Value): Drawn {
  const w = whole(d, 'uint8', weights(shape.at(-1)!, shape))
  const zero = tensor('uint8', [], Uint8Array.of(128))
  return {
    opset: d.opset(11),
    seed: d.seed(),
    free: { x: normal(shape) },
    constants: { w, wz: zero },
    nodes: [
      { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'z'] },
      { op, inputs: ['q', 'w', 'z', 'wz'], outputs: ['i'], attributes },
      { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: int(1) } },
      { op: 'Mul', inputs: ['f', 's'], outputs: ['y'] },
    ],
    outputs: ['y'],
    forward: 1e-5,
    surrogate: (g, { x }) => [f(g, x!, g.constant(floats('float32', w.shape, Array.from(w.data as Uint8Array, (v) => v - 128))))],
  }
}

const quantisedUnary = (op: string, values: (shape: number[]) => Free, f: (g: GraphBuilder, x: Value) => Value, attributes: Attributes = {}): Case => (d) =>
  between8(d, op, d.opset(13, 20), microsoft, { x: values([1, d.int(1, 3), 4, 4]) }, ([x]) => ({ inputs: [x!, 's', 'z', 'os', 'oz'], constants: {}, attributes }), (g, [x]) => f(g, x!))

const quantisedBinary = (op: string, f: (g: GraphBuilder, a: Value, b: Value) => Value): Case => (d) => {
  const shape = d.shape(1, 3)
  return between8(d, op, d.opset(13, 20), microsoft, { a: between(0.3, 0.8)(shape), b: between(0.3, 0.8)(shape) }, ([a, b]) => ({ inputs: [a!, 's', 'z', b!, 's', 'z', 'os', 'oz'], constants: {} }), (g, [a, b]) => f(g, a!, b!))
}

const com: Cases = {
  Gelu: (d) => contrib(d, 'Gelu', [normal(d.shape(1, 3))]),
  BiasGelu: (d) => {
    const shape = d.shape(1, 3)
    return contrib(d, 'BiasGelu', [normal(shape), normal(shape.slice(-1))])
  },
  FastGelu: (d) => {
    const shape = d.shape(1, 3)
    return contrib(d, 'FastGelu', [normal(shape), ...(d.bool() ? [normal(shape.slice(-1))] : [])], {}, { single: true })
  },
  QuickGelu: (d) => contrib(d, 'QuickGelu', [normal(d.shape(1, 3))], d.bool() ? { alpha: float(1.25) } : {}),
  SkipLayerNormalization: skip('SkipLayerNormalization', true),
  SkipSimplifiedLayerNormalization: skip('SkipSimplifiedLayerNormalization', false),
  FusedMatMul: fusedMatMul('FusedMatMul'),
  TransposeMatMul: fusedMatMul('TransposeMatMul'),
  FusedGemm: (d) => {
    const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
    return contrib(d, 'FusedGemm', [normal([m, k]), normal([k, n]), normal([n])], { activation: text(d.pick('Sigmoid', 'Tanh')) })
  },
  FusedConv: (d) => {
    const [activation, values] = d.pick(['Sigmoid', []], ['Tanh', []], ['LeakyRelu', [1]], ['Clip', [-100, 100]], ['HardSigmoid', [0.01, 0.5]]) as [string, number[]]
    return contrib(d, 'FusedConv', [normal([1, 2, 4, 4]), normal([3, 2, 3, 3]), normal([3])], { activation: text(activation), ...(values.length ? { activation_params: { type: 'floats', value: values } } : {}), pads: ints([1, 1, 1, 1]) })
  },
  Attention: (d) => {
    const [heads, size, length] = [d.int(1, 2), d.int(1, 3), d.int(1, 3)]
    const width = heads * size
    return contrib(d, 'Attention', [normal([1, length, width]), normal([width, 3 * width]), normal([3 * width])], { num_heads: int(heads) })
  },
  MultiHeadAttention: (d) => {
    const [heads, size] = [d.int(1, 2), d.int(1, 3)]
    const queries = d.int(1, 3)
    const causal = d.int(0, 2) === 0
    const keys = causal ? queries : d.int(1, 3)
    const width = heads * size
    return contrib(d, 'MultiHeadAttention', [normal([1, queries, width]), normal([1, keys, width]), normal([1, keys, width]), ...(d.bool() ? [normal([3 * width])] : [])], { num_heads: int(heads), ...(causal ? { unidirectional: int(1) } : {}) })
  },
  QuantizeLinear: (d) => between8Alone(d, 'QuantizeLinear'),
  DequantizeLinear: (d) => between8Alone(d, 'DequantizeLinear'),
  QLinearAdd: quantisedBinary('QLinearAdd', add),
  QLinearMul: quantisedBinary('QLinearMul', mul),
  QLinearSigmoid: quantisedUnary('QLinearSigmoid', moderate, sigmoid),
  QLinearLeakyRelu: quantisedUnary('QLinearLeakyRelu', (shape) => ({ shape, values: (r) => (r.integer(2) ? 1 : -1) * r.uniform(0.1, 0.8) }), (g, x) => leakyRelu(g, x, 0.25), { alpha: float(0.25) }),
  QLinearSoftmax: quantisedUnary('QLinearSoftmax', moderate, (g, x) => softmax(g, x, 1), { axis: int(1), opset: int(13) }),
  QLinearAveragePool: quantisedUnary('QLinearAveragePool', moderate, (g, x) => g.op('AveragePool', [x], { kernel_shape: ints([2, 2]) }), { kernel_shape: ints([2, 2]) }),
  QLinearGlobalAveragePool: quantisedUnary('QLinearGlobalAveragePool', moderate, (g, x) => reduceMean(g, x, [2, 3], true)),
  QLinearConcat: (d) => between8(d, 'QLinearConcat', d.opset(13, 20), microsoft, { a: moderate([2, d.int(1, 3)]), b: moderate([2, d.int(1, 3)]) }, ([a, b]) => ({ inputs: ['os', 'oz', a!, 's', 'z', b!, 's', 'z'], constants: {}, attributes: { axis: int(1) } }), (g, [a, b]) => concat(g, [a!, b!], 1)),
  QGemm: (d) => {
    const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
    const bq: Quantised = { ...parameters(d, 'int8'), scale: float32([], [0.02]), zero: tensor('int8', [], Int8Array.of(0)) }
    const turn = d.int(0, 1)
    const b = whole(d, 'int8', turn ? [n, k] : [k, n])
    const transposed = (g: GraphBuilder, v: Value) => (turn ? g.op('Transpose', [v]) : v)
    return between8(d, 'QGemm', d.opset(13, 20), microsoft, { x: moderate([m, k]) },
      ([x]) => ({ inputs: [x!, 's', 'z', 'b', 'bs', 'bz', 'c', 'os', 'oz'], constants: { b, bs: bq.scale, bz: bq.zero, c: tensor('int32', [n], Int32Array.from({ length: n }, (_, i) => 20 * i)) }, attributes: { transB: int(turn) } }),
      (g, [x]) => matMul(g, x!, transposed(g, g.constant(floats('float32', b.shape, realOf(b, bq))))))
  },
  DynamicQuantizeMatMul: (d) => {
    const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
    const b = whole(d, 'uint8', [k, n])
    return {
      ...contrib(d, 'DynamicQuantizeMatMul', [normal([m, k]), b, float32([], [0.02]), tensor('uint8', [], Uint8Array.of(128))]),
      forward: 0.02,
      surrogate: (g, { x0 }) => [matMul(g, x0!, g.constant(floats('float32', [k, n], Array.from(b.data as Uint8Array, (v) => (v - 128) * 0.02))))],
    }
  },
  MatMulIntegerToFloat: (d) => {
    const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
    const b = whole(d, 'uint8', [k, n])
    return {
      opset: d.opset(13, 20), domains: { [microsoft]: 1 }, seed: d.seed(), free: { x: normal([m, k]) }, outputs: ['y'], forward: 1e-4,
      constants: { b, bs: float32([], [0.02]), bz: tensor('uint8', [], Uint8Array.of(128)) },
      nodes: [{ op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'z'] }, { op: 'MatMulIntegerToFloat', domain: microsoft, inputs: ['q', 'b', 's', 'bs', 'z', 'bz'], outputs: ['y'] }],
      surrogate: (g, { x }) => [matMul(g, x!, g.constant(floats('float32', [k, n], Array.from(b.data as Uint8Array, (v) => (v - 128) * 0.02))))],
    }
  },
}

/** The pair of quantising and taking back, one of the two from ONNX Runtime's domain. */
function between8Alone(d: Draw, foreignOp: string): Drawn {
  const q = parameters(d)
  const domainOf = (op: string) => (op === foreignOp ? { domain: microsoft } : {})
  return {
    opset: d.opset(13, 20), domains: { [microsoft]: 1 }, seed: d.seed(), free: { x: away(q.low, q.high)(d.shape(1, 3), 1.5) }, outputs: ['y'], step: 0.0202,
    constants: { s: q.scale, z: q.zero },
    nodes: [{ op: 'QuantizeLinear', ...domainOf('QuantizeLinear'), inputs: ['x', 's', 'z'], outputs: ['q'] }, { op: 'DequantizeLinear', ...domainOf('DequantizeLinear'), inputs: ['q', 's', 'z'], outputs: ['y'] }],
    surrogate: (g, { x }) => [clip(g, x!, q.low, q.high)],
  }
}

const learning = 'ai.onnx.ml'
const ml = (d: Draw, op: string, args: Parameters<typeof node>[3], attributes: Optional = {}, more: Parameters<typeof node>[5] = {}) => node(d, op, d.opset(9, 21), args, attributes, { domain: learning, single: true, ...more })
const listOf = (d: Draw, n: number): { type: 'floats'; value: number[] } => ({ type: 'floats', value: Array.from(randomReal(d, [n]).data as Float64Array, Math.fround) })

const classical: Cases = {
  LinearClassifier: (d) => {
    const [n, features, classes] = [d.int(1, 3), d.int(1, 4), d.int(3, 4)]
    const binary = d.bool()
    const rows = binary ? 1 : classes
    const transform = binary ? 'LOGISTIC' : d.pick('NONE', 'SOFTMAX', 'LOGISTIC')
    const drawn = ml(d, 'LinearClassifier', [normal([n, features])], {
      coefficients: listOf(d, rows * features), intercepts: listOf(d, rows), classlabels_ints: ints(Array.from({ length: binary ? 2 : classes }, (_, i) => i * 3)), multi_class: int(0), post_transform: text(transform),
    }, { count: 2 })
    return { ...drawn, outputs: ['y1'] }
  },
  LinearRegressor: (d) => {
    const [n, features, targets] = [d.int(1, 3), d.int(1, 4), d.int(1, 3)]
    return ml(d, 'LinearRegressor', [normal([n, features])], { coefficients: listOf(d, targets * features), intercepts: listOf(d, targets), targets: int(targets) })
  },
  Scaler: (d) => {
    const features = d.int(1, 4)
    return ml(d, 'Scaler', [normal([d.int(1, 3), features])], { offset: listOf(d, features), scale: listOf(d, features) })
  },
  Normalizer: (d) => ml(d, 'Normalizer', [{ shape: [d.int(1, 3), 4], values: (r, i) => (i % 4) * 0.5 + r.uniform(0.2, 0.5) }], { norm: text(d.pick('MAX', 'L1', 'L2')) }),
  ZipMap: (d) => ({ ...ml(d, 'ZipMap', [normal([d.int(1, 3), 3])], { classlabels_ints: ints([0, 1, 2]) }), noReference: 'its answer is a list of maps' }),
  ArrayFeatureExtractor: (d) => {
    const features = d.int(1, 5)
    return ml(d, 'ArrayFeatureExtractor', [normal([d.int(1, 3), features]), d.indices([1, d.int(1, 3)], features, false)])
  },
  FeatureVectorizer: (d) => {
    const widths = d.list(d.int(1, 3), () => d.int(1, 3))
    const n = d.int(1, 3)
    return ml(d, 'FeatureVectorizer', widths.map((w) => normal([n, w])), { inputdimensions: ints(widths) })
  },
  Imputer: (d) => ml(d, 'Imputer', [normal([d.int(1, 3), 2])], { imputed_value_floats: { type: 'floats', value: [1, 2] }, replaced_value_float: float(-99) }),
  Binarizer: (d) => {
    const drawn = ml(d, 'Binarizer', [away(0.5)([d.int(1, 3), 3])], { threshold: float(0.5) })
    return drawn
  },
  LabelEncoder: (d) => ({
    ...ml(d, 'LabelEncoder', [normal([2, 3])]),
    noReference: 'its answer is words',
    nodes: [{ op: 'ArgMax', inputs: ['x0'], outputs: ['a'] }, { op: 'LabelEncoder', domain: learning, inputs: ['a'], outputs: ['words'] }, { op: 'Neg', inputs: ['x0'], outputs: ['y0'] }],
  }),
}

export const foreign: Record<string, Cases> = { [microsoft]: com, [learning]: classical }
