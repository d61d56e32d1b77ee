/**
 * What every image format decodes to. A file is opened once (`ImageFile`) and gives its frames one at a time, so that a
 * cine of thousands costs the memory of one; each frame comes with all that is needed to make modality values of it.
 */
import type { VoiWindow } from '../../shared/types'

export type StoredPixels = Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float32Array

export const imageFormatIds = ['png', 'jpeg', 'tiff', 'bmp', 'webp', 'dicom', 'nifti'] as const
export type ImageFormatId = (typeof imageFormatIds)[number]

/**
 * A VOI lookup table (DICOM PS3.3 C.11.2): modality values to grey. Values below `first` take the first entry, values
 * beyond the table the last.
 */
export interface VoiTable {
  explanation: string
  /** Modality value of the first entry. */
  first: number
  /** Entries are 0 to 2^bits − 1. */
  bits: number
  values: Uint16Array
}

/** Where an image comes from. Stays in memory: protocols and stations are a hospital's own words. */
export interface ImageOrigin {
  /** A digest of the patient's identifier: the same for images of one patient, and no name. */
  patient?: string
  manufacturer?: string
  model?: string
  station?: string
  protocol?: string
  bodyPart?: string
  view?: string
}

/** What made an image, as far as the file says. */
export interface Device extends Pick<ImageOrigin, 'manufacturer' | 'model'> {
  modality?: string
}

export const deviceOf = ({ modality, manufacturer, origin }: Pick<DecodedImage, 'modality' | 'manufacturer' | 'origin'>): Device => ({
  ...(modality !== undefined && { modality }),
  ...(manufacturer !== undefined && { manufacturer }),
  ...(origin?.model !== undefined && { model: origin.model }),
})

/** One frame of a file. */
export interface DecodedImage {
  format: ImageFormatId
  width: number
  height: number
  /** Frames or slices in the file. */
  frames: number
  /** Which of them this is, counted from 0. */
  frame: number
  samples: 1 | 3
  /**
   * [rows, columns, samples]: stored values, colour as RGB. Where a modality lookup table takes the place of slope and
   * intercept, it has been applied.
   */
  pixels: StoredPixels
  bitsStored: number
  signed: boolean
  /** MONOCHROME1: small values are bright. */
  photometric: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB'
  /** modality value = pixel × slope + intercept. */
  rescale: { slope: number; intercept: number }
  /** What modality values are: '' (plain grey), 'HU', ... */
  unit: string
  /** In modality values; never empty, the first is the one to begin with. */
  windows: VoiWindow[]
  /** The file's own VOI lookup tables; empty or absent where there are none. */
  voiTables?: VoiTable[]
  /** Pixels between these two (inclusive, as stored) are no image but padding: shown black, and no part of a range. */
  padding?: { low: number; high: number }
  /** Millimetres between pixel centres. */
  spacing?: { row: number; column: number }
  /** Height of a pixel divided by its width, where it is not 1 and no spacing says it. */
  aspect?: number
  /** DICOM modality, (0008,0060), where the file says one. */
  modality?: string
  /** Who made the device, (0008,0070), where the file says. */
  manufacturer?: string
  /** DICOM transfer syntax UID. */
  transferSyntax?: string
  /** Of DICOM files. */
  origin?: ImageOrigin
  /** For the side panel; no patient data. */
  facts: { label: string; value: string }[]
}

/**
 * All frames as they are stored, in the file's own colour model, before palettes, colour conversion, modality and VOI
 * transforms: [frames, rows, columns, samples].
 */
export interface StoredImage {
  width: number
  height: number
  frames: number
  samples: number
  pixels: StoredPixels
}

/** A file that was opened: its structure is known, its pixels are decoded when asked for. */
export interface ImageFile {
  format: ImageFormatId
  /** At least 1. */
  frames: number
  /** The frame to begin with: what the file calls representative, the middle of a volume, else 0. */
  defaultFrame: number
  /** @param index 0 … frames − 1. @throws AssayError `image-*`, `dicom-*` */
  frame(index: number): Promise<DecodedImage>
  /** @throws AssayError `image-*`, `dicom-*`; `image-too-large` where all frames together are beyond the limit */
  stored(): Promise<StoredImage>
}

/** An `ImageFile` of formats whose single picture is decoded in one go. */
export const singleImage = (image: DecodedImage): ImageFile => ({
  format: image.format,
  frames: 1,
  defaultFrame: 0,
  frame: async () => image,
  stored: async () => ({ width: image.width, height: image.height, frames: 1, samples: image.samples, pixels: image.pixels }),
})

/** The window that shows everything between two modality values. Where all are equal they are black, as an empty picture is expected to be. */
export const fullWindow = (low: number, high: number): VoiWindow => (high > low ? { center: (low + high) / 2, width: high - low } : { center: low + 0.5, width: 1 })
