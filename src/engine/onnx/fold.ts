/**
 * Works out, while building, what does not depend on the image: the shape arithmetic that exporters leave in models
 * (Shape → Gather → Concat → Reshape). Heavy constants (flipped weights) are left to ONNX Runtime's own folding.
 */
import { tensor, toNumbers, zeros, int64, sizeOf, type DType, type Tensor } from '../tensor/tensor'
import { attribute, dtypeOfNumber, type Attributes } from './model'
import { broadcastShapes, normaliseAxis, sliceRanges } from './shape-inference'

interface FoldInput {
  readonly shape: readonly number[]
  readonly constant?: Tensor
}

/** Larger constants are not worked on here. */
const smallEnough = 4096

type Fold = (inputs: Tensor[], node: { attributes: Attributes }) => Tensor | undefined

/** How a result is kept: shapes are worked out in int64, sizes of resized images in float32 by some exporters. */
const keep: Partial<Record<DType, (value: number) => number>> = { int64: Math.trunc, int32: Math.trunc, float32: Math.fround, bool: Number }

function filled(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor | undefined {
  const round = keep[dtype]
  if (!round || !values.every(Number.isFinite)) return undefined
  const result = zeros(dtype, shape)
  const data = result.data as { [i: number]: number | bigint }
  values.forEach((v, i) => (data[i] = dtype === 'int64' ? BigInt(round(v)) : round(v)))
  return result
}

/** Element by element. Shape arithmetic is on scalars and vectors of equal length; the rest is left to the run time. */
function elementwise(inputs: Tensor[], dtype: DType, f: (...values: number[]) => number): Tensor | undefined {
  const shape = inputs.map((t) => t.shape).reduce((a, b) => broadcastShapes(a, b), [] as readonly number[])
  const size = sizeOf(shape)
  if (!inputs.every((t) => t.data.length === 1 || t.data.length === size)) return undefined
  const columns = inputs.map(toNumbers)
  return filled(dtype, shape, Array.from({ length: size }, (_, i) => f(...columns.map((c) => c[c.length === 1 ? 0 : i]!))))
}

const arithmetic =
  (f: (...values: number[]) => number): Fold =>
  (inputs) => {
    const dtype = inputs[0]!.dtype
    return inputs.every((t) => t.dtype === dtype) ? elementwise(inputs, dtype, f) : undefined
  }

const reshapeTo = (t: Tensor, shape: number[]): Tensor => tensor(t.dtype, shape, t.data as never)

const folds: Record<string, Fold> = {
  Identity: ([a]) => a,
  Cast: ([a], node) => {
    const to = dtypeOfNumber(attribute(node, 'to', 'int') ?? 0)
    if (!a || !to || a.dtype === 'float16' || to === 'float16') return undefined
    if (a.dtype === to) return a
    return filled(to, a.shape, toNumbers(a).map((v) => (to === 'bool' ? Number(v !== 0) : v)))
  },
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Mul: arithmetic((a, b) => a * b),
  Div: arithmetic((a, b) => a / b),
  Max: arithmetic(Math.max),
  Min: arithmetic(Math.min),
  Floor: arithmetic(Math.floor),
  Ceil: arithmetic(Math.ceil),
  Equal: (inputs) => elementwise(inputs, 'bool', (a, b) => Number(a === b)),
  Where: (inputs) => elementwise(inputs, inputs[1]!.dtype, (condition, a, b) => (condition ? a! : b!)),
  ReduceProd: ([a, axes], node) => {
    if (!a || a.shape.length > 1 || axes?.data.length === 0) return undefined
    const shape = a.shape.length && (attribute(node, 'keepdims', 'int') ?? 1) === 1 ? [1] : []
    return filled(a.dtype, shape, [toNumbers(a).reduce((p, v) => p * v, 1)])
  },
  Unsqueeze: ([a, axes]) => {
    if (!a || !axes) return undefined
    const rank = a.shape.length + axes.data.length
    const inserted = new Set(toNumbers(axes).map((x) => normaliseAxis(x, rank)))
    let next = 0
    return reshapeTo(a, Array.from({ length: rank }, (_, i) => (inserted.has(i) ? 1 : a.shape[next++]!)))
  },
  Squeeze: ([a, axes]) => {
    if (!a) return undefined
    const removed = axes && toNumbers(axes).map((x) => normaliseAxis(x, a.shape.length))
    return reshapeTo(a, a.shape.filter((d, i) => (removed ? !removed.includes(i) : d !== 1)))
  },
  Concat: (inputs) => {
    const first = inputs[0]
    if (!first || inputs.some((t) => t.shape.length !== 1 || t.dtype !== 'int64')) return undefined
    const values = inputs.flatMap(toNumbers)
    return int64([values.length], values)
  },
  Gather: ([a, indices], node) => {
    if (!a || !indices || a.shape.length !== 1 || a.dtype !== 'int64' || (attribute(node, 'axis', 'int') ?? 0) !== 0) return undefined
    const values = toNumbers(a)
    return filled('int64', indices.shape, toNumbers(indices).map((i) => values[i < 0 ? i + values.length : i] ?? NaN))
  },
  Slice: ([a, starts, ends, axes, steps]) => {
    if (!a || !starts || !ends || a.shape.length !== 1 || a.dtype !== 'int64') return undefined
    const { start, step, length } = sliceRanges(a.shape, toNumbers(starts), toNumbers(ends), axes && toNumbers(axes), steps && toNumbers(steps))[0]!
    const values = toNumbers(a)
    return int64([length], Array.from({ length }, (_, i) => values[start + i * step]!))
  },
  ConstantOfShape: ([shape], node) => {
    if (!shape) return undefined
    const value = attribute(node, 'value', 'tensor')
    if (toNumbers(shape).some((d) => d < 0)) return undefined
    const result = zeros(value?.dtype ?? 'float32', toNumbers(shape))
    if (value) (result.data as Float32Array).fill(value.data[0] as number)
    return result
  },
}

/** The node's single output as a constant, or undefined when it is to be computed at run time. */
export function foldConstant(op: string, inputs: readonly (FoldInput | undefined)[], attributes: Attributes): Tensor | undefined {
  if (op === 'Constant') return constantValue(attributes)
  if (op === 'Shape' && inputs[0]) {
    const { shape } = inputs[0]
    const start = attribute({ attributes }, 'start', 'int') ?? 0
    const end = attribute({ attributes }, 'end', 'int') ?? shape.length
    const part = shape.slice(start, end)
    return int64([part.length], part)
  }
  const fold = folds[op]
  if (!fold) return undefined
  const tensors: Tensor[] = []
  for (const input of inputs) {
    if (!input?.constant || input.constant.data.length > smallEnough) return undefined
    tensors.push(input.constant)
  }
  try {
    return fold(tensors, { attributes })
  } catch {
    // What is wrong with the node is for shape inference to say, which knows its name.
    return undefined
  }
}

function constantValue(attributes: Attributes): Tensor | undefined {
  const node = { attributes }
  const value = attribute(node, 'value', 'tensor')
  if (value) return value
  const i = attribute(node, 'value_int', 'int')
  if (i !== undefined) return int64([], [i])
  const is = attribute(node, 'value_ints', 'ints')
  if (is) return int64([is.length], is)
  const f = attribute(node, 'value_float', 'float')
  if (f !== undefined) return tensor('float32', [], Float32Array.of(f))
  const fs = attribute(node, 'value_floats', 'floats')
  return fs && tensor('float32', [fs.length], Float32Array.from(fs))
}
