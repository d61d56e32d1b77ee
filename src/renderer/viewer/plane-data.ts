/** The bytes behind a plane's handle as numbers, true values kept for the cursor whatever the display makes of them. */
import { AssayError } from '../../shared/errors'
import type { PixelPlane } from '../../shared/types'
import { t } from '../language'

export type StoredPixels = Uint8Array | Uint16Array | Int16Array | Float32Array

const constructors = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array } as const

/** Little-endian bytes as typed array of width × height × samples. @throws AssayError when the length is another. */
export function storedPixels(plane: PixelPlane, bytes: ArrayBuffer): StoredPixels {
  const Constructor = constructors[plane.dtype]
  const expected = plane.width * plane.height * plane.samples * Constructor.BYTES_PER_ELEMENT
  if (bytes.byteLength !== expected)
    throw new AssayError('internal', t('view.arrivedIncomplete'), {
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

/**
 * Which pixels are padding: those whose value in `pixels` lies from `low` to `high`. The purified scan is padding where
 * the scan is; its own values there say nothing.
 */
export interface Padding {
  pixels: StoredPixels
  low: number
  high: number
}

export const paddingOf = (scan: PixelPlane, stored: StoredPixels): Padding | null =>
  scan.padding && scan.samples === 1 ? { pixels: stored, ...scan.padding } : null

export function isPadding(padding: Padding | null, index: number): boolean {
  const value = padding?.pixels[index]
  return value !== undefined && value >= padding!.low && value <= padding!.high
}

export interface Range {
  low: number
  high: number
}

/** Lowest and highest modality value of a plane, padding left out. */
export function modalityRange(plane: PixelPlane): Range {
  const a = plane.min * plane.slope + plane.intercept
  const b = plane.max * plane.slope + plane.intercept
  return { low: Math.min(a, b), high: Math.max(a, b) }
}

/** Height and width of a pixel: millimetres where the file says them, else their ratio. */
export function pixelShape({ spacing, aspect }: Pick<PixelPlane, 'spacing' | 'aspect'>): { row: number; column: number } | undefined {
  return spacing ?? (aspect === undefined ? undefined : { row: aspect, column: 1 })
}
