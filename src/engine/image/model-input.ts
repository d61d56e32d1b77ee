/**
 * From an image to what the model sees. Modality values throughout: the window that a person looks through has no say here.
 */
import type { Intensity, ModelInput } from '../../shared/bundle'
import type { DecodedImage } from './decoded-image'
import { isPadding, modalityValues } from './modality'
import { resize } from './resample'

/** unit = (value − low) / (high − low), then 1 − unit where inverted. */
export interface UnitScale {
  low: number
  high: number
  /** True for MONOCHROME1, so that bright is the same tissue whichever way the file stores it. */
  inverted: boolean
}

/** The modality values that become 0 and 1. Depends on the pixels only for `data-range` and for floating-point images. */
export function unitScale(image: DecodedImage, spec: Pick<ModelInput, 'intensity'>): UnitScale {
  const inverted = image.photometric === 'MONOCHROME1'
  return { ...range(image, spec.intensity), inverted }
}

function range(image: DecodedImage, intensity: Intensity): { low: number; high: number } {
  if (intensity.kind === 'fixed') return { low: intensity.low, high: intensity.high }
  if (intensity.kind === 'data-range') return percentiles(imageValues(image), intensity.lowPercentile, intensity.highPercentile)
  // Floating-point pixels declare no range; their own is the best there is.
  if (image.pixels instanceof Float32Array) return percentiles(imageValues(image), 0, 100)
  const levels = 2 ** image.bitsStored
  const { slope, intercept } = image.rescale
  const ends = [image.signed ? -levels / 2 : 0, image.signed ? levels / 2 - 1 : levels - 1].map((stored) => stored * slope + intercept)
  return { low: Math.min(...ends), high: Math.max(...ends) }
}

/** Modality values without the pixels that are padding. */
function imageValues(image: DecodedImage): Float32Array {
  const values = modalityValues(image)
  const { padding, pixels } = image
  return padding ? values.filter((_, i) => !isPadding(pixels[i]!, padding)) : values
}

/** Nearest-rank percentiles, 0 to 100. */
function percentiles(values: Float32Array, low: number, high: number): { low: number; high: number } {
  const sorted = values.filter(Number.isFinite).sort()
  const at = (percent: number) => sorted[Math.round((percent / 100) * (sorted.length - 1))] ?? 0
  return { low: at(low), high: at(high) }
}

/**
 * Unit values in [0, 1], [rows, columns, samples], at the image's own size. Padding and what is no number count as 0,
 * whichever way grey runs.
 */
export function unitValues(image: DecodedImage, spec: Pick<ModelInput, 'intensity'>): Float32Array {
  const values = modalityValues(image)
  const { low, high, inverted } = unitScale(image, spec)
  const { padding, pixels } = image
  const factor = high > low ? 1 / (high - low) : 0
  for (let i = 0; i < values.length; i++) {
    const unit = Math.min(1, Math.max(0, (values[i]! - low) * factor))
    values[i] = Number.isNaN(unit) || (padding && isPadding(pixels[i]!, padding)) ? 0 : inverted ? 1 - unit : unit
  }
  return values
}

/**
 * The model's input: [channels, spec.height, spec.width] in [0, 1]. Mean and standard deviation of the
 * bundle are not applied here.
 */
export function toModelInput(image: DecodedImage, spec: ModelInput): Float32Array {
  return inputOfUnit({ values: unitValues(image, spec), width: image.width, height: image.height, samples: image.samples }, spec)
}

/** The same from unit values in [0, 1], [rows, columns, samples]. */
export function inputOfUnit({ values, width, height, samples }: { values: Float32Array; width: number; height: number; samples: 1 | 3 }, spec: Pick<ModelInput, 'width' | 'height' | 'channels'>): Float32Array {
  const planes = toPlanes(values, samples, spec.channels).map((plane) => resize(plane, width, height, spec.width, spec.height))
  const size = spec.width * spec.height
  const input = new Float32Array(spec.channels * size)
  for (let channel = 0; channel < spec.channels; channel++) input.set(planes[planes.length === 1 ? 0 : channel]!, channel * size)
  return input
}

/** Interleaved samples as planes; colour to grey by the luma of ITU-R BT.601. Grey for a colour model stays one plane. */
function toPlanes(values: Float32Array, samples: 1 | 3, channels: 1 | 3): Float32Array[] {
  if (samples === 1) return [values]
  const size = values.length / 3
  const planes = Array.from({ length: channels }, () => new Float32Array(size))
  for (let i = 0; i < size; i++) {
    const red = values[i * 3]!
    const green = values[i * 3 + 1]!
    const blue = values[i * 3 + 2]!
    if (channels === 1) planes[0]![i] = 0.299 * red + 0.587 * green + 0.114 * blue
    else {
      planes[0]![i] = red
      planes[1]![i] = green
      planes[2]![i] = blue
    }
  }
  return planes
}
