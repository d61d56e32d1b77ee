/**
 * The operators that our own networks, losses, attacks and optimisers are written with, as plain functions of a
 * builder. Numbers stand for scalars of the other operand's type. Shapes broadcast as in numpy.
 */
import { float32, tensor, type DType, type Shape, type Tensor } from '../tensor/tensor'
import type { GraphBuilder, Value } from './builder'
import { dataTypeNumbers, float, int, ints, text, type Attributes } from './model'

export type Operand = Value | number

function pair(g: GraphBuilder, op: string, a: Operand, b: Operand): Value {
  const dtype = typeof a === 'object' ? a.dtype : typeof b === 'object' ? b.dtype : 'float32'
  const asValue = (v: Operand) => (typeof v === 'number' ? g.scalar(v, dtype) : v)
  return g.op(op, [asValue(a), asValue(b)])
}

const binary = (op: string) => (g: GraphBuilder, a: Operand, b: Operand) => pair(g, op, a, b)

/** A tensor of floating point numbers in the precision that the graph around it has. */
export const floats = (dtype: DType, shape: Shape, values: ArrayLike<number>): Tensor => (dtype === 'float64' ? tensor('float64', shape, Float64Array.from(values)) : float32(shape, values))

const unary = (op: string) => (g: GraphBuilder, x: Value) => g.op(op, [x])

export const add = binary('Add')
export const sub = binary('Sub')
export const mul = binary('Mul')
export const div = binary('Div')
export const pow = binary('Pow')
export const maximum = binary('Max')
export const minimum = binary('Min')
export const equal = binary('Equal')
export const greater = binary('Greater')
export const greaterOrEqual = binary('GreaterOrEqual')
export const less = binary('Less')
export const lessOrEqual = binary('LessOrEqual')
export const and = binary('And')
export const or = binary('Or')

export const neg = unary('Neg')
export const exp = unary('Exp')
export const log = unary('Log')
export const sqrt = unary('Sqrt')
export const abs = unary('Abs')
export const sign = unary('Sign')
export const tanh = unary('Tanh')
export const sigmoid = unary('Sigmoid')
export const relu = unary('Relu')
export const erf = unary('Erf')
export const cos = unary('Cos')
export const sin = unary('Sin')
export const softplus = unary('Softplus')
export const not = unary('Not')

export const square = (g: GraphBuilder, x: Value): Value => mul(g, x, x)
export const leakyRelu = (g: GraphBuilder, x: Value, alpha: number): Value => g.op('LeakyRelu', [x], { alpha: float(alpha) })
export const where = (g: GraphBuilder, condition: Value, a: Operand, b: Operand): Value => {
  const dtype = typeof a === 'object' ? a.dtype : typeof b === 'object' ? b.dtype : 'float32'
  const asValue = (v: Operand) => (typeof v === 'number' ? g.scalar(v, dtype) : v)
  return g.op('Where', [condition, asValue(a), asValue(b)])
}
export const clip = (g: GraphBuilder, x: Value, low: number, high: number): Value => g.op('Clip', [x, g.scalar(low, x.dtype), g.scalar(high, x.dtype)])
export const cast = (g: GraphBuilder, x: Value, to: DType): Value => (x.dtype === to ? x : g.op('Cast', [x], { to: int(dataTypeNumbers[to]) }))

const reduce = (op: string) => (g: GraphBuilder, x: Value, axes?: readonly number[], keepdims = false): Value =>
  g.op(op, axes ? [x, g.integers(axes)] : [x], { keepdims: int(keepdims ? 1 : 0) })
export const reduceSum = reduce('ReduceSum')
export const reduceMean = reduce('ReduceMean')
export const reduceMax = reduce('ReduceMax')

/** −1 stands for what is left. */
export const reshape = (g: GraphBuilder, x: Value, shape: Shape): Value =>
  x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i]) ? x : g.op('Reshape', [x, g.integers(shape)])
export const transpose = (g: GraphBuilder, x: Value, perm: readonly number[]): Value => (perm.every((p, i) => p === i) ? x : g.op('Transpose', [x], { perm: ints(perm) }))
export const expand = (g: GraphBuilder, x: Value, shape: Shape): Value => g.op('Expand', [x, g.integers(shape)])
export const concat = (g: GraphBuilder, values: readonly Value[], axis: number): Value => (values.length === 1 ? values[0]! : g.op('Concat', values, { axis: int(axis) }))
export const split = (g: GraphBuilder, x: Value, sizes: readonly number[], axis: number): Value[] =>
  sizes.length === 1 ? [x] : g.node('Split', [x, g.integers(sizes)], { axis: int(axis) }, sizes.length)
/** x[start:end:step] along the given axes. */
export const slice = (g: GraphBuilder, x: Value, starts: readonly number[], ends: readonly number[], axes: readonly number[], steps?: readonly number[]): Value =>
  g.op('Slice', [x, g.integers(starts), g.integers(ends), g.integers(axes), ...(steps ? [g.integers(steps)] : [])])
/** Zero padding; begin pads of all axes, then end pads. */
export const pad = (g: GraphBuilder, x: Value, pads: readonly number[]): Value => (pads.every((p) => p === 0) ? x : g.op('Pad', [x, g.integers(pads)]))
export const gather = (g: GraphBuilder, x: Value, indices: Value, axis: number): Value => g.op('Gather', [x, indices], { axis: int(axis) })
export const depthToSpace = (g: GraphBuilder, x: Value, blocksize: number): Value => g.op('DepthToSpace', [x], { blocksize: int(blocksize) })
export const spaceToDepth = (g: GraphBuilder, x: Value, blocksize: number): Value => g.op('SpaceToDepth', [x], { blocksize: int(blocksize) })

export const matMul = (g: GraphBuilder, a: Value, b: Value): Value => g.op('MatMul', [a, b])
export const softmax = (g: GraphBuilder, x: Value, axis = -1): Value => g.op('Softmax', [x], { axis: int(axis) })
export const logSoftmax = (g: GraphBuilder, x: Value, axis = -1): Value => g.op('LogSoftmax', [x], { axis: int(axis) })

export interface ConvolutionOptions {
  strides?: readonly number[]
  dilations?: readonly number[]
  /** Begin pads of all axes, then end pads. */
  pads?: readonly number[]
  group?: number
}
const convolutionAttributes = (o: ConvolutionOptions): Attributes => ({
  ...(o.strides ? { strides: ints(o.strides) } : {}),
  ...(o.dilations ? { dilations: ints(o.dilations) } : {}),
  ...(o.pads ? { pads: ints(o.pads) } : {}),
  ...(o.group === undefined ? {} : { group: int(o.group) }),
})
/** Cross-correlation of x [N, Ci, H, W] with w [Co, Ci / group, kh, kw]. */
export const conv = (g: GraphBuilder, x: Value, w: Value, bias?: Value, options: ConvolutionOptions = {}): Value =>
  g.op('Conv', bias ? [x, w, bias] : [x, w], { kernel_shape: ints(w.shape.slice(2)), ...convolutionAttributes(options) })
/** Transposed convolution of x [N, Ci, H, W] with w [Ci, Co / group, kh, kw]. */
export const convTranspose = (g: GraphBuilder, x: Value, w: Value, options: ConvolutionOptions & { outputPadding?: readonly number[] } = {}): Value =>
  g.op('ConvTranspose', [x, w], {
    kernel_shape: ints(w.shape.slice(2)),
    ...convolutionAttributes(options),
    ...(options.outputPadding ? { output_padding: ints(options.outputPadding) } : {}),
  })
/** AveragePool with the attributes of the operator itself. */
export const averagePoolOf = (g: GraphBuilder, x: Value, attributes: Attributes): Value => g.op('AveragePool', [x], attributes)
/** Mean over non-overlapping size × size blocks. */
export const averagePool = (g: GraphBuilder, x: Value, size: number): Value => g.op('AveragePool', [x], { kernel_shape: ints([size, size]), strides: ints([size, size]) })
/** Nearest-neighbour enlargement by a whole factor. */
export const enlarge = (g: GraphBuilder, x: Value, factor: number): Value =>
  g.op('Resize', [x, undefined, g.constant(scales(factor))], {
    mode: text('nearest'),
    coordinate_transformation_mode: text('asymmetric'),
    nearest_mode: text('floor'),
  })
const scales = (factor: number): Tensor => ({ dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, factor, factor) })

/** Rows of the identity at the given class indices: [N] int64 → [N, classes]. */
export const oneHot = (g: GraphBuilder, labels: Value, classes: number, dtype: DType = 'float32'): Value =>
  cast(g, g.op('Equal', [reshape(g, labels, [labels.shape[0]!, 1]), g.integers(Array.from({ length: classes }, (_, i) => i))]), dtype)
