/**
 * Shapes and types of an operator's outputs, from those of its inputs, as the ONNX operator specification defines them
 * (operator set 18). Every dimension is a number here: graphs are built for one batch size, so that the backward
 * graph's shapes are known while it is built.
 */
import { AssayError } from '../../shared/errors'
import { sizeOf, toNumbers, type DType, type Shape } from '../tensor/tensor'
import { attribute, dtypeOfNumber, type Attributes } from './model'

export interface TypedShape {
  dtype: DType
  shape: Shape
}
/** What inference sees of an input: `values` where it is a constant of integers. */
export interface InferenceInput extends TypedShape {
  readonly constant?: { readonly dtype: DType; readonly shape: Shape; readonly data: ArrayLike<number | bigint> } | undefined
}
export interface InferenceNode {
  readonly op: string
  readonly name: string
  readonly inputs: readonly (InferenceInput | undefined)[]
  readonly attributes: Attributes
  readonly outputCount: number
}

type Rule = (node: InferenceNode) => TypedShape[]

/** Left operand's type over the shape that numpy-style broadcasting gives. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`shapes [${a}] and [${b}] do not broadcast`)
    return x === 1 ? y : x
  })
}

/** Counts from the front. Flatten alone may cut behind the last dimension: its limit is `rank` itself. */
export const normaliseAxis = (axis: number, rank: number, limit = rank - 1): number => {
  const positive = axis < 0 ? axis + rank : axis
  if (positive < 0 || positive > limit) throw new RangeError(`axis ${axis} is outside a tensor of ${rank} dimensions`)
  return positive
}

function input(node: InferenceNode, index: number): InferenceInput {
  const found = node.inputs[index]
  if (!found) throw new RangeError(`input ${index} is missing`)
  return found
}

/** Integers of a constant input. @throws when the input is not a constant. */
function integers(node: InferenceNode, index: number): number[] | undefined {
  const found = node.inputs[index]
  if (!found) return undefined
  if (!found.constant) throw new RangeError(`input ${index} is computed at run time, so that the output's shape is not known beforehand`)
  return toNumbers(found.constant as never)
}

const same: Rule = (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 0).shape }]
const broadcast: Rule = (node) => [
  { dtype: input(node, 0).dtype, shape: node.inputs.reduce<number[]>((s, i) => broadcastShapes(s, i?.shape ?? []), []) },
]
const comparison: Rule = (node) => [{ dtype: 'bool', shape: broadcastShapes(input(node, 0).shape, input(node, 1).shape) }]

const reduction: Rule = (node) => {
  const x = input(node, 0)
  const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
  const axes = integers(node, 1)
  const reduced = axes?.length ? axes.map((a) => normaliseAxis(a, x.shape.length)) : attribute(node, 'noop_with_empty_axes', 'int') ? [] : x.shape.map((_, i) => i)
  return [{ dtype: x.dtype, shape: keep ? x.shape.map((d, i) => (reduced.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !reduced.includes(i)) }]
}

const argReduction: Rule = (node) => {
  const x = input(node, 0)
  const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
  const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
  return [{ dtype: 'int64', shape: keep ? x.shape.map((d, i) => (i === axis ? 1 : d)) : x.shape.filter((_, i) => i !== axis) }]
}

export interface WindowGeometry {
  kernel: number[]
  strides: number[]
  dilations: number[]
  /** Begin pads of all axes, then end pads. */
  pads: number[]
  output: number[]
}

/** Geometry of a sliding window, with auto_pad resolved into pads. */
export function windowGeometry(node: { attributes: Attributes }, spatial: Shape, kernel: readonly number[]): WindowGeometry {
  const n = spatial.length
  const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
  const dilations = attribute(node, 'dilations', 'ints') ?? kernel.map(() => 1)
  const extent = kernel.map((k, i) => (k - 1) * dilations[i]! + 1)
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET'
  const pads = attribute(node, 'pads', 'ints')?.slice() ?? Array<number>(2 * n).fill(0)
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER')
    for (let i = 0; i < n; i++) {
      const total = Math.max(0, (Math.ceil(spatial[i]! / strides[i]!) - 1) * strides[i]! + extent[i]! - spatial[i]!)
      const small = Math.floor(total / 2)
      pads[i] = auto === 'SAME_UPPER' ? small : total - small
      pads[n + i] = total - pads[i]!
    }
  if (auto === 'VALID') pads.fill(0)
  const ceil = attribute(node, 'ceil_mode', 'int') === 1
  const output = spatial.map((d, i) => {
    const span = (d + pads[i]! + pads[n + i]! - extent[i]!) / strides[i]!
    if (!ceil) return Math.floor(span) + 1
    const count = Math.ceil(span) + 1
    // A window must start inside the image or its left padding.
    return (count - 1) * strides[i]! >= d + pads[i]! ? count - 1 : count
  })
  if (output.some((d) => d < 1)) throw new RangeError(`a window of ${kernel} does not fit into ${spatial}`)
  return { kernel: [...kernel], strides, dilations, pads, output }
}

/** Geometry of a transposed convolution; `output` is its output's spatial shape. */
export function transposedGeometry(node: { attributes: Attributes }, spatial: Shape, kernel: readonly number[]): WindowGeometry {
  const n = spatial.length
  const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
  const dilations = attribute(node, 'dilations', 'ints') ?? kernel.map(() => 1)
  const outputPadding = attribute(node, 'output_padding', 'ints') ?? kernel.map(() => 0)
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET'
  if (auto !== 'NOTSET' || attribute(node, 'output_shape', 'ints')) throw new RangeError('ConvTranspose with auto_pad or output_shape')
  const pads = attribute(node, 'pads', 'ints') ?? Array<number>(2 * n).fill(0)
  const output = spatial.map((d, i) => strides[i]! * (d - 1) + outputPadding[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - pads[i]! - pads[n + i]!)
  return { kernel: [...kernel], strides, dilations, pads, output }
}

const pool: Rule = (node) => {
  const x = input(node, 0)
  const { output } = windowGeometry(node, x.shape.slice(2), attribute(node, 'kernel_shape', 'ints') ?? [])
  const shape = [...x.shape.slice(0, 2), ...output]
  return [{ dtype: x.dtype, shape }, { dtype: 'int64' as const, shape }].slice(0, node.outputCount)
}

const globalPool: Rule = (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 0).shape.map((d, i) => (i < 2 ? d : 1)) }]

export function matMulShape(a: Shape, b: Shape): number[] {
  const left = a.length === 1 ? [1, a[0]!] : a
  const right = b.length === 1 ? [b[0]!, 1] : b
  if (left.at(-1) !== right.at(-2)) throw new RangeError(`matrices [${a}] and [${b}] do not multiply`)
  const shape = [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!]
  if (a.length === 1) shape.splice(-2, 1)
  if (b.length === 1) shape.pop()
  return shape
}

function reshaped(from: Shape, target: readonly number[], allowZero: boolean): number[] {
  const shape = target.map((d, i) => (d === 0 && !allowZero ? from[i]! : d))
  const unknown = shape.indexOf(-1)
  if (unknown >= 0) shape[unknown] = sizeOf(from) / shape.reduce((p, d) => (d === -1 ? p : p * d), 1)
  if (sizeOf(shape) !== sizeOf(from) || !shape.every((d) => Number.isInteger(d) && d >= 0)) throw new RangeError(`[${from}] does not reshape to [${target}]`)
  return shape
}

/** Start, end and step of every axis of a Slice, clamped as the specification says. */
export function sliceRanges(shape: Shape, starts: number[], ends: number[], axes?: number[], steps?: number[]): { start: number; step: number; length: number }[] {
  const ranges = shape.map((d) => ({ start: 0, step: 1, length: d }))
  starts.forEach((s, i) => {
    const axis = normaliseAxis(axes?.[i] ?? i, shape.length)
    const step = steps?.[i] ?? 1
    const d = shape[axis]!
    const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v < 0 ? v + d : v))
    const start = step > 0 ? clamp(s, 0, d) : clamp(s, 0, d - 1)
    const end = step > 0 ? clamp(ends[i]!, 0, d) : ends[i]! < -d ? -1 : clamp(ends[i]!, -1, d - 1)
    ranges[axis] = { start, step, length: Math.max(0, Math.ceil((end - start) / step)) }
  })
  return ranges
}

const whole = (shape: number[]): number[] => {
  if (!shape.every(Number.isInteger)) throw new RangeError('the blocks do not fit the tensor')
  return shape
}

function resizedShape(node: InferenceNode): number[] {
  const { shape } = input(node, 0)
  const axes = attribute(node, 'axes', 'ints')?.map((a) => normaliseAxis(a, shape.length)) ?? shape.map((_, i) => i)
  const along = (length: (d: number, i: number) => number) => shape.map((d, axis) => (axes.includes(axis) ? length(d, axes.indexOf(axis)) : d))
  const sizes = integers(node, 3)
  if (sizes?.length) {
    const policy = attribute(node, 'keep_aspect_ratio_policy', 'string') ?? 'stretch'
    if (policy === 'stretch') return along((_, i) => sizes[i]!)
    const scales = axes.map((axis, i) => sizes[i]! / shape[axis]!)
    const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales)
    return along((d) => Math.round(scale * d))
  }
  const scales = node.inputs[2]?.constant
  if (!scales) throw new RangeError('the scales of Resize are computed at run time')
  // The product is of single precision: 10 × 0.7 is 7 there, and a little less in double precision.
  return along((d, i) => Math.floor(Math.fround(d * Number(scales.data[i]))))
}

const rules: Record<string, Rule> = {
  Conv: (node) => {
    const x = input(node, 0)
    const w = input(node, 1)
    const group = attribute(node, 'group', 'int') ?? 1
    if (x.shape[1] !== w.shape[1]! * group) throw new RangeError(`${x.shape[1]} channels meet weights for ${w.shape[1]! * group}`)
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...windowGeometry(node, x.shape.slice(2), w.shape.slice(2)).output] }]
  },
  ConvTranspose: (node) => {
    const x = input(node, 0)
    const w = input(node, 1)
    const group = attribute(node, 'group', 'int') ?? 1
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * group, ...transposedGeometry(node, x.shape.slice(2), w.shape.slice(2)).output] }]
  },
  MatMul: (node) => [{ dtype: input(node, 0).dtype, shape: matMulShape(input(node, 0).shape, input(node, 1).shape) }],
  Gemm: (node) => {
    const a = input(node, 0)
    const b = input(node, 1)
    const oriented = (shape: Shape, turned: number | undefined) => (turned ? [shape[1]!, shape[0]!] : shape)
    return [{ dtype: a.dtype, shape: matMulShape(oriented(a.shape, attribute(node, 'transA', 'int')), oriented(b.shape, attribute(node, 'transB', 'int'))) }]
  },
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Reshape: (node) => [{ dtype: input(node, 0).dtype, shape: reshaped(input(node, 0).shape, integers(node, 1)!, attribute(node, 'allowzero', 'int') === 1) }],
  Flatten: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 1, shape.length, shape.length)
    return [{ dtype, shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] }]
  },
  Transpose: (node) => {
    const { dtype, shape } = input(node, 0)
    const perm = attribute(node, 'perm', 'ints') ?? shape.map((_, i) => shape.length - 1 - i)
    if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i) || perm.length !== shape.length) throw new RangeError(`[${perm}] is no order of ${shape.length} axes`)
    return [{ dtype, shape: perm.map((p) => shape[p]!) }]
  },
  Squeeze: (node) => {
    const { dtype, shape } = input(node, 0)
    const axes = integers(node, 1)?.map((a) => normaliseAxis(a, shape.length))
    if (axes?.some((a) => shape[a] !== 1)) throw new RangeError(`[${shape}] has not length 1 along the axes ${axes}`)
    return [{ dtype, shape: shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)) }]
  },
  Unsqueeze: (node) => {
    const { dtype, shape } = input(node, 0)
    const axes = integers(node, 1)!
    const rank = shape.length + axes.length
    const inserted = new Set(axes.map((a) => normaliseAxis(a, rank)))
    let next = 0
    return [{ dtype, shape: Array.from({ length: rank }, (_, i) => (inserted.has(i) ? 1 : shape[next++]!)) }]
  },
  Expand: (node) => [{ dtype: input(node, 0).dtype, shape: broadcastShapes(input(node, 0).shape, integers(node, 1)!) }],
  Concat: (node) => {
    const shapes = node.inputs.map((_, i) => input(node, i).shape)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, shapes[0]!.length)
    const odd = shapes.find((s) => s.length !== shapes[0]!.length || s.some((d, i) => i !== axis && d !== shapes[0]![i]))
    if (odd) throw new RangeError(`[${shapes[0]}] and [${odd}] do not join along axis ${axis}`)
    return [{ dtype: input(node, 0).dtype, shape: shapes[0]!.map((d, i) => (i === axis ? shapes.reduce((sum, s) => sum + s[axis]!, 0) : d)) }]
  },
  Split: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, shape.length)
    const chunk = Math.ceil(shape[axis]! / node.outputCount)
    const sizes = integers(node, 1) ?? Array.from({ length: node.outputCount }, (_, i) => Math.min(chunk, shape[axis]! - i * chunk))
    if (sizes.reduce((a, b) => a + b, 0) !== shape[axis] || sizes.some((d) => d < 0)) throw new RangeError(`[${shape}] does not split into ${sizes}`)
    return sizes.map((size) => ({ dtype, shape: shape.map((d, i) => (i === axis ? size : d)) }))
  },
  Slice: (node) => {
    const { dtype, shape } = input(node, 0)
    return [{ dtype, shape: sliceRanges(shape, integers(node, 1)!, integers(node, 2)!, integers(node, 3), integers(node, 4)).map((r) => r.length) }]
  },
  Pad: (node) => {
    const { dtype, shape } = input(node, 0)
    const pads = integers(node, 1)!
    const axes = integers(node, 3)?.map((a) => normaliseAxis(a, shape.length)) ?? shape.map((_, i) => i)
    return [{ dtype, shape: shape.map((d, i) => (axes.includes(i) ? d + pads[axes.indexOf(i)]! + pads[axes.length + axes.indexOf(i)]! : d)) }]
  },
  Gather: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, shape.length)
    return [{ dtype, shape: [...shape.slice(0, axis), ...input(node, 1).shape, ...shape.slice(axis + 1)] }]
  },
  GatherElements: (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 1).shape }],
  ScatterElements: same,
  DepthToSpace: (node) => {
    const { dtype, shape } = input(node, 0)
    const b = attribute(node, 'blocksize', 'int')!
    return [{ dtype, shape: whole([shape[0]!, shape[1]! / (b * b), shape[2]! * b, shape[3]! * b]) }]
  },
  SpaceToDepth: (node) => {
    const { dtype, shape } = input(node, 0)
    const b = attribute(node, 'blocksize', 'int')!
    return [{ dtype, shape: whole([shape[0]!, shape[1]! * b * b, shape[2]! / b, shape[3]! / b]) }]
  },
  Resize: (node) => [{ dtype: input(node, 0).dtype, shape: resizedShape(node) }],
  Cast: (node) => [{ dtype: dtypeOfNumber(attribute(node, 'to', 'int')!) ?? 'float32', shape: input(node, 0).shape }],
  Where: (node) => [{ dtype: input(node, 1).dtype, shape: [1, 2].reduce<number[]>((s, i) => broadcastShapes(s, input(node, i).shape), [...input(node, 0).shape]) }],
  Shape: (node) => [{ dtype: 'int64', shape: [input(node, 0).shape.length] }],
  ConstantOfShape: (node) => [{ dtype: attribute(node, 'value', 'tensor')?.dtype ?? 'float32', shape: integers(node, 0)! }],
  OneHot: (node) => {
    const { shape } = input(node, 0)
    const axis = attribute(node, 'axis', 'int') ?? -1
    const at = axis < 0 ? axis + shape.length + 1 : axis
    return [{ dtype: input(node, 2).dtype, shape: [...shape.slice(0, at), integers(node, 1)![0]!, ...shape.slice(at)] }]
  },
  InstanceNormalization: same,
  BatchNormalization: same,
  LayerNormalization: same,
  ArgMax: argReduction,
  ArgMin: argReduction,
}
for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum']) rules[op] = reduction
for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'PRelu']) rules[op] = broadcast
for (const op of ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor']) rules[op] = comparison
for (const op of [
  'Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu',
  'Selu', 'Celu', 'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish', 'Mish', 'Erf', 'Clip', 'Softmax', 'LogSoftmax', 'Identity', 'Dropout', 'Not', 'LRN',
  'CumSum',
])
  rules[op] = same

/**
 * @throws AssayError `onnx-operator-unsupported` for an operator without a rule, `onnx-shape-unknown` where the shape
 * depends on values that are only known at run time or where shapes do not fit.
 */
export function inferShapes(node: InferenceNode): TypedShape[] {
  const rule = rules[node.op]
  if (!rule)
    throw new AssayError('onnx-operator-unsupported', `The model's node ${node.name} uses the operator ${node.op}, which Assay cannot follow yet; black-box attacks still work.`, { node: node.name, operator: node.op })
  try {
    return rule(node)
  } catch (cause) {
    if (cause instanceof AssayError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AssayError('onnx-shape-unknown', `The shape behind the node ${node.name} (${node.op}) cannot be worked out: ${reason}.`, { node: node.name, operator: node.op }, { cause })
  }
}

