/** The bytes behind a plane's handle as numbers, true values kept for the cursor whatever the display makes of them. */
import { AssayError } from '../../shared/errors'
import type { PixelPlane } from '../../shared/types'

export type StoredPixels = Uint8Array | Uint16Array | Int16Array | Float32Array

const constructors = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array } as const

/** Little-endian bytes as typed array of width × height × samples. @throws AssayError when the length is another. */
export function storedPixels(plane: PixelPlane, bytes: ArrayBuffer): StoredPixels {
  const Constructor = constructors[plane.dtype]
  const expected = plane.width * plane.height * plane.samples * Constructor.BYTES_PER_ELEMENT
  if (bytes.byteLength !== expected)
    throw new AssayError('internal', 'The picture arrived incomplete; open the scan again.', {
      expected,
      received: bytes.byteLength,
    })
  return new Constructor(bytes)
}

/** Modality values at a pixel, one per sample; null outside the plane. */
export function valuesAt(plane: PixelPlane, stored: StoredPixels, x: number, y: number): number[] | null {
  if (x < 0 || y < 0 || x >= plane.width || y >= plane.height) return null
  const start = (y * plane.width + x) * plane.samples
  return Array.from(stored.subarray(start, start + plane.samples), (value) => value * plane.slope + plane.intercept)
}

/** Lowest and highest modality value of a plane. */
export function modalityRange(plane: PixelPlane): { low: number; high: number } {
  const a = plane.min * plane.slope + plane.intercept
  const b = plane.max * plane.slope + plane.intercept
  return { low: Math.min(a, b), high: Math.max(a, b) }
}
