/**
 * What the check keeps of one picture: how it looks, and what file and header say of it. The pixels are let go at once.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ModelInput } from '../../shared/bundle'
import type { LabelledSource, SourceItem } from '../dataset/labelled-source'
import type { DecodedImage } from '../image/decoded-image'
import { toModelInput } from '../image/model-input'
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
  image: Omit<DecodedImage, 'pixels' | 'voiTables' | 'facts' | 'windows'>
  /** Size of the file; undefined for archives. */
  bytes: number | undefined
}

/** @throws AssayError like readImage */
export async function traitsOf(source: LabelledSource, item: SourceItem, intensity: ModelInput['intensity'], signal?: AbortSignal): Promise<Traits> {
  const { pixels, voiTables: _tables, facts: _facts, windows: _windows, ...image } = await source.image(item, signal)
  const { width, height, samples } = image
  const small = toModelInput({ ...image, pixels, facts: [], windows: [] }, { width: lookSize, height: lookSize, channels: samples, mean: [], std: [], intensity })
  const digest = createHash('sha256').update(`${width} ${height} ${samples} ${image.bitsStored}\n`).update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)).digest('base64')
  const [low, high] = small.reduce(([least, most], v) => [Math.min(least!, v), Math.max(most!, v)], [1, 0])
  return {
    item,
    digest,
    look: lookOf(small),
    tone: toneOf(small),
    blank: high! - low! < 1.5 / 255,
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
