/**
 * What every image format decodes to: stored values, and all that is needed to make modality values of them.
 */
import type { VoiWindow } from '../../shared/types'

export type StoredPixels = Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float32Array

export interface DecodedImage {
  format: 'png' | 'jpeg' | 'dicom'
  width: number
  height: number
  frames: number
  samples: 1 | 3
  /** Stored values before modality and VOI transforms: [frames, rows, columns, samples]. */
  pixels: StoredPixels
  bitsStored: number
  signed: boolean
  /** MONOCHROME1: small values are bright. */
  photometric: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB'
  /** modality value = stored × slope + intercept. */
  rescale: { slope: number; intercept: number }
  /** What modality values are: '' (plain grey), 'HU', ... */
  unit: string
  /** In modality values; never empty, the first is the one to begin with. */
  windows: VoiWindow[]
  /** Millimetres between pixel centres. */
  spacing?: { row: number; column: number }
  /** DICOM modality, (0008,0060), where the file says one. */
  modality?: string
  /** DICOM transfer syntax UID. */
  transferSyntax?: string
  /** For the side panel; no patient data. */
  facts: { label: string; value: string }[]
}

/** The stored values of one frame, [rows, columns, samples], without a copy. */
export function framePixels(image: DecodedImage, frame: number): StoredPixels {
  if (!Number.isInteger(frame) || frame < 0 || frame >= image.frames)
    throw new RangeError(`frame ${frame} is not one of the image's ${image.frames}`)
  const size = image.width * image.height * image.samples
  return image.pixels.subarray(frame * size, (frame + 1) * size)
}

/** The window that shows everything between two modality values. */
export const fullWindow = (low: number, high: number): VoiWindow => ({ center: (low + high) / 2, width: high > low ? high - low : 1 })
