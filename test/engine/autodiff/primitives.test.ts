/** Every rule of the registry against finite differences. */
import { describe, expect, it } from 'vitest'
import { families } from '../../../src/engine/autodiff/registry'
import { float, int, ints, text, type Attributes } from '../../../src/engine/onnx/model'
import * as ops from '../../../src/engine/onnx/ops'
import { int64 } from '../../../src/engine/tensor/tensor'
import { checkGradient, type Case } from './check-gradient'

const unary = (op: string, attributes: Attributes = {}, more: Partial<Case> = {}): Case => ({ inputs: [[2, 3, 4]], build: (g, x) => g.op(op, [x], attributes), ...more })
const binary = (op: string, more: Partial<Case> = {}): Case => ({ inputs: [[2, 3, 4], [3, 1]], build: (g, a, b) => g.op(op, [a, b]), ...more })
const positive: Partial<Case> = { draw: (r) => 0.3 + r.next() * 2 }
/** Linear in each input: single precision with a large step. */
const linear = (inputs: number[][], build: Case['build']): Case => ({ inputs, build, precision: 'float32', step: 1 })
/** Piecewise smooth, kernel in single precision only. */
const single: Partial<Case> = { precision: 'float32', step: 1e-2, tolerance: 3e-3 }
/** Distinct values a step apart, so that a window's largest does not change under the finite difference. */
const distinct = (): Partial<Case> => {
  let i = 0
  return { draw: () => ((i++ * 37) % 101) / 10 }
}

const cases: Record<string, Record<string, Case>> = {
  elementwise: {
    Add: binary('Add'), Sub: binary('Sub'), Mul: binary('Mul'), Div: binary('Div', positive), Pow: binary('Pow', positive),
    Sum: { inputs: [[2, 3], [3], [1, 3]], build: (g, ...x) => g.op('Sum', x) },
    Mean: { inputs: [[2, 3], [3], [1, 3]], build: (g, ...x) => g.op('Mean', x), ...single },
    Max: binary('Max'), Min: binary('Min'),
    Where: { inputs: [[2, 3, 4], [3, 1]], build: (g, a, b) => ops.where(g, ops.greater(g, a, 0), a, b) },
    Identity: unary('Identity'), Dropout: unary('Dropout'),
    Cast: { inputs: [[4]], build: (g, x) => ops.cast(g, ops.mul(g, ops.cast(g, x, 'float32'), 3), 'float64'), step: 1e-2, tolerance: 1e-4 },
    Neg: unary('Neg'), Exp: unary('Exp'), Log: unary('Log', {}, positive), Sqrt: unary('Sqrt', {}, positive), Reciprocal: unary('Reciprocal', {}, positive),
    Abs: unary('Abs'), Sin: unary('Sin'), Cos: unary('Cos'), Tanh: unary('Tanh'), Sigmoid: unary('Sigmoid'), Softplus: unary('Softplus', {}, single), Erf: unary('Erf', {}, single),
    Relu: unary('Relu'), LeakyRelu: unary('LeakyRelu', { alpha: float(0.2) }), Elu: unary('Elu', { alpha: float(0.7) }), Clip: { inputs: [[3, 5]], build: (g, x) => ops.clip(g, x, -0.5, 0.8) },
    Sign: unary('Sign'), Floor: unary('Floor'), Ceil: unary('Ceil'), Round: unary('Round'),
    Selu: unary('Selu', {}, single), Celu: unary('Celu', { alpha: float(1.3) }, single), HardSigmoid: unary('HardSigmoid', {}, single), HardSwish: unary('HardSwish', {}, single),
    Mish: unary('Mish', {}, single), Softsign: unary('Softsign', {}, single), Gelu: { inputs: [[2, 5]], build: (g, x) => ops.mul(g, ops.mul(g, x, 0.5), ops.add(g, ops.erf(g, ops.mul(g, x, Math.SQRT1_2)), 1)), ...single },
    PRelu: { inputs: [[2, 3, 4, 4], [3, 1, 1]], build: (g, x, s) => g.op('PRelu', [x, s]) },
  },
  reduction: Object.fromEntries(
    ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp'].map((op) => [
      op,
      { inputs: [[2, 3, 4]], build: (g, x) => g.op(op, [x, g.integers([0, -1])], { keepdims: int(op.length % 2) }), ...(op === 'ReduceLogSum' ? positive : {}) } satisfies Case,
    ]),
  ),
  shapeOps: {
    Reshape: { inputs: [[2, 6]], build: (g, x) => ops.reshape(g, x, [3, 4]) },
    Flatten: unary('Flatten', { axis: int(2) }),
    Squeeze: { inputs: [[2, 1, 3]], build: (g, x) => g.op('Squeeze', [x, g.integers([1])]) },
    Unsqueeze: { inputs: [[2, 3]], build: (g, x) => g.op('Unsqueeze', [x, g.integers([0, -1])]) },
    Transpose: { inputs: [[2, 3, 4]], build: (g, x) => ops.transpose(g, x, [2, 0, 1]) },
    Expand: { inputs: [[3, 1]], build: (g, x) => ops.expand(g, x, [2, 3, 4]) },
    Concat: { inputs: [[2, 3], [2, 1], [2, 2]], build: (g, ...x) => ops.concat(g, x, 1) },
    Split: { inputs: [[2, 7]], build: (g, x) => { const [a, , c] = ops.split(g, x, [2, 3, 2], 1); return ops.mul(g, a!, c!) } },
    Slice: { inputs: [[9, 8]], build: (g, x) => ops.slice(g, x, [7, 1], [0, 8], [0, 1], [-2, 3]) },
    Pad: { inputs: [[3, 4]], build: (g, x) => ops.pad(g, x, [1, -1, 0, 2]) },
    Gather: { inputs: [[4, 3, 2]], build: (g, x) => ops.gather(g, x, g.constant(int64([2, 2], [2, 0, 2, 1])), 1) },
    GatherElements: { inputs: [[4, 3]], build: (g, x) => g.op('GatherElements', [x, g.constant(int64([2, 3], [0, 1, 1, 3, 1, 0]))], { axis: int(0) }) },
    DepthToSpace: { inputs: [[2, 8, 2, 3]], build: (g, x) => ops.depthToSpace(g, x, 2), ...single },
    SpaceToDepth: { inputs: [[2, 2, 4, 6]], build: (g, x) => ops.spaceToDepth(g, x, 2), ...single },
  },
  linear: {
    MatMul: { inputs: [[2, 1, 3, 4], [5, 4, 2]], build: (g, a, b) => ops.matMul(g, a, b) },
    Gemm: { inputs: [[4, 3], [5, 4], [5]], build: (g, a, b, c) => g.op('Gemm', [a, b, c], { transA: int(1), transB: int(1), alpha: float(0.7), beta: float(1.3) }) },
  },
  convolutions: {
    Conv: linear([[2, 3, 7, 6], [4, 3, 3, 3], [4]], (g, x, w, b) => ops.conv(g, x, w, b, { pads: [1, 1, 1, 1] })),
    ConvTranspose: linear([[2, 4, 3, 4], [4, 3, 3, 2]], (g, x, w) => ops.convTranspose(g, x, w, { strides: [2, 3], pads: [1, 0, 0, 1], outputPadding: [1, 0] })),
  },
  pooling: {
    MaxPool: unary('MaxPool', { kernel_shape: ints([3, 2]), strides: ints([2, 1]), pads: ints([1, 0, 1, 1]) }, { inputs: [[2, 3, 7, 5]], ...distinct(), step: 1e-3 }),
    AveragePool: unary('AveragePool', { kernel_shape: ints([3, 2]), strides: ints([2, 1]), pads: ints([1, 0, 1, 1]) }, { inputs: [[2, 3, 7, 5]], precision: 'float32', step: 1 }),
    GlobalAveragePool: unary('GlobalAveragePool', {}, { inputs: [[2, 3, 4, 5]], ...single }),
    GlobalMaxPool: unary('GlobalMaxPool', {}, { inputs: [[2, 3, 4, 5]], ...distinct(), precision: 'float32', step: 1e-2, tolerance: 1e-3 }),
  },
  normalisation: {
    BatchNormalization: { inputs: [[2, 3, 4, 2], [3], [3], [3], [3]], build: (g, ...x) => g.op('BatchNormalization', x), draw: (r) => 0.5 + r.next() },
    InstanceNormalization: { inputs: [[2, 3, 4, 3], [3], [3]], build: (g, x, s, b) => g.op('InstanceNormalization', [x, s, b]), ...single },
    LayerNormalization: { inputs: [[2, 3, 4], [3, 4], [3, 4]], build: (g, x, s, b) => g.op('LayerNormalization', [x, s, b], { axis: int(1) }) },
  },
  softmaxes: { Softmax: unary('Softmax', { axis: int(1) }), LogSoftmax: unary('LogSoftmax', { axis: int(1) }) },
  resizing: {
    Resize: { inputs: [[1, 2, 4, 5]], build: (g, x) => g.op('Resize', [x, undefined, undefined, g.integers([1, 2, 7, 3])], { mode: text('linear'), coordinate_transformation_mode: text('half_pixel') }), precision: 'float32', step: 1 },
  },
}

describe('the table of cases', () => {
  it('has one for every rule of the registry', () => {
    for (const [family, rules] of Object.entries(families))
      expect(Object.keys(cases[family] ?? {}).sort(), family).toEqual(expect.arrayContaining(rules.map((r) => r.op).filter((op) => op !== 'Gelu')))
  })
})

for (const [family, byOp] of Object.entries(cases))
  describe(`${family}: the gradient agrees with finite differences`, () => {
    it.each(Object.entries(byOp))('%s', (name, c) => checkGradient(name, c))
  })

describe('convolutions of every geometry', () => {
  const geometry: Record<string, Case> = {
    'stride 2': linear([[2, 3, 8, 7], [4, 3, 3, 3], [4]], (g, x, w, b) => ops.conv(g, x, w, b, { pads: [1, 1, 1, 1], strides: [2, 2] })),
    'stride 2, 1 × 1': linear([[2, 3, 8, 7], [4, 3, 1, 1]], (g, x, w) => ops.conv(g, x, w, undefined, { strides: [2, 2] })),
    'stride 3, dilation 2, uneven pads': linear([[1, 2, 11, 10], [3, 2, 3, 2]], (g, x, w) => ops.conv(g, x, w, undefined, { strides: [3, 2], dilations: [2, 3], pads: [2, 0, 1, 3] })),
    'dilation 2 at stride 1': linear([[2, 2, 9, 8], [3, 2, 3, 3]], (g, x, w) => ops.conv(g, x, w, undefined, { dilations: [2, 2], pads: [2, 2, 2, 2] })),
    'more padding than the kernel reaches': linear([[1, 2, 4, 4], [3, 2, 2, 2]], (g, x, w) => ops.conv(g, x, w, undefined, { pads: [2, 2, 3, 2] })),
    groups: linear([[2, 4, 5, 6], [6, 2, 3, 3]], (g, x, w) => ops.conv(g, x, w, undefined, { pads: [1, 1, 1, 1], group: 2 })),
    depthwise: linear([[2, 4, 5, 6], [4, 1, 3, 3]], (g, x, w) => ops.conv(g, x, w, undefined, { pads: [1, 1, 1, 1], group: 4, strides: [2, 1] })),
    'one dimension': linear([[2, 3, 9], [4, 3, 3]], (g, x, w) => ops.conv(g, x, w, undefined, { strides: [2], pads: [1, 1] })),
    'transposed with groups': linear([[2, 4, 3, 4], [4, 2, 2, 2], [4]], (g, x, w, b) => g.op('ConvTranspose', [x, w, b], { kernel_shape: ints([2, 2]), strides: ints([2, 2]), group: int(2) })),
  }
  it.each(Object.entries(geometry))('%s', (name, c) => checkGradient(name, c))
})

describe('pools and resizes of every geometry', () => {
  const more: Record<string, Case> = {
    'average over tiles': unary('AveragePool', { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }, { inputs: [[2, 3, 4, 6]], precision: 'float32', step: 1 }),
    'average counting the padding': unary('AveragePool', { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), count_include_pad: int(1) }, { inputs: [[1, 2, 7, 7]], precision: 'float32', step: 1 }),
    'largest of overlapping windows': unary('MaxPool', { kernel_shape: ints([3, 3]), strides: ints([1, 1]) }, { inputs: [[1, 2, 6, 6]], ...distinct(), step: 1e-3 }),
    'nearest by a whole factor': { inputs: [[1, 2, 3, 4]], build: (g, x) => ops.enlarge(g, x, 2), precision: 'float32', step: 1 },
    ...Object.fromEntries(
      ['half_pixel', 'align_corners', 'asymmetric', 'pytorch_half_pixel'].flatMap((coordinates) =>
        ['nearest', 'linear', 'cubic'].map((mode) => [
          `${mode}, ${coordinates}`,
          { inputs: [[1, 2, 4, 5]], build: (g, x) => g.op('Resize', [x, undefined, undefined, g.integers([1, 2, 7, 12])], { mode: text(mode), coordinate_transformation_mode: text(coordinates) }), precision: 'float32', step: 1 } satisfies Case,
        ]),
      ),
    ),
  }
  it.each(Object.entries(more))('%s', (name, c) => checkGradient(name, c))
})

