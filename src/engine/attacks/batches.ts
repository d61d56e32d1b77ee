/** Images and labels cut into batches of one size, for graphs of a fixed batch. */
import { float32, int64, sizeOf, type Tensor } from '../tensor/tensor'

export interface Batch {
  /** Index of the first image. */
  start: number
  /** Images in it that count; the rest repeats the first, so that the shape stays. */
  count: number
  x: Tensor<'float32'>
  labels: Tensor<'int64'>
}

export function* batches(x: Float32Array, labels: Int32Array, size: number, imageShape: readonly number[]): Generator<Batch> {
  const pixels = sizeOf(imageShape)
  for (let start = 0; start < labels.length; start += size) {
    const count = Math.min(size, labels.length - start)
    const data = new Float32Array(size * pixels)
    data.set(x.subarray(start * pixels, (start + count) * pixels))
    for (let i = count; i < size; i++) data.set(x.subarray(start * pixels, (start + 1) * pixels), i * pixels)
    const padded = Array.from({ length: size }, (_, i) => labels[start + (i < count ? i : 0)]!)
    yield { start, count, x: float32([size, ...imageShape], data), labels: int64([size], padded) }
  }
}
