/**
 * Resizing with a triangle filter whose support grows with the reduction, so that shrinking does not alias:
 * what PIL calls BILINEAR and PyTorch `interpolate(mode='bilinear', antialias=True)`. Separable.
 */
interface Taps {
  /** First source index for each target index. */
  first: Int32Array
  /** Weights, `count` per target index, summing to 1. */
  weights: Float64Array
  count: number
}

function triangleTaps(from: number, to: number): Taps {
  const scale = from / to
  const support = Math.max(scale, 1)
  const count = Math.ceil(support) * 2 + 1
  const first = new Int32Array(to)
  const weights = new Float64Array(to * count)
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale
    const low = Math.max(0, Math.floor(center - support + 0.5))
    const high = Math.min(from, Math.floor(center + support + 0.5))
    let sum = 0
    for (let j = low; j < high; j++) {
      const weight = Math.max(0, 1 - Math.abs((j + 0.5 - center) / support))
      weights[i * count + j - low] = weight
      sum += weight
    }
    for (let k = 0; k < high - low; k++) weights[i * count + k]! /= sum
    first[i] = low
  }
  return { first, weights, count }
}

/**
 * @param plane [height, width]
 * @returns [toHeight, toWidth]; a copy when the size stays the same.
 */
export function resize(plane: Float32Array, width: number, height: number, toWidth: number, toHeight: number): Float32Array {
  if (plane.length !== width * height) throw new RangeError(`${plane.length} values are not a plane of ${width} × ${height}`)
  if (width === toWidth && height === toHeight) return plane.slice()

  let rows = plane
  if (width !== toWidth) {
    const { first, weights, count } = triangleTaps(width, toWidth)
    rows = new Float32Array(toWidth * height)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < toWidth; x++) {
        const start = first[x]!
        const end = Math.min(count, width - start)
        let sum = 0
        for (let k = 0; k < end; k++) sum += plane[y * width + start + k]! * weights[x * count + k]!
        rows[y * toWidth + x] = sum
      }
  }
  if (height === toHeight) return rows

  const { first, weights, count } = triangleTaps(height, toHeight)
  const out = new Float32Array(toWidth * toHeight)
  const sums = new Float64Array(toWidth)
  for (let y = 0; y < toHeight; y++) {
    sums.fill(0)
    const start = first[y]!
    const end = Math.min(count, height - start)
    for (let k = 0; k < end; k++) {
      const weight = weights[y * count + k]!
      if (weight === 0) continue
      const row = (start + k) * toWidth
      for (let x = 0; x < toWidth; x++) sums[x]! += rows[row + x]! * weight
    }
    out.set(sums, y * toWidth)
  }
  return out
}
