/** Constants cut, joined, reordered and reduced. Elements are copied as they are, whatever their type. */
import { int64, sizeOf, tensor, toNumbers, zeros, type Shape, type Tensor } from '../../tensor/tensor'
import { attribute } from '../model'
import { normaliseAxis, reshaped, sliceRanges, broadcastShapes } from '../shapes'
import { broadcastStrides, filled, largestFolded, stridesOf, taken, walk, type Fold, type Folds } from './fold'

const as = (t: Tensor, shape: Shape): Tensor[] => [tensor(t.dtype, shape, t.data as never)]
const optional = (t: Tensor | undefined): number[] | undefined => t && toNumbers(t)

function copied(t: Tensor): Tensor {
  const result = zeros(t.dtype, t.shape)
  ;(result.data as Float32Array).set(t.data as Float32Array)
  return result
}

function moderate(shape: Shape): Shape {
  if (sizeOf(shape) > largestFolded) throw new RangeError('too large to be worked out here')
  return shape
}

function cut(t: Tensor, axis: number, start: number, length: number): Tensor {
  const shape = t.shape.map((d, i) => (i === axis ? length : d))
  const strides = stridesOf(t.shape)
  return taken(t, shape, walk(shape, strides, start * strides[axis]!))
}

/** Over the axes given, or over all. */
const reduction =
  (start: number, step: (sum: number, value: number) => number, end: (sum: number, count: number) => number = (sum) => sum): Fold =>
  ([x, given], node) => {
    if (!x || x.dtype === 'float16') return undefined
    const named = optional(given)
    if (!named?.length && attribute(node, 'noop_with_empty_axes', 'int')) return [x]
    const axes = named?.length ? named.map((a) => normaliseAxis(a, x.shape.length)) : x.shape.map((_, i) => i)
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    const target = walk(x.shape, broadcastStrides(kept, x.shape))
    const sums = new Float64Array(sizeOf(kept)).fill(start)
    toNumbers(x).forEach((v, i) => (sums[target[i]!] = step(sums[target[i]!]!, v)))
    const count = x.data.length / Math.max(1, sums.length)
    const shape = (attribute(node, 'keepdims', 'int') ?? 1) === 1 ? kept : x.shape.filter((_, i) => !axes.includes(i))
    const result = filled(x.dtype, shape, sums.map((sum) => end(sum, count)))
    return result && [result]
  }

const arg =
  (better: (a: number, b: number) => boolean): Fold =>
  ([x], node) => {
    if (!x || x.dtype === 'float16' || attribute(node, 'select_last_index', 'int')) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
    const strides = stridesOf(x.shape)
    const kept = x.shape.map((d, i) => (i === axis ? 1 : d))
    const values = toNumbers(x)
    const best = Array.from(walk(kept, strides), (first) => {
      let found = 0
      for (let i = 1; i < x.shape[axis]!; i++) if (better(values[first + i * strides[axis]!]!, values[first + found * strides[axis]!]!)) found = i
      return found
    })
    return [int64((attribute(node, 'keepdims', 'int') ?? 1) === 1 ? kept : x.shape.filter((_, i) => i !== axis), best)]
  }

export const movementFolds: Folds = {
  Unsqueeze: ([a, axes]) => {
    if (!a || !axes) return undefined
    const rank = a.shape.length + axes.data.length
    const inserted = new Set(toNumbers(axes).map((x) => normaliseAxis(x, rank)))
    let next = 0
    return as(a, Array.from({ length: rank }, (_, i) => (inserted.has(i) ? 1 : a.shape[next++]!)))
  },
  Squeeze: ([a, axes]) => {
    if (!a) return undefined
    const removed = axes && toNumbers(axes).map((x) => normaliseAxis(x, a.shape.length))
    return as(a, a.shape.filter((d, i) => (removed ? !removed.includes(i) : d !== 1)))
  },
  Reshape: ([a, target], node) => a && target && as(a, reshaped(a.shape, toNumbers(target), attribute(node, 'allowzero', 'int') === 1)),
  Flatten: ([a], node) => {
    if (!a) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 1, a.shape.length, a.shape.length)
    return as(a, [sizeOf(a.shape.slice(0, axis)), sizeOf(a.shape.slice(axis))])
  },
  Transpose: ([a], node) => {
    if (!a) return undefined
    const perm = attribute(node, 'perm', 'ints') ?? a.shape.map((_, i) => a.shape.length - 1 - i)
    if (new Set(perm).size !== a.shape.length || perm.some((p) => a.shape[p] === undefined)) return undefined
    const shape = perm.map((p) => a.shape[p]!)
    const strides = stridesOf(a.shape)
    return [taken(a, shape, walk(shape, perm.map((p) => strides[p]!)))]
  },
  Expand: ([a, target]) => {
    if (!a || !target) return undefined
    const shape = moderate(broadcastShapes(a.shape, toNumbers(target)))
    return [taken(a, shape, walk(shape, broadcastStrides(a.shape, shape)))]
  },
  Tile: ([a, repeats]) => {
    if (!a || !repeats || repeats.data.length !== a.shape.length) return undefined
    const times = toNumbers(repeats)
    const shape = moderate(a.shape.map((d, i) => d * times[i]!))
    const strides = stridesOf(a.shape)
    // Every axis is walked as two: the repetition, which does not move, and the axis itself.
    return [taken(a, shape, walk(a.shape.flatMap((d, i) => [times[i]!, d]), strides.flatMap((s) => [0, s])))]
  },
  Concat: (inputs, node) => {
    const [first] = inputs
    if (!first || inputs.some((t) => !t || t.dtype !== first.dtype || t.shape.length !== first.shape.length)) return undefined
    const tensors = inputs as Tensor[]
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, first.shape.length)
    if (tensors.some((t) => t.shape.some((d, i) => i !== axis && d !== first.shape[i]))) return undefined
    const shape = first.shape.map((d, i) => (i === axis ? tensors.reduce((sum, t) => sum + t.shape[axis]!, 0) : d))
    const result = zeros(first.dtype, moderate(shape))
    const strides = stridesOf(shape)
    const to = result.data as { [i: number]: number }
    let start = 0
    for (const t of tensors) {
      walk(t.shape, strides, start * strides[axis]!).forEach((place, i) => (to[place] = t.data[i] as number))
      start += t.shape[axis]!
    }
    return [result]
  },
  Split: ([a, sizes], node) => {
    if (!a) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, a.shape.length)
    const chunk = Math.ceil(a.shape[axis]! / node.outputCount)
    const lengths = optional(sizes) ?? Array.from({ length: node.outputCount }, (_, i) => Math.min(chunk, a.shape[axis]! - i * chunk))
    if (lengths.length !== node.outputCount || lengths.reduce((x, y) => x + y, 0) !== a.shape[axis] || lengths.some((l) => l < 0)) return undefined
    let start = 0
    return lengths.map((length) => cut(a, axis, (start += length) - length, length))
  },
  Gather: ([a, indices], node) => {
    if (!a || !indices) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, a.shape.length)
    const extent = a.shape[axis]!
    const wanted = toNumbers(indices).map((i) => (i < 0 ? i + extent : i))
    if (wanted.some((i) => i < 0 || i >= extent)) return undefined
    const [before, after] = [sizeOf(a.shape.slice(0, axis)), sizeOf(a.shape.slice(axis + 1))]
    const shape = moderate([...a.shape.slice(0, axis), ...indices.shape, ...a.shape.slice(axis + 1)])
    const places = new Int32Array(sizeOf(shape))
    let at = 0
    for (let i = 0; i < before; i++) for (const index of wanted) for (let j = 0; j < after; j++) places[at++] = (i * extent + index) * after + j
    return [taken(a, shape, places)]
  },
  GatherElements: ([a, indices], node) => {
    if (!a || !indices || indices.shape.length !== a.shape.length) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, a.shape.length)
    const strides = stridesOf(a.shape)
    const others = walk(indices.shape, strides.map((s, i) => (i === axis ? 0 : s)))
    const wanted = toNumbers(indices).map((i) => (i < 0 ? i + a.shape[axis]! : i))
    if (wanted.some((i) => i < 0 || i >= a.shape[axis]!)) return undefined
    return [taken(a, indices.shape, wanted.map((index, i) => others[i]! + index * strides[axis]!))]
  },
  Slice: ([a, starts, ends, axes, steps]) => {
    if (!a || !starts || !ends) return undefined
    const ranges = sliceRanges(a.shape, toNumbers(starts), toNumbers(ends), optional(axes), optional(steps))
    const strides = stridesOf(a.shape)
    const shape = ranges.map((r) => r.length)
    return [taken(a, shape, walk(shape, ranges.map((r, i) => r.step * strides[i]!), ranges.reduce((sum, r, i) => sum + r.start * strides[i]!, 0)))]
  },
  ScatterND: ([a, indices, updates], node) => {
    if (!a || !indices || !updates || (attribute(node, 'reduction', 'string') ?? 'none') !== 'none' || updates.dtype !== a.dtype) return undefined
    const depth = indices.shape.at(-1)
    if (depth === undefined || depth > a.shape.length) return undefined
    const strides = stridesOf(a.shape)
    const block = sizeOf(a.shape.slice(depth))
    const result = copied(a)
    const places = toNumbers(indices)
    if (updates.data.length !== (places.length / depth) * block) return undefined
    for (let i = 0; i * depth < places.length; i++) {
      let at = 0
      for (let k = 0; k < depth; k++) {
        const index = places[i * depth + k]!
        const positive = index < 0 ? index + a.shape[k]! : index
        if (positive < 0 || positive >= a.shape[k]!) return undefined
        at += positive * strides[k]!
      }
      ;(result.data as Float32Array).set((updates.data as Float32Array).subarray(i * block, (i + 1) * block), at)
    }
    return [result]
  },
  ScatterElements: ([a, indices, updates], node) => {
    if (!a || !indices || !updates || (attribute(node, 'reduction', 'string') ?? 'none') !== 'none' || updates.dtype !== a.dtype) return undefined
    if (indices.shape.length !== a.shape.length || updates.data.length !== indices.data.length) return undefined
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, a.shape.length)
    const strides = stridesOf(a.shape)
    const others = walk(indices.shape, strides.map((s, i) => (i === axis ? 0 : s)))
    const wanted = toNumbers(indices).map((i) => (i < 0 ? i + a.shape[axis]! : i))
    if (wanted.some((i) => i < 0 || i >= a.shape[axis]!)) return undefined
    const result = copied(a)
    const to = result.data as { [i: number]: number }
    wanted.forEach((index, i) => (to[others[i]! + index * strides[axis]!] = updates.data[i] as number))
    return [result]
  },
  GatherND: ([a, indices], node) => {
    const depth = indices?.shape.at(-1)
    if (!a || !indices || depth === undefined || depth > a.shape.length || attribute(node, 'batch_dims', 'int')) return undefined
    const strides = stridesOf(a.shape)
    const block = sizeOf(a.shape.slice(depth))
    const wanted = toNumbers(indices).map((v, i) => (v < 0 ? v + a.shape[i % depth]! : v))
    if (wanted.some((v, i) => v < 0 || v >= a.shape[i % depth]!)) return undefined
    const shape = moderate([...indices.shape.slice(0, -1), ...a.shape.slice(depth)])
    const places = new Int32Array(sizeOf(shape))
    for (let i = 0; i * depth < wanted.length; i++) {
      const at = strides.slice(0, depth).reduce((sum, s, k) => sum + s * wanted[i * depth + k]!, 0)
      for (let j = 0; j < block; j++) places[i * block + j] = at + j
    }
    return [taken(a, shape, places)]
  },
  Trilu: ([a, given], node) => {
    if (!a || a.shape.length < 2) return undefined
    const [rows, columns] = a.shape.slice(-2) as [number, number]
    const k = given ? toNumbers(given)[0]! : 0
    const upper = (attribute(node, 'upper', 'int') ?? 1) === 1
    const result = copied(a)
    const to = result.data as { [i: number]: number | bigint }
    const zero = a.dtype === 'int64' ? 0n : 0
    for (let i = 0; i < a.data.length; i++) {
      const beyond = (i % columns) - (Math.floor(i / columns) % rows) - k
      if (upper ? beyond < 0 : beyond > 0) to[i] = zero
    }
    return [result]
  },
  ConstantOfShape: ([shape], node) => {
    if (!shape || toNumbers(shape).some((d) => d < 0)) return undefined
    const value = attribute(node, 'value', 'tensor')
    const result = zeros(value?.dtype ?? 'float32', moderate(toNumbers(shape)))
    if (value) (result.data as Float32Array).fill(value.data[0] as number)
    return [result]
  },
  Range: ([start, limit, step]) => {
    if (!start || !limit || !step) return undefined
    const [from, to, by] = [start, limit, step].map((t) => toNumbers(t)[0]!) as [number, number, number]
    if (by === 0) return undefined
    const [length] = moderate([Math.max(0, Math.ceil((to - from) / by))])
    const result = filled(start.dtype, [length!], Array.from({ length: length! }, (_, i) => from + i * by))
    return result && [result]
  },
  NonZero: ([a]) => {
    if (!a || a.dtype === 'float16') return undefined
    const places = toNumbers(a).flatMap((v, i) => (v !== 0 ? [i] : []))
    const strides = stridesOf(a.shape)
    return [int64([a.shape.length, places.length], strides.flatMap((s, axis) => places.map((p) => Math.floor(p / s) % a.shape[axis]!)))]
  },
  CumSum: ([a, axisGiven], node) => {
    if (!a || !axisGiven || a.dtype === 'float16') return undefined
    const axis = normaliseAxis(toNumbers(axisGiven)[0]!, a.shape.length)
    const [reverse, exclusive] = [attribute(node, 'reverse', 'int') === 1, attribute(node, 'exclusive', 'int') === 1]
    const strides = stridesOf(a.shape)
    const values = toNumbers(a)
    const result = new Float64Array(values.length)
    for (const first of walk(a.shape.map((d, i) => (i === axis ? 1 : d)), strides)) {
      let sum = 0
      for (let i = 0; i < a.shape[axis]!; i++) {
        const at = first + (reverse ? a.shape[axis]! - 1 - i : i) * strides[axis]!
        if (exclusive) result[at] = sum
        sum += values[at]!
        if (!exclusive) result[at] = sum
      }
    }
    const kept = filled(a.dtype, a.shape, result)
    return kept && [kept]
  },
  OneHot: ([indices, depth, values], node) => {
    if (!indices || !depth || !values) return undefined
    const count = toNumbers(depth)[0]!
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? -1, indices.shape.length + 1)
    const shape = moderate([...indices.shape.slice(0, axis), count, ...indices.shape.slice(axis)])
    const after = sizeOf(indices.shape.slice(axis))
    const hot = toNumbers(indices).map((i) => (i < 0 ? i + count : i))
    const places = Int32Array.from({ length: sizeOf(shape) }, (_, p) => {
      const [outer, rest] = [Math.floor(p / (after * count)), p % (after * count)]
      return Number(hot[outer * after + (rest % after)] === Math.floor(rest / after))
    })
    return [taken(values, shape, places)]
  },
  ReduceSum: reduction(0, (sum, v) => sum + v),
  ReduceProd: reduction(1, (product, v) => product * v),
  ReduceMax: reduction(-Infinity, Math.max),
  ReduceMin: reduction(Infinity, Math.min),
  ReduceMean: reduction(0, (sum, v) => sum + v, (sum, count) => sum / count),
  ArgMax: arg((a, b) => a > b),
  ArgMin: arg((a, b) => a < b),
}
