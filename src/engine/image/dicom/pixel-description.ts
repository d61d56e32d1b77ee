/**
 * The Image Pixel module (DICOM PS3.3 C.7.6.3): how many pixels there are and how each is stored.
 */
import type { DataSet } from 'dicom-parser'
import { checkSize, corrupt, unsupported } from '../errors'

export const photometricInterpretations = ['MONOCHROME1', 'MONOCHROME2', 'RGB', 'PALETTE COLOR', 'YBR_FULL', 'YBR_FULL_422', 'YBR_RCT', 'YBR_ICT'] as const
export type PhotometricInterpretation = (typeof photometricInterpretations)[number]

export interface PixelDescription {
  rows: number
  columns: number
  frames: number
  samples: 1 | 3
  photometric: PhotometricInterpretation
  /** True: all of one sample, then all of the next (planar configuration 1). */
  planar: boolean
  /** float: (7FE0,0008); double: (7FE0,0009); else integers of (7FE0,0010). */
  kind: 'integer' | 'float' | 'double'
  bitsAllocated: number
  bitsStored: number
  highBit: number
  signed: boolean
}

/** @throws AssayError `image-corrupt`, `image-unsupported`, `image-too-large`. */
export function readPixelDescription(dataSet: DataSet, kind: PixelDescription['kind'], name: string): PixelDescription {
  const required = (tag: string, what: string): number => {
    const value = dataSet.uint16(tag)
    if (value === undefined) throw corrupt(name, `it does not give its ${what}`)
    return value
  }
  const rows = required('x00280010', 'number of rows')
  const columns = required('x00280011', 'number of columns')
  const samples = dataSet.uint16('x00280002') ?? 1
  const frames = dataSet.intString('x00280008') ?? 1
  const photometric = dataSet.string('x00280004')?.replace(/\0/g, '').trim()
  if (samples !== 1 && samples !== 3) throw unsupported(name, `${samples} samples per pixel`)
  checkSize(name, { width: columns, height: rows, samples, frames: Number.isFinite(frames) ? Math.max(1, frames) : 1 })

  if (!photometric) throw corrupt(name, 'it does not give its photometric interpretation')
  const known = photometricInterpretations.find((p) => p === photometric)
  if (!known) throw unsupported(name, `the photometric interpretation ${photometric}`)
  const colour = known === 'RGB' || known.startsWith('YBR')
  if (colour !== (samples === 3)) throw corrupt(name, `${known} with ${samples} samples per pixel contradicts itself`)

  const bitsAllocated = kind === 'float' ? 32 : kind === 'double' ? 64 : required('x00280100', 'bits per pixel')
  if (kind === 'integer' && ![1, 8, 16, 32].includes(bitsAllocated)) throw unsupported(name, `pixels of ${bitsAllocated} bits`)
  const bitsStored = kind === 'integer' ? dataSet.uint16('x00280101') || bitsAllocated : bitsAllocated
  const highBit = kind === 'integer' ? (dataSet.uint16('x00280102') ?? bitsStored - 1) : bitsAllocated - 1
  if (bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit < bitsStored - 1)
    throw corrupt(name, `${bitsStored} bits up to bit ${highBit} do not fit in ${bitsAllocated}`)
  return {
    rows,
    columns,
    frames: Number.isFinite(frames) ? Math.max(1, frames) : 1,
    samples,
    photometric: known,
    planar: samples === 3 && known !== 'YBR_FULL_422' && dataSet.uint16('x00280006') === 1,
    kind,
    bitsAllocated,
    bitsStored,
    highBit,
    signed: kind === 'integer' && dataSet.uint16('x00280103') === 1,
  }
}

/** Bytes of native pixel data for the whole image. YBR_FULL_422 shares one Cb, Cr pair between two pixels. */
export const nativeByteLength = (d: PixelDescription): number => Math.ceil((nativeSamples(d) * d.frames * d.bitsAllocated) / 8)

/** Values of one frame of native pixel data. */
export const nativeSamples = (d: PixelDescription): number => d.rows * d.columns * (d.photometric === 'YBR_FULL_422' ? 2 : d.samples)
