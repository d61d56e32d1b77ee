/**
 * The Image Pixel module (DICOM PS3.3 C.7.6.3): how many pixels there are and how each is stored.
 */
import type { DataSet } from 'dicom-parser'
import { checkSize, corrupt, unsupported } from '../errors'
import { text, uint16 } from './values'

export const photometricInterpretations = [
  'MONOCHROME1',
  'MONOCHROME2',
  'RGB',
  'PALETTE COLOR',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_PARTIAL_422',
  'YBR_RCT',
  'YBR_ICT',
] as const
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
  /** 1 to 32, and 64 for doubles; not always whole bytes. */
  bitsAllocated: number
  bitsStored: number
  highBit: number
  /** Of grey and of indices; colour samples have no sign. */
  signed: boolean
  /** Native 4:2:2 of odd width: the last pair of each row has a pixel too many. */
  oddPairs?: true
}

/** Two pixels share one pair of chroma samples. */
export const isSubsampled = ({ photometric }: Pick<PixelDescription, 'photometric'>): boolean => photometric === 'YBR_FULL_422' || photometric === 'YBR_PARTIAL_422'

/** @throws AssayError `image-corrupt`, `image-unsupported`, `image-too-large`. */
export function readPixelDescription(dataSet: DataSet, kind: PixelDescription['kind'], name: string): PixelDescription {
  const required = (tag: string, what: string): number => {
    const value = uint16(dataSet, tag)
    if (value === undefined) throw corrupt(name, `it does not give its ${what}`, { format: 'dicom' })
    return value
  }
  const rows = required('x00280010', 'number of rows')
  const columns = required('x00280011', 'number of columns')
  const photometric = readPhotometric(dataSet, name)
  const colour = photometric === 'RGB' || photometric.startsWith('YBR')
  const samples = uint16(dataSet, 'x00280002') ?? (colour ? 3 : 1)
  if (samples !== 1 && samples !== 3) throw unsupported(name, `${samples} samples per pixel`)
  if (colour !== (samples === 3)) throw corrupt(name, `${photometric} with ${samples} samples per pixel contradicts itself`, { format: 'dicom' })
  checkSize(name, { width: columns, height: rows, samples })

  const signed = kind === 'integer' && samples === 1 && uint16(dataSet, 'x00280103') === 1
  const description: PixelDescription = {
    rows,
    columns,
    frames: 1,
    samples,
    photometric,
    planar: samples === 3 && !isSubsampled({ photometric }) && uint16(dataSet, 'x00280006') === 1,
    kind,
    ...(kind === 'integer' ? readBits(dataSet, required('x00280100', 'bits per pixel'), name) : floatBits[kind]),
    signed,
  }
  const length = nativeLength(dataSet, kind)
  description.frames = readFrames(dataSet, description, length)
  const inRows = { ...description, oddPairs: true as const }
  return isSubsampled(description) && columns % 2 === 1 && (length ?? 0) >= nativeByteLength(inRows) ? inRows : description
}

const floatBits = { float: { bitsAllocated: 32, bitsStored: 32, highBit: 31 }, double: { bitsAllocated: 64, bitsStored: 64, highBit: 63 } }

function readPhotometric(dataSet: DataSet, name: string): PhotometricInterpretation {
  // Old files write "YBR FULL" and the like.
  const photometric = text(dataSet, 'x00280004')
  if (!photometric) {
    // Older than the attribute: grey, and small values dark.
    if (isAcrNema(dataSet)) return 'MONOCHROME2'
    throw corrupt(name, 'it does not give its photometric interpretation', { format: 'dicom' })
  }
  const known = photometricInterpretations.find((p) => p.replace(/\W|_/g, '') === photometric.toUpperCase().replace(/\W|_/g, ''))
  if (!known) throw unsupported(name, `the photometric interpretation ${photometric.slice(0, 20)}`)
  return known
}

/** By its recognition code, (0008,0010), or by attributes that DICOM has given up: data set type and image dimensions. */
export const isAcrNema = (dataSet: DataSet): boolean =>
  text(dataSet, 'x00080010')?.startsWith('ACR-NEMA') === true || (!dataSet.elements['x00080016'] && dataSet.elements['x00280005'] !== undefined)

function readBits(dataSet: DataSet, bitsAllocated: number, name: string): Pick<PixelDescription, 'bitsAllocated' | 'bitsStored' | 'highBit'> {
  if (bitsAllocated < 1 || bitsAllocated > 32) throw unsupported(name, `pixels of ${bitsAllocated} bits`)
  const bitsStored = uint16(dataSet, 'x00280101') || bitsAllocated
  // Where all bits are stored, or none is said to be the highest, there is one possibility.
  const highBit = bitsStored === bitsAllocated ? bitsAllocated - 1 : uint16(dataSet, 'x00280102') || bitsStored - 1
  if (bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit < bitsStored - 1)
    throw corrupt(name, `${bitsStored} bits up to bit ${highBit} do not fit in ${bitsAllocated}`, { format: 'dicom' })
  return { bitsAllocated, bitsStored, highBit }
}

/** Bytes of the pixels' element that are there; undefined where it is in fragments. */
function nativeLength(dataSet: DataSet, kind: PixelDescription['kind']): number | undefined {
  const element = dataSet.elements[kind === 'integer' ? 'x7fe00010' : kind === 'float' ? 'x7fe00008' : 'x7fe00009']
  return !element || element.hadUndefinedLength ? undefined : Math.min(element.length, dataSet.byteArray.length - element.dataOffset)
}

/** As declared; where that is no number, as many as the pixels fill exactly, else one. */
function readFrames(dataSet: DataSet, one: PixelDescription, length: number | undefined): number {
  const declared = text(dataSet, 'x00280008')
  if (declared === undefined) return 1
  const number = /^\+?\d+(\.0*)?$/.test(declared.split('\\')[0]!.trim()) ? Number.parseInt(declared, 10) : 0
  if (number > 0) return number
  const held = length === undefined ? 0 : (length * 8) / frameBits(one)
  return Number.isInteger(held) && held > 0 ? held : 1
}

/** Values of one frame of native pixel data; 4:2:2 has one Cb, Cr pair for two pixels. */
export const nativeSamples = (d: PixelDescription): number =>
  isSubsampled(d) ? 4 * Math.ceil((d.rows * (d.columns + (d.oddPairs ? 1 : 0))) / 2) : d.rows * d.columns * d.samples

/** Bits of one frame of native pixel data. */
export const frameBits = (d: PixelDescription): number => nativeSamples(d) * d.bitsAllocated

/** Bytes of native pixel data for the whole image. */
export const nativeByteLength = (d: PixelDescription): number => Math.ceil((frameBits(d) * d.frames) / 8)
