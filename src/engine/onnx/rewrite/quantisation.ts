/**
 * Quantised operators, written as what they mean: dequantise, compute, quantise again. ONNX Runtime recognises these
 * triples and runs its quantised kernels; the gradient goes through them by the straight-through estimator.
 */
import { zeros, type DType } from '../../tensor/tensor'
import type { Value } from '../builder'
import { dataTypeNumbers, int, type Attributes } from '../model'
import { add, averagePoolOf, concat, leakyRelu, matMul, mul, reduceMean, sigmoid, softmax, transpose } from '../ops'
import { without, type Rewrite, type RewriteContext } from './rewrite'

/** Types that the kernels of operator set 18 take. */
const quantised: readonly DType[] = ['uint8', 'int8']

const alongAxis = (scale: Value, axis: number): Attributes => (scale.shape.length && scale.shape[0] !== 1 ? { axis: int(axis) } : {})

/** A vector of one entry and a scalar mean the same, and kernels ask for the scalar. */
const asParameter = (c: RewriteContext, v: Value | undefined): Value | undefined => (v?.shape.length === 1 && v.shape[0] === 1 ? c.g.op('Squeeze', [v, c.g.integers([0])]) : v)

function dequantised(c: RewriteContext, x: Value, scale: Value, zero: Value | undefined, axis = 1): Value {
  const s = asParameter(c, scale)!
  return c.g.op('DequantizeLinear', [x, s, asParameter(c, zero)], alongAxis(s, axis))
}

function requantised(c: RewriteContext, x: Value, scale: Value, zero: Value | undefined): Value {
  return c.g.op('QuantizeLinear', [x, asParameter(c, scale), asParameter(c, zero)])
}

/** Input i, its scale and its zero point, which stand one after the other. */
const from = (c: RewriteContext, i: number, axis?: number): Value => dequantised(c, c.required(i), c.required(i + 1), c.inputs[i + 2], axis)
const back = (c: RewriteContext, y: Value, i: number): Value[] => [requantised(c, y, c.required(i), c.inputs[i + 1])]

/** Integers minus their zero point, as the floating point numbers that they are. */
function integers(c: RewriteContext, x: Value, zero: Value | undefined, axis: number): Value {
  const z = asParameter(c, zero)
  if (z && z.shape.length > 1) throw c.refuse('with zero points of its own for every row, which Assay cannot follow')
  const one = c.g.constant({ dtype: 'float32', shape: z?.shape ?? [], data: new Float32Array(z?.shape[0] ?? 1).fill(1) })
  return c.g.op('DequantizeLinear', [x, one, z], alongAxis(one, axis))
}

function linear(c: RewriteContext): void {
  if (c.int('block_size', 0)) throw c.refuse('in blocks, which Assay cannot follow')
}

const zeroPoint = (c: RewriteContext): Value | undefined => {
  const given = asParameter(c, c.inputs[2])
  const wanted = Object.entries(dataTypeNumbers).find(([, number]) => number === c.int('output_dtype', 0))?.[0] as DType | undefined
  const found = given?.dtype ?? wanted ?? 'uint8'
  if (!quantised.includes(found)) throw c.refuse(`with the type ${found}, which Assay cannot follow`)
  if (given || !wanted) return given
  return c.g.constant(zeros(wanted, c.required(1).shape))
}

export const quantisation: Rewrite[] = [
  {
    op: 'QuantizeLinear',
    write: (c) => {
      linear(c)
      const scale = asParameter(c, c.required(1))!
      return c.emit('QuantizeLinear', [c.x, scale, zeroPoint(c)], alongAxis(scale, c.int('axis', 1)))
    },
  },
  {
    op: 'DequantizeLinear',
    write: (c) => {
      linear(c)
      return [dequantised(c, c.x, c.required(1), c.inputs[2], c.int('axis', 1))]
    },
  },
  {
    op: 'QLinearConv',
    forward: 'Conv of quantised numbers',
    write: (c) => {
      const [x, w] = [from(c, 0), from(c, 3, 0)]
      const bias = c.inputs[8] && c.g.op('Mul', [c.g.op('Cast', [c.inputs[8]], { to: int(dataTypeNumbers.float32) }), mul(c.g, asParameter(c, c.required(1))!, asParameter(c, c.required(4))!)])
      return back(c, c.g.op('Conv', [x, w, bias], c.attributes), 6)
    },
  },
  { op: 'QLinearMatMul', forward: 'MatMul of quantised numbers', write: (c) => back(c, matMul(c.g, from(c, 0), from(c, 3, c.required(3).shape.length - 1)), 6) },
  {
    op: 'MatMulInteger',
    forward: '(A − a₀)·(B − b₀)',
    write: (c) => [matMul(c.g, integers(c, c.x, c.inputs[2], 0), integers(c, c.required(1), c.inputs[3], c.required(1).shape.length - 1))],
  },
  { op: 'ConvInteger', forward: 'Conv of x − x₀ with w − w₀', write: (c) => [c.g.op('Conv', [integers(c, c.x, c.inputs[2], 1), integers(c, c.required(1), c.inputs[3], 0)], c.attributes)] },
]

const binary = (op: string, f: (g: RewriteContext['g'], a: Value, b: Value) => Value, forward: string): Rewrite => ({ op, forward, write: (c) => back(c, f(c.g, from(c, 0), from(c, 3)), 6) })
const unary = (op: string, f: (c: RewriteContext, x: Value) => Value, forward: string): Rewrite => ({ op, forward, write: (c) => back(c, f(c, from(c, 0)), 3) })

function firstChannels(c: RewriteContext): void {
  if (c.int('channels_last', 0)) throw c.refuse('with channels last, which Assay cannot follow')
}

export const microsoftQuantisation: Rewrite[] = [
  ...quantisation.slice(0, 2).map((r) => ({ ...r, forward: r.op === 'QuantizeLinear' ? 'x / scale, rounded' : '(x − x₀)·scale' })),
  binary('QLinearAdd', add, 'a + b of quantised numbers'),
  binary('QLinearMul', mul, 'a · b of quantised numbers'),
  unary('QLinearSigmoid', (c, x) => sigmoid(c.g, x), 'Sigmoid of quantised numbers'),
  unary('QLinearLeakyRelu', (c, x) => leakyRelu(c.g, x, c.float('alpha', 0.01)), 'LeakyRelu of quantised numbers'),
  unary('QLinearSoftmax', (c, x) => softmax(c.g, x, c.int('axis', -1)), 'Softmax of quantised numbers'),
  unary('QLinearAveragePool', (c, x) => (firstChannels(c), averagePoolOf(c.g, x, without(c.attributes, 'channels_last'))), 'AveragePool of quantised numbers'),
  unary('QLinearGlobalAveragePool', (c, x) => (firstChannels(c), reduceMean(c.g, x, x.shape.map((_, i) => i).slice(2), true)), 'GlobalAveragePool of quantised numbers'),
  {
    op: 'QLinearConcat',
    forward: 'Concat of quantised numbers',
    write: (c) => {
      const parts = Array.from({ length: (c.inputs.length - 2) / 3 }, (_, i) => from(c, 2 + 3 * i))
      return back(c, concat(c.g, parts, c.int('axis', 0)), 0)
    },
  },
  {
    op: 'QGemm',
    forward: 'Gemm of quantised numbers',
    write: (c) => {
      const { g } = c
      const turned = c.int('transB', 0) === 1
      const a = c.int('transA', 0) ? transpose(g, from(c, 0), [1, 0]) : from(c, 0)
      const b = turned ? transpose(g, from(c, 3, 0), [1, 0]) : from(c, 3, 1)
      const product = mul(g, matMul(g, a, b), c.float('alpha', 1))
      const summand = c.inputs[6] && mul(g, g.op('Cast', [c.inputs[6]], { to: int(dataTypeNumbers.float32) }), mul(g, asParameter(c, c.required(1))!, asParameter(c, c.required(4))!))
      const y = summand ? add(g, product, summand) : product
      return c.inputs[7] ? back(c, y, 7) : [y]
    },
  },
  {
    op: 'DynamicQuantizeMatMul',
    forward: 'A quantised by its own range, times quantised B',
    write: (c) => {
      const { g } = c
      const [a, scale, zero] = g.node('DynamicQuantizeLinear', [c.x], {}, 3) as [Value, Value, Value]
      const b = dequantised(c, c.required(1), c.required(2), c.inputs[3], 1)
      const y = matMul(g, g.op('DequantizeLinear', [a, scale, zero]), b)
      return [c.inputs[4] ? add(g, y, c.inputs[4]) : y]
    },
  },
  {
    op: 'MatMulIntegerToFloat',
    forward: 'A·B of quantised numbers',
    write: (c) => {
      const y = matMul(c.g, dequantised(c, c.x, c.required(2), c.inputs[4], 0), dequantised(c, c.required(1), c.required(3), c.inputs[5], 1))
      return [c.inputs[6] ? add(c.g, y, c.inputs[6]) : y]
    },
  },
]
