/**
 * cornerstone-core displays integers through a lookup table. Float planes (the purified scan) are put on 16 bits with the
 * slope and intercept that lead back; the error is at most half a step, 1/131070 of the plane's own range, which no
 * display can show. Colour goes to 8 bits and RGBA, the only colour form that cornerstone-core draws.
 */
import type { PixelPlane } from '../../shared/types'
import type { StoredPixels } from './plane-data'

export interface DisplayPixels {
  data: Uint8Array | Uint16Array | Int16Array | Uint8ClampedArray
  /** modality value = data × slope + intercept */
  slope: number
  intercept: number
  min: number
  max: number
}

/** `levels` steps from `low` to `high` of the stored values; NaN becomes the lowest. */
function quantiser(low: number, high: number, levels: number): { step: number; quantise: (value: number) => number } {
  const step = high > low ? (high - low) / levels : 1
  return { step, quantise: (value) => Math.min(levels, Math.max(0, Math.round((value - low) / step) || 0)) }
}

function grey(plane: PixelPlane, stored: StoredPixels): DisplayPixels {
  if (!(stored instanceof Float32Array))
    return { data: stored, slope: plane.slope, intercept: plane.intercept, min: plane.min, max: plane.max }
  const { step, quantise } = quantiser(plane.min, plane.max, 65535)
  const data = new Uint16Array(stored.length)
  for (let i = 0; i < stored.length; i++) data[i] = quantise(stored[i]!)
  return { data, slope: plane.slope * step, intercept: plane.intercept + plane.slope * plane.min, min: 0, max: 65535 }
}

function colour(plane: PixelPlane, stored: StoredPixels): DisplayPixels {
  const exact = stored instanceof Uint8Array
  const { step, quantise } = exact ? { step: 1, quantise: (v: number) => v } : quantiser(plane.min, plane.max, 255)
  const pixels = plane.width * plane.height
  const data = new Uint8ClampedArray(pixels * 4)
  for (let i = 0; i < pixels; i++) {
    for (let s = 0; s < 3; s++) data[i * 4 + s] = quantise(stored[i * 3 + s]!)
    data[i * 4 + 3] = 255
  }
  const low = exact ? 0 : plane.min
  return { data, slope: plane.slope * step, intercept: plane.intercept + plane.slope * low, min: 0, max: 255 }
}

export const displayPixels = (plane: PixelPlane, stored: StoredPixels): DisplayPixels =>
  plane.samples === 1 ? grey(plane, stored) : colour(plane, stored)
