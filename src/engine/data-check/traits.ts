/**
 * What the check keeps of one picture: how it looks, and what file and header say of it. The pixels are let go at once.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ModelInput } from '../../shared/bundle'
import type { LabelledSource, SourceItem } from '../dataset/labelled-source'
import type { DecodedImage, StoredPixels } from '../image/decoded-image'
import { isPadding } from '../image/modality'
import { toModelInput } from '../image/model-input'
import { bytesOf } from '../tensor/tensor'
import type { Feature } from './giveaway'
import { lookOf, lookSize, toneOf, type Look, type Tone } from './look'

export interface Traits {
  item: SourceItem
  /** Width, height, samples and pixels. */
  digest: string
  look: Look
  tone: Tone
  /** All of one colour, but for rounding. */
  blank: boolean
  /** The model would see it as of one colour, so that there is nothing to compare it by. */
  faint: boolean
  /** Share of the values from black to white as the model takes them that the picture uses; undefined where it takes each picture's own range. */
  rangeUsed: number | undefined
  image: Omit<DecodedImage, 'pixels' | 'voiTables' | 'facts' | 'windows'>
  /** Size of the file; undefined for archives. */
  bytes: number | undefined
}

/** From the smallest to the largest value as stored, padding apart; of colours the widest. */
function spanOf(pixels: StoredPixels, { samples, padding }: Pick<DecodedImage, 'samples' | 'padding'>): number {
  let widest = 0
  for (let channel = 0; channel < samples; channel++) {
    let [low, high] = [Infinity, -Infinity]
    for (let i = channel; i < pixels.length; i += samples) {
      const value = pixels[i]!
      if (Number.isNaN(value) || (padding && isPadding(value, padding))) continue
      if (value < low) low = value
      if (value > high) high = value
    }
    widest = Math.max(widest, high - low)
  }
  return widest
}

/** @throws AssayError like readImage */
export async function traitsOf(source: LabelledSource, item: SourceItem, intensity: ModelInput['intensity'], signal?: AbortSignal): Promise<Traits> {
  const { pixels, voiTables: _tables, facts: _facts, windows: _windows, ...image } = await source.image(item, signal)
  const { width, height, samples } = image
  const small = toModelInput({ ...image, pixels, facts: [], windows: [] }, { width: lookSize, height: lookSize, channels: samples, mean: [], std: [], intensity })
  const digest = createHash('sha256').update(`${width} ${height} ${samples} ${image.bitsStored}\n`).update(bytesOf(pixels)).digest('base64')
  const [low, high] = small.reduce(([least, most], v) => [Math.min(least!, v), Math.max(most!, v)], [1, 0])
  const span = spanOf(pixels, image)
  const whole = !(pixels instanceof Float32Array)
  return {
    item,
    digest,
    look: lookOf(small),
    tone: toneOf(small),
    // As stored: a picture that uses few of many levels is dark, and no less a picture.
    blank: span === 0 || (whole && image.bitsStored > 1 && span === 1),
    faint: high! - low! < 1.5 / 255,
    rangeUsed: whole && intensity.kind === 'declared-range' ? span / (2 ** image.bitsStored - 1) : undefined,
    image,
    bytes: await stat(item.path).then(({ size }) => size, () => undefined),
  }
}

/** What can be known without a look at the picture. */
export function fileFeatures({ image, bytes }: Traits): Record<string, Feature> {
  const { width, height, samples, origin = {} } = image
  return {
    width,
    height,
    'width by height': width / height,
    'file size': bytes,
    'bytes per pixel': bytes === undefined ? undefined : bytes / (width * height),
    'bit depth': image.bitsStored,
    colour: samples,
    frames: image.frames,
    format: image.format,
    photometric: image.photometric,
    compression: image.transferSyntax,
    'pixel spacing': image.spacing?.row,
    modality: image.modality,
    manufacturer: origin.manufacturer,
    model: origin.model,
    station: origin.station,
    protocol: origin.protocol,
    'body part': origin.bodyPart,
    view: origin.view,
  }
}

export function toneFeatures({ tone }: Pick<Traits, 'tone'>): Record<string, Feature> {
  const [red, green, blue, borderRed, borderGreen, borderBlue] = tone.colour
  return {
    brightness: tone.brightness,
    contrast: tone.contrast,
    'border brightness': tone.border,
    ...(tone.colour.length > 0 && { red, green, blue, 'red of the border': borderRed, 'green of the border': borderGreen, 'blue of the border': borderBlue }),
  }
}
