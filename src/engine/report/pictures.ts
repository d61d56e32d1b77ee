/** Images as PNG that people can see: small ones enlarged so that pixels stay pixels, large ones reduced. */
import { encodePng, interleavePlanes, quantize } from '../image/encode'
import { resize } from '../image/resample'
import type { Picture } from './document'

/** Pictures of the model's size are shown at about this many pixels on the longer side. */
const shownSide = 256

export interface ModelShape {
  width: number
  height: number
  channels: number
}

/** [C, H, W] in [0, 1] as a picture of about `side` pixels on its longer side. Values beyond are cut. */
export function pictureOf(unit: Float32Array, { width, height, channels }: ModelShape, side = shownSide): Picture {
  const samples = channels === 3 ? 3 : 1
  const longer = Math.max(width, height)
  const [toWidth, toHeight] = longer > side ? [width, height].map((length) => Math.max(1, Math.round((length * side) / longer))) as [number, number] : [width, height]
  const planes = new Float32Array(samples * toWidth * toHeight)
  for (let channel = 0; channel < samples; channel++)
    planes.set(resize(unit.subarray(channel * width * height, (channel + 1) * width * height), width, height, toWidth, toHeight), channel * toWidth * toHeight)
  const bytes = quantize(interleavePlanes(planes, samples), 8)
  const times = Math.max(1, Math.floor(side / Math.max(toWidth, toHeight)))
  return { width: toWidth * times, height: toHeight * times, png: encodePng({ width: toWidth * times, height: toHeight * times, samples, data: enlarged(bytes, toWidth, toHeight, samples, times) }) }
}

/** Every pixel as a square of `times` by `times`. */
function enlarged(bytes: Uint8Array, width: number, height: number, samples: number, times: number): Uint8Array {
  if (times === 1) return bytes
  const out = new Uint8Array(bytes.length * times * times)
  const row = width * times * samples
  for (let y = 0; y < height * times; y++)
    for (let x = 0; x < width * times; x++)
      for (let s = 0; s < samples; s++) out[y * row + x * samples + s] = bytes[(Math.floor(y / times) * width + Math.floor(x / times)) * samples + s]!
  return out
}

/** Interleaved RGB of 8 bits, likewise. */
export function pictureOfRgb({ width, height, rgb }: { width: number; height: number; rgb: Uint8Array }, side: number): Picture {
  const size = width * height
  const unit = new Float32Array(3 * size)
  for (let i = 0; i < size; i++) for (let channel = 0; channel < 3; channel++) unit[channel * size + i] = rgb[3 * i + channel]! / 255
  return pictureOf(unit, { width, height, channels: 3 }, side)
}

const factors = [100, 50, 20, 10, 5, 2, 1]

/** A change, magnified as far as it goes without being cut, on middle grey: grey is where nothing changed. */
export function differencePicture(difference: Float32Array, shape: ModelShape): { factor: number; picture: Picture } {
  let largest = 0
  for (const value of difference) largest = Math.max(largest, Math.abs(value))
  const factor = factors.find((candidate) => candidate * largest <= 0.5 + 1e-6) ?? 0.5
  return { factor, picture: pictureOf(difference.map((value) => 0.5 + factor * value), shape) }
}
