/** Operators that move elements about: shapes, orders, indices. */
import { sizeOf } from '../../tensor/tensor'
import { attribute } from '../model'
import { broadcastShapes, normaliseAxis, reshaped, sliceRanges } from '../shapes'
import { each, input, integers, requiredIntegers, same, type Rules } from './rule'

export const movement: Rules = {
  Reshape: (node) => [{ dtype: input(node, 0).dtype, shape: reshaped(input(node, 0).shape, requiredIntegers(node, 1), attribute(node, 'allowzero', 'int') === 1) }],
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
    const axes = requiredIntegers(node, 1)
    const rank = shape.length + axes.length
    const inserted = new Set(axes.map((a) => normaliseAxis(a, rank)))
    let next = 0
    return [{ dtype, shape: Array.from({ length: rank }, (_, i) => (inserted.has(i) ? 1 : shape[next++]!)) }]
  },
  Expand: (node) => [{ dtype: input(node, 0).dtype, shape: broadcastShapes(input(node, 0).shape, requiredIntegers(node, 1)) }],
  Tile: (node) => {
    const { dtype, shape } = input(node, 0)
    const repeats = requiredIntegers(node, 1)
    if (repeats.length !== shape.length || repeats.some((r) => r < 0)) throw new RangeError(`[${shape}] cannot be repeated ${repeats} times`)
    return [{ dtype, shape: shape.map((d, i) => d * repeats[i]!) }]
  },
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
    return [{ dtype, shape: sliceRanges(shape, requiredIntegers(node, 1), requiredIntegers(node, 2), integers(node, 3), integers(node, 4)).map((r) => r.length) }]
  },
  Gather: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, shape.length)
    return [{ dtype, shape: [...shape.slice(0, axis), ...input(node, 1).shape, ...shape.slice(axis + 1)] }]
  },
  GatherElements: (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 1).shape }],
  GatherND: (node) => {
    const { dtype, shape } = input(node, 0)
    const indices = input(node, 1).shape
    const batch = attribute(node, 'batch_dims', 'int') ?? 0
    const depth = indices.at(-1)
    if (depth === undefined || batch + depth > shape.length) throw new RangeError(`indices of the shape [${indices}] do not reach into [${shape}]`)
    return [{ dtype, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }]
  },
  ...each(['ScatterElements', 'ScatterND'], same),
  Shape: (node) => [{ dtype: 'int64', shape: [input(node, 0).shape.length] }],
  Size: () => [{ dtype: 'int64', shape: [] }],
  ConstantOfShape: (node) => {
    const shape = requiredIntegers(node, 0)
    if (shape.some((d) => d < 0)) throw new RangeError(`[${shape}] is no shape`)
    return [{ dtype: attribute(node, 'value', 'tensor')?.dtype ?? 'float32', shape }]
  },
  Range: (node) => {
    const [start, limit, step] = [0, 1, 2].map((i) => requiredIntegers(node, i)[0]!) as [number, number, number]
    return [{ dtype: input(node, 0).dtype, shape: [Math.max(0, Math.ceil((limit - start) / step))] }]
  },
  OneHot: (node) => {
    const { shape } = input(node, 0)
    const axis = attribute(node, 'axis', 'int') ?? -1
    const at = axis < 0 ? axis + shape.length + 1 : axis
    return [{ dtype: input(node, 2).dtype, shape: [...shape.slice(0, at), requiredIntegers(node, 1)[0]!, ...shape.slice(at)] }]
  },
  NonZero: () => {
    throw new RangeError('the number of elements that are not zero is only known at run time')
  },
  QuantizeLinear: (node) => [{ dtype: node.inputs[2]?.dtype ?? 'uint8', shape: input(node, 0).shape }],
  DequantizeLinear: (node) => [{ dtype: input(node, 1).dtype, shape: input(node, 0).shape }],
  DynamicQuantizeLinear: (node) => [{ dtype: 'uint8', shape: input(node, 0).shape }, { dtype: 'float32', shape: [] }, { dtype: 'uint8', shape: [] }],
}
