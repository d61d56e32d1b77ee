/**
 * Smoothing of planes.
 */

/**
 * Gaussian blur, separable, cut off at four standard deviations; beyond the border the border's value goes on
 * (scipy's `gaussian_filter(mode='nearest')`).
 * @param plane [height, width]
 * @param sigma standard deviation in pixels; 0 copies.
 */
export function gaussianBlur(plane: Float32Array, width: number, height: number, sigma: number): Float32Array {
  if (!(sigma > 0)) return plane.slice()
  const radius = Math.floor(4 * sigma + 0.5)
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)))
  const total = kernel.reduce((a, b) => a + b, 0)
  kernel.forEach((weight, i) => (kernel[i] = weight / total))

  const rows = new Float32Array(plane.length)
  const padded = new Float64Array(width + 2 * radius)
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < padded.length; i++) padded[i] = plane[y * width + Math.min(width - 1, Math.max(0, i - radius))]!
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++) sum += padded[x + k]! * kernel[k]!
      rows[y * width + x] = sum
    }
  }
  const out = new Float32Array(plane.length)
  const sums = new Float64Array(width)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let k = 0; k < kernel.length; k++) {
      const row = Math.min(height - 1, Math.max(0, y + k - radius)) * width
      const weight = kernel[k]!
      for (let x = 0; x < width; x++) sums[x]! += rows[row + x]! * weight
    }
    out.set(sums, y * width)
  }
  return out
}

/**
 * Median over 3 × 3 pixels; beyond the border the border's value goes on.
 * @param plane [height, width]
 */
export function median3(plane: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(plane.length)
  const window = new Float32Array(9)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let k = 0
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) window[k++] = plane[Math.min(height - 1, Math.max(0, y + dy)) * width + Math.min(width - 1, Math.max(0, x + dx))]!
      out[y * width + x] = window.sort()[4]!
    }
  return out
}
