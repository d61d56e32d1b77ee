/**
 * Planes are painted through a table with one entry per value, so they have to be whole numbers of few bits. Float planes
 * (the purified scan) are put on 16 bits with the slope and intercept that lead back; the error is at most half a step,
 * 1/131068 of the plane's own range, which no display can show. Colour goes to 8 bits.
 */
import type { PixelPlane } from '../../shared/types'
import { isPadding } from './plane-data'
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
/** The one value beyond: padding and what is no number, which keep no value of their own. */
const noImage = 65535

/** `levels` steps from `low` to `high` of the stored values. */
function quantiser(low: number, high: number, levels: number): { step: number; quantise: (value: number) => number } {
  const step = high > low ? (high - low) / levels : 1
  return { step, quantise: (value) => Math.min(levels, Math.max(0, Math.round((value - low) / step))) }
}

const limits = { uint8: { low: 0, high: 255 }, uint16: { low: 0, high: 65535 }, int16: { low: -32768, high: 32767 } } as const

/** Whole numbers stay as they are; the table also has to have a place for each value of the padding. */
function whole(plane: PixelPlane, data: Exclude<StoredPixels, Float32Array>, padding: Padding | null): DisplayPixels {
  const { slope, intercept, min, max } = plane
  if (!padding) return { data, slope, intercept, min, max }
  const type = limits[data instanceof Uint8Array ? 'uint8' : data instanceof Uint16Array ? 'uint16' : 'int16']
  const [low, high] = [Math.max(type.low, Math.ceil(padding.low)), Math.min(type.high, Math.floor(padding.high))]
  if (low > high) return { data, slope, intercept, min, max }
  return { data, slope, intercept, min: Math.min(min, low), max: Math.max(max, high), padding: { low, high } }
}

function grey(plane: PixelPlane, stored: StoredPixels, padding: Padding | null): DisplayPixels {
  if (!(stored instanceof Float32Array)) return whole(plane, stored, padding)
  const { step, quantise } = quantiser(plane.min, plane.max, largest)
  const data = new Uint16Array(stored.length)
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i]!
    data[i] = Number.isNaN(value) || isPadding(padding, i) ? noImage : quantise(value)
  }
  return { data, slope: plane.slope * step, intercept: plane.intercept + plane.slope * plane.min, min: 0, max: noImage, padding: { low: noImage, high: noImage } }
}

function colour(plane: PixelPlane, stored: StoredPixels): DisplayPixels {
  if (stored instanceof Uint8Array) return { data: stored, slope: plane.slope, intercept: plane.intercept, min: 0, max: 255 }
  const { step, quantise } = quantiser(plane.min, plane.max, 255)
  return { data: Uint8Array.from(stored, quantise), slope: plane.slope * step, intercept: plane.intercept + plane.slope * plane.min, min: 0, max: 255 }
}

/** @param padding of the scan; a plane of whole numbers must be the scan itself */
export const displayPixels = (plane: PixelPlane, stored: StoredPixels, padding: Padding | null): DisplayPixels =>
  plane.samples === 1 ? grey(plane, stored, padding) : colour(plane, stored)
