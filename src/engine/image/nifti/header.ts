/**
 * NIfTI-1 and NIfTI-2 headers (nifti1.h, nifti2.h), in either byte order. Free text (description, file names, intent) is
 * left unread: it may tell of a patient.
 */
import { corrupt, truncated, unsupported } from '../errors'

export type NiftiType = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64' | 'float32' | 'float64' | 'rgb24' | 'rgba32'

export interface NiftiHeader {
  version: 1 | 2
  littleEndian: boolean
  /** Voxels along i, j and k, and how many such volumes there are. */
  size: [number, number, number]
  volumes: number
  type: NiftiType
  /** Where the voxels begin. */
  offset: number
  /** value = stored × slope + intercept. */
  rescale: { slope: number; intercept: number }
  /** Range to be displayed, in values; equal where the file says none. */
  calibration: { low: number; high: number }
  /** Edges of a voxel, as stored; `qfac` is the sign of the third axis. */
  voxelSize: [number, number, number]
  qfac: 1 | -1
  /** Millimetres of one spatial unit; undefined where the file names none. */
  millimetres?: number
  sform?: number[][]
  qform?: { b: number; c: number; d: number; offset: [number, number, number] }
}

export const niftiTypeBytes: Record<NiftiType, number> = { uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8, float32: 4, float64: 8, rgb24: 3, rgba32: 4 }
const typeCodes = new Map<number, NiftiType>([
  [2, 'uint8'], [4, 'int16'], [8, 'int32'], [16, 'float32'], [64, 'float64'], [128, 'rgb24'], [256, 'int8'], [512, 'uint16'], [768, 'uint32'], [1024, 'int64'], [1280, 'uint64'], [2304, 'rgba32'],
])
const otherTypes = new Map([[1, 'single bits'], [32, 'complex numbers'], [1536, '128-bit floating-point numbers'], [1792, 'complex numbers'], [2048, 'complex numbers']])
const millimetresOf: Record<number, number> = { 1: 1000, 2: 1, 3: 0.001 }

export interface NiftiKind {
  version: 1 | 2
  littleEndian: boolean
  /** Header of a pair of files: the voxels lie in another one. Analyze 7.5 counts as one. */
  pair: boolean
}

/** How long a beginning `recogniseNifti` and `readNiftiHeader` want to see. */
export const niftiHeaderBytes = 544

/** What the first bytes say; undefined where it is no NIfTI. */
export function recogniseNifti(bytes: Uint8Array): NiftiKind | undefined {
  if (bytes.length < 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const littleEndian of [true, false]) {
    const size = view.getInt32(0, littleEndian)
    if (size === 540 && bytes[4] === 0x6e && bytes[6] === 0x32 && bytes[7] === 0) return { version: 2, littleEndian, pair: bytes[5] === 0x69 }
    if (size !== 348) continue
    // A cut header is still one.
    if (bytes.length < 348) return { version: 1, littleEndian, pair: false }
    if (bytes[344] === 0x6e && bytes[346] === 0x31 && bytes[347] === 0) return { version: 1, littleEndian, pair: bytes[345] === 0x69 }
    const dimensions = view.getInt16(40, littleEndian)
    if (bytes[38] === 0x72 && dimensions >= 1 && dimensions <= 7) return { version: 1, littleEndian, pair: true }
  }
  return undefined
}

/** @param bytes the beginning of the unpacked file. @throws AssayError `image-truncated`, `image-corrupt`, `image-unsupported` */
export function readNiftiHeader(bytes: Uint8Array, name: string): NiftiHeader {
  const kind = recogniseNifti(bytes)
  if (!kind) throw corrupt(name, 'it does not begin with a NIfTI header')
  const { version, littleEndian, pair } = kind
  if (pair) throw unsupported(name, 'a NIfTI or Analyze header whose voxels lie in a second file (.hdr and .img)')
  if (bytes.length < (version === 1 ? 352 : 544)) throw truncated(name, 'its NIfTI header is not complete')
  const raw = version === 1 ? fieldsOfVersion1(bytes, littleEndian) : fieldsOfVersion2(bytes, littleEndian)

  const [count = 0] = raw.dimensions
  if (!Number.isInteger(count) || count < 1 || count > 7) throw corrupt(name, `a NIfTI picture of ${count} dimensions does not exist`)
  const dimensions = Array.from({ length: 7 }, (_, i) => (i < count ? raw.dimensions[i + 1]! : 1))
  if (dimensions.some((length) => !Number.isInteger(length) || length < 1)) throw corrupt(name, 'its NIfTI size has a side of nothing')
  const type = typeCodes.get(raw.type)
  if (!type) throw unsupported(name, `NIfTI voxels of ${otherTypes.get(raw.type) ?? `kind ${raw.type}`}`)
  const least = version === 1 ? 352 : 544
  const offset = raw.offset === 0 ? least : raw.offset
  if (!Number.isInteger(offset) || offset < least) throw corrupt(name, 'its NIfTI voxels begin inside its header')
  const millimetres = millimetresOf[raw.units & 7]
  const scaled = raw.slope !== 0 && Number.isFinite(raw.slope) && Number.isFinite(raw.intercept)
  return {
    version,
    littleEndian,
    size: [dimensions[0]!, dimensions[1]!, dimensions[2]!],
    volumes: dimensions.slice(3).reduce((product, length) => product * length, 1),
    type,
    offset,
    rescale: scaled ? { slope: raw.slope, intercept: raw.intercept } : { slope: 1, intercept: 0 },
    calibration: raw.calibration,
    voxelSize: [1, 2, 3].map((i) => Math.abs(raw.pixelSizes[i]!)) as [number, number, number],
    qfac: raw.pixelSizes[0]! < 0 ? -1 : 1,
    ...(millimetres !== undefined && { millimetres }),
    ...(raw.sformCode > 0 && { sform: raw.sform }),
    ...(raw.qformCode > 0 && { qform: { b: raw.quaternion[0]!, c: raw.quaternion[1]!, d: raw.quaternion[2]!, offset: raw.quaternion.slice(3) as [number, number, number] } }),
  }
}

type RawFields = ReturnType<typeof fieldsOfVersion1>

const series = (count: number, read: (i: number) => number) => Array.from({ length: count }, (_, i) => read(i))

function fieldsOfVersion1(bytes: Uint8Array, littleEndian: boolean) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const int16 = (at: number) => view.getInt16(at, littleEndian)
  const float = (at: number) => view.getFloat32(at, littleEndian)
  return {
    dimensions: series(8, (i) => int16(40 + i * 2)),
    type: int16(70),
    pixelSizes: series(8, (i) => float(76 + i * 4)),
    offset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    calibration: { low: float(128), high: float(124) },
    qformCode: int16(252),
    sformCode: int16(254),
    /** b, c, d and the three offsets. */
    quaternion: series(6, (i) => float(256 + i * 4)),
    sform: series(3, (row) => row).map((row) => series(4, (column) => float(280 + row * 16 + column * 4))),
  }
}

function fieldsOfVersion2(bytes: Uint8Array, littleEndian: boolean): RawFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const int64 = (at: number) => Number(view.getBigInt64(at, littleEndian))
  const int32 = (at: number) => view.getInt32(at, littleEndian)
  const double = (at: number) => view.getFloat64(at, littleEndian)
  return {
    dimensions: series(8, (i) => int64(16 + i * 8)),
    type: view.getInt16(12, littleEndian),
    pixelSizes: series(8, (i) => double(104 + i * 8)),
    offset: int64(168),
    slope: double(176),
    intercept: double(184),
    units: int32(500),
    calibration: { low: double(200), high: double(192) },
    qformCode: int32(344),
    sformCode: int32(348),
    quaternion: series(6, (i) => double(352 + i * 8)),
    sform: series(3, (row) => row).map((row) => series(4, (column) => double(400 + row * 32 + column * 8))),
  }
}
