/** Images at the model's size as planes for the viewer. */
import type { PixelPlane } from '../../shared/types'
import type { ModelInput } from '../../shared/bundle'
import { interleavePlanes, quantize } from '../image/encode'

type Size = Pick<ModelInput, 'width' | 'height' | 'channels'>

export interface ModelPlane {
  description: Omit<PixelPlane, 'id'>
  values: Uint8Array | Float32Array
}

const described = ({ width, height }: Size, samples: 1 | 3, values: ModelPlane['values'], window: { center: number; width: number }, unit: string): ModelPlane['description'] => {
  let [min, max] = [Infinity, -Infinity]
  for (const v of values) [min, max] = [Math.min(min, v), Math.max(max, v)]
  return { width, height, samples, dtype: values instanceof Float32Array ? 'float32' : 'uint8', slope: 1, intercept: 0, min, max, invert: false, windows: [window], unit }
}

/** Grey as float32 in [0, 1], so that a narrow window shows what eight bits would hide; colour as bytes. @param x [C, H, W] in [0, 1] */
export function imagePlane(x: Float32Array, size: Size): ModelPlane {
  if (size.channels === 1) return { values: x, description: described(size, 1, x, { center: 0.5, width: 1 }, 'share of full range') }
  const values = quantize(interleavePlanes(x, size.channels), 8)
  return { values, description: described(size, 3, values, { center: 127.5, width: 255 }, '') }
}

/** What the attack added, mean over the channels: float32, share of full range, grey where nothing was changed. */
export function differencePlane(clean: Float32Array, attacked: Float32Array, size: Size): ModelPlane {
  const pixels = size.width * size.height
  const values = new Float32Array(pixels)
  for (let c = 0; c < size.channels; c++) for (let i = 0; i < pixels; i++) values[i]! += (attacked[c * pixels + i]! - clean[c * pixels + i]!) / size.channels
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  return { values, description: described(size, 1, values, { center: 0, width: Math.max(2 * largest, 1 / 255) }, 'share of full range') }
}
