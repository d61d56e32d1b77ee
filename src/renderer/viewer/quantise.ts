/**
 * Planes are painted through a table with one entry per value, so they have to be whole numbers of few bits. Float planes
 * (the purified scan) are put on 16 bits with the slope and intercept that lead back; the error is at most half a step,
 * 1/131068 of the plane's own range, which no display can show. Colour goes to 8 bits.
 */
import type { PixelPlane } from '../../shared/types'
import { isPadding, storedRange } from './plane-data'
import type { Padding, Range, StoredPixels } from './plane-data'

export interface DisplayPixels {
  data: Uint8Array | Uint16Array | Int16Array
  /** modality value = data × slope + intercept */
  slope: number
  intercept: number
  /** All of `data` lies from min to max. */
  min: number
  max: number
  /** The part of `data` that stands for padding. */
  padding?: Range
}

const largest = 65534
/** The one value beyond: padding, which keeps no value of its own. */
const paddingCode = 65535

/** `levels` steps from `low` to `high` of the stored values; NaN becomes the lowest. */
function quantiser({ low, high }: Range, levels: number): { step: number; quantise: (value: number) => number } {
  const step = high > low ? (high - low) / levels : 1
  return { step, quantise: (value) => Math.min(levels, Math.max(0, Math.round((value - low) / step) || 0)) }
}

function grey(plane: PixelPlane, stored: StoredPixels, padding: Padding | null): DisplayPixels {
  if (!(stored instanceof Float32Array)) {
    const { slope, intercept, min, max } = plane
    return { data: stored, slope, intercept, min, max, ...(padding && { padding: { low: padding.low, high: padding.high } }) }
  }
  const range = storedRange(plane, stored, padding)
  const { step, quantise } = quantiser(range, largest)
  const data = new Uint16Array(stored.length)
  for (let i = 0; i < stored.length; i++) data[i] = isPadding(padding, i) ? paddingCode : quantise(stored[i]!)
  return {
    data,
    slope: plane.slope * step,
    intercept: plane.intercept + plane.slope * range.low,
    min: 0,
    max: paddingCode,
    ...(padding && { padding: { low: paddingCode, high: paddingCode } }),
  }
}

function colour(plane: PixelPlane, stored: StoredPixels): DisplayPixels {
  if (stored instanceof Uint8Array) return { data: stored, slope: plane.slope, intercept: plane.intercept, min: 0, max: 255 }
  const { step, quantise } = quantiser({ low: plane.min, high: plane.max }, 255)
  return { data: Uint8Array.from(stored, quantise), slope: plane.slope * step, intercept: plane.intercept + plane.slope * plane.min, min: 0, max: 255 }
}

/** @param padding of the scan; a plane of whole numbers must be the scan itself */
export const displayPixels = (plane: PixelPlane, stored: StoredPixels, padding: Padding | null): DisplayPixels =>
  plane.samples === 1 ? grey(plane, stored, padding) : colour(plane, stored)
