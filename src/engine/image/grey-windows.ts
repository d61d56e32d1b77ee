/**
 * Windows for pictures that name none of their own.
 */
import type { VoiWindow } from '../../shared/types'
import type { StoredPixels } from './decoded-image'
import { fullWindow } from './decoded-image'

/** Smallest and largest finite value; undefined where there is none. */
export function finiteRange(values: ArrayLike<number>): { low: number; high: number } | undefined {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < low && value !== -Infinity) low = value
    if (value > high && value !== Infinity) high = value
  }
  return low <= high ? { low, high } : undefined
}

/**
 * The range that the pixel type declares, and the one that the pixels use. The declared range comes first unless the
 * pixels fill less than a quarter of it (12 bits in a 16-bit file, say), when it would show them as one shade.
 * @param pixels grey stored values, not rescaled.
 */
export function greyWindows(pixels: StoredPixels, bitsStored: number, signed: boolean): VoiWindow[] {
  const used = finiteRange(pixels)
  const ofValues = used && { ...fullWindow(used.low, used.high), explanation: 'Values of this picture' }
  if (pixels instanceof Float32Array) return [ofValues ?? fullWindow(0, 1)]
  const levels = 2 ** bitsStored
  const declared = signed ? fullWindow(-levels / 2, levels / 2 - 1) : fullWindow(0, levels - 1)
  if (bitsStored <= 8 || !ofValues) return [declared]
  const whole = { ...declared, explanation: 'Full range' }
  return ofValues.width < declared.width / 4 ? [ofValues, whole] : [whole, ofValues]
}
