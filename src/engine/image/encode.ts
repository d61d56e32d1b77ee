/**
 * Pictures out: PNG of 8 or 16 bits, grey or RGB, without loss.
 */
import { encode } from 'fast-png'

/** @param data [height, width, samples]; Uint16Array for 16 bits. */
export function encodePng(image: { width: number; height: number; samples: 1 | 3; data: Uint8Array | Uint16Array }): Uint8Array {
  const { width, height, samples, data } = image
  return encode({ width, height, data, channels: samples, depth: data instanceof Uint16Array ? 16 : 8 })
}

/** Unit values in [0, 1] to the full range of 8 or 16 bits, rounded to the nearest level. */
export function quantize(unit: Float32Array, bits: 8): Uint8Array
export function quantize(unit: Float32Array, bits: 16): Uint16Array
export function quantize(unit: Float32Array, bits: 8 | 16): Uint8Array | Uint16Array
export function quantize(unit: Float32Array, bits: 8 | 16): Uint8Array | Uint16Array {
  const top = 2 ** bits - 1
  const out = new (bits === 8 ? Uint8Array : Uint16Array)(unit.length)
  for (let i = 0; i < unit.length; i++) out[i] = Math.round(top * (Math.min(1, Math.max(0, unit[i]!)) || 0))
  return out
}

/** [channels, height, width] to [height, width, channels]. */
export function interleavePlanes(planes: Float32Array, channels: number): Float32Array {
  if (channels === 1) return planes
  const size = planes.length / channels
  const out = new Float32Array(planes.length)
  for (let channel = 0; channel < channels; channel++) for (let i = 0; i < size; i++) out[i * channels + channel] = planes[channel * size + i]!
  return out
}
