/**
 * From what the model saw back to the scan as it is in the file: the purified scan and the heatmap at the scan's own
 * size, and all three as planes for the viewer.
 *
 * The purified plane is the scan minus what was removed, not the purifier's enlarged output: the model sees the scan
 * reduced, and the detail that it never saw must not vanish from the picture as if it had been taken away.
 */
import type { ModelInput } from '../../shared/bundle'
import type { HeatmapScale, PixelPlane } from '../../shared/types'
import type { DecodedImage, StoredPixels, VoiTable } from '../image/decoded-image'
import { finiteRange } from '../image/grey-windows'
import { isPadding, modalityValues } from '../image/modality'
import { unitScale } from '../image/model-input'
import { resize } from '../image/resample'
import { bytesOf } from '../tensor/tensor'
import { heatmapAt } from './heatmap'
import type { ScreenedImage } from './screener'

type Padding = NonNullable<DecodedImage['padding']>

export type PlaneDescription = Omit<PixelPlane, 'id'>
export interface Plane {
  description: PlaneDescription
  values: Uint8Array | Uint16Array | Int16Array | Float32Array
  /** VOI lookup tables of the file, over modality values. */
  tables?: VoiTable[]
}

/** Of the finite values that are no padding. */
function rangeOf(values: Plane['values'], padding?: Padding): { min: number; max: number } {
  const range = finiteRange(padding ? values.filter((value: number) => !isPadding(value, padding)) : values)
  return range ? { min: range.low, max: range.high } : { min: 0, max: 0 }
}

const dtypeOf = (values: Plane['values']): PixelPlane['dtype'] =>
  values instanceof Uint8Array ? 'uint8' : values instanceof Uint16Array ? 'uint16' : values instanceof Int16Array ? 'int16' : 'float32'

/** Pixel types that viewers know; the wider ones as float32. */
function viewable(stored: StoredPixels): Plane['values'] {
  // One-byte pixels are unsigned by their type; codecs may give them as a clamped array.
  if (stored.BYTES_PER_ELEMENT === 1) return Uint8Array.from(stored)
  if (stored instanceof Uint16Array || stored instanceof Int16Array) return stored.slice()
  return Float32Array.from(stored)
}

const eightBitWindow = { center: 127.5, width: 255 }

function colourBytes(values: ArrayLike<number>, bitsStored: number): Uint8Array {
  const factor = 255 / (2 ** bitsStored - 1)
  // Clamped, and rounded to the nearest, by the array type. A loop, since a callback for each sample takes ten times as long.
  const bytes = new Uint8ClampedArray(values.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = values[i]! * factor
  return new Uint8Array(bytes.buffer)
}

/** The scan as it is stored; colour with 8 bits per sample, as screens show it. */
export function scanPlane(image: DecodedImage): Plane {
  const stored = image.pixels
  const colour = image.samples === 3
  const values = colour ? colourBytes(stored, image.bitsStored) : viewable(stored)
  const tables = image.voiTables ?? []
  const padding = colour ? undefined : image.padding
  return {
    values,
    ...(tables.length > 0 && { tables }),
    description: {
      width: image.width,
      height: image.height,
      samples: image.samples,
      dtype: dtypeOf(values),
      slope: colour ? 1 : image.rescale.slope,
      intercept: colour ? 0 : image.rescale.intercept,
      ...rangeOf(values, padding),
      invert: image.photometric === 'MONOCHROME1',
      windows: colour ? [eightBitWindow] : image.windows,
      unit: image.unit,
      ...(image.spacing && { spacing: image.spacing }),
      ...(image.aspect !== undefined && { aspect: image.aspect }),
      ...(padding && { padding }),
    },
  }
}

/** What was removed at the model's resolution, input − purified, one plane per channel. */
function removedPlanes({ input, purified }: Pick<ScreenedImage, 'input' | 'purified'>, size: number): Float32Array[] {
  return Array.from({ length: input.length / size }, (_, c) => {
    const plane = new Float32Array(size)
    for (let i = 0; i < size; i++) plane[i] = input[c * size + i]! - purified[c * size + i]!
    return plane
  })
}

const meanPlane = (planes: readonly Float32Array[]): Float32Array =>
  Float32Array.from(planes[0] ?? [], (_, i) => planes.reduce((sum, plane) => sum + plane[i]!, 0) / planes.length)

/** Modality values of the purified scan, [rows, columns, samples]; padding stays as it is. */
export function purifiedValues(image: DecodedImage, screened: Pick<ScreenedImage, 'input' | 'purified'>, spec: ModelInput): Float32Array {
  const values = modalityValues(image)
  const { low, high, inverted } = unitScale(image, spec)
  const factor = (inverted ? 1 : -1) * (high - low)
  const removed = removedPlanes(screened, spec.width * spec.height)
  // A grey scan in a colour model loses what its three equal channels lost on average.
  const wanted = image.samples === 1 && removed.length > 1 ? [meanPlane(removed)] : removed
  const enlarged = wanted.map((plane) => resize(plane, spec.width, spec.height, image.width, image.height))
  for (let i = 0; i < values.length; i++) {
    if (image.padding && isPadding(image.pixels[i]!, image.padding)) continue
    const plane = enlarged[enlarged.length === 1 ? 0 : i % image.samples]!
    values[i] = values[i]! + factor * plane[Math.floor(i / image.samples)]!
  }
  return values
}

/** The same pixels by their modality values, as a plane of float32 holds them. */
function modalityPadding({ low, high }: Padding, { slope, intercept }: DecodedImage['rescale']): Padding {
  const [first, second] = [low, high].map((stored) => Math.fround(stored * slope + intercept)) as [number, number]
  return { low: Math.min(first, second), high: Math.max(first, second) }
}

/** The purified scan: modality values as float32, windows as for the scan; colour as bytes. */
export function purifiedPlane(image: DecodedImage, screened: Pick<ScreenedImage, 'input' | 'purified'>, spec: ModelInput): Plane {
  const modality = purifiedValues(image, screened, spec)
  const scan = scanPlane(image).description
  const values = image.samples === 3 ? colourBytes(modality, image.bitsStored) : modality
  const padding = scan.padding && modalityPadding(scan.padding, image.rescale)
  return { values, description: { ...scan, dtype: dtypeOf(values), slope: 1, intercept: 0, ...rangeOf(values, padding), ...(padding && { padding }) } }
}

export function heatmapPlane(image: DecodedImage, map: Float32Array, spec: ModelInput, scale: HeatmapScale): Plane {
  const values = heatmapAt(map, spec, image.width, image.height)
  return {
    values,
    description: {
      width: image.width,
      height: image.height,
      samples: 1,
      dtype: 'float32',
      slope: 1,
      intercept: 0,
      ...rangeOf(values),
      invert: false,
      windows: [{ center: scale.hot / 2, width: scale.hot }],
      unit: 'share of full range',
      ...(image.spacing && { spacing: image.spacing }),
    },
  }
}

/** As the pixel route serves them. */
export const bytesOfPlane = ({ values }: Plane): Uint8Array => bytesOf(values)
