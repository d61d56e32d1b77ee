/**
 * Arithmetic on shapes that shape inference, constant folding and gradients share, as the ONNX operator specification
 * defines it. What does not fit is a RangeError that says why; whoever knows the node adds its name.
 */
import { sizeOf, type Shape } from '../tensor/tensor'

/** The shape that numpy-style broadcasting gives. */
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

export function matMulShape(a: Shape, b: Shape): number[] {
  const left = a.length === 1 ? [1, a[0]!] : a
  const right = b.length === 1 ? [b[0]!, 1] : b
  if (left.at(-1) !== right.at(-2)) throw new RangeError(`matrices [${a}] and [${b}] do not multiply`)
  const shape = [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!]
  if (a.length === 1) shape.splice(-2, 1)
  if (b.length === 1) shape.pop()
  return shape
}

/** Target of a Reshape, its 0 and −1 filled in. */
export function reshaped(from: Shape, target: readonly number[], allowZero: boolean): number[] {
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
