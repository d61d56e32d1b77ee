/** What the folding of one operator is: constant inputs to constant outputs, in ONNX's own arithmetic. */
import { sizeOf, zeros, type DType, type Shape, type Tensor } from '../../tensor/tensor'
import type { Attributes } from '../model'

/** Answers undefined for what is to be computed at run time. Optional inputs that are left out are undefined. */
export type Fold = (inputs: (Tensor | undefined)[], node: { attributes: Attributes; outputCount: number }) => Tensor[] | undefined
export type Folds = Record<string, Fold>

/**
 * Larger constants are not worked on: weights are left to ONNX Runtime's own folding. What has this size or less are
 * shapes, indices, position grids, masks and interpolation weights.
 */
export const largestFolded = 1 << 20
/** Results in floating point are kept smaller, since each is written into the model. */
export const largestFoldedFloat = 1 << 16

const mostInt64 = 2n ** 63n - 1n

/** How a result is kept. Half precision is not worked on. */
const keep: Partial<Record<DType, (value: number) => number>> = {
  float32: Math.fround,
  float64: (v) => v,
  int64: Math.trunc,
  int32: Math.trunc,
  int16: Math.trunc,
  int8: Math.trunc,
  uint8: Math.trunc,
  uint16: Math.trunc,
  uint32: Math.trunc,
  bool: (v) => Number(v !== 0),
}

/** A tensor of the numbers, or undefined where one of them is no number of that type. */
export function filled(dtype: DType, shape: Shape, values: ArrayLike<number>): Tensor | undefined {
  const round = keep[dtype]
  if (!round) return undefined
  const isFloat = dtype === 'float32' || dtype === 'float64'
  const result = zeros(dtype, shape)
  const data = result.data as { [i: number]: number | bigint }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value) && !isFloat) return undefined
    if (Number.isNaN(value)) return undefined
    data[i] = dtype === 'int64' ? clampInt64(BigInt(round(value))) : round(value)
  }
  return result
}

/** The largest number of int64 is none of double precision: it would come back as the smallest. */
const clampInt64 = (v: bigint): bigint => (v > mostInt64 ? mostInt64 : v)

/** A tensor of the same type whose elements are those at the given places. */
export function taken(t: Tensor, shape: Shape, places: ArrayLike<number>): Tensor {
  const result = zeros(t.dtype, shape)
  const [from, to] = [t.data as { [i: number]: number }, result.data as { [i: number]: number }]
  for (let i = 0; i < places.length; i++) to[i] = from[places[i]!]!
  return result
}

/** Distance between neighbours along every axis. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)))

/**
 * For every element of `shape` in order: Σ position · stride + offset. With strides of another tensor this walks that
 * tensor transposed, repeated (stride 0) or backwards (negative).
 */
export function walk(shape: Shape, strides: readonly number[], offset = 0): Int32Array {
  let places = Int32Array.of(offset)
  shape.forEach((length, axis) => {
    const next = new Int32Array(places.length * length)
    let at = 0
    for (const place of places) for (let i = 0; i < length; i++) next[at++] = place + i * strides[axis]!
    places = next
  })
  return places
}

/** Strides that read a tensor of the shape `from` as one broadcast to `to`. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from)
  const extra = to.length - from.length
  return to.map((_, i) => (i < extra || from[i - extra] === 1 ? 0 : own[i - extra]!))
}
