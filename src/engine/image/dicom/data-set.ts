/**
 * DICOM files to data sets (PS3.5, PS3.10): finds where meta information and data set begin and how they are written, which
 * is not always what the file says, and unpacks deflated ones. Reading stops at the pixel data, so that a declared length is
 * checked before anybody seeks by it.
 */
import type { DataSet, Element } from 'dicom-parser'
import { constants, inflateRawSync, inflateSync } from 'node:zlib'
import { AssayError } from '../../../shared/errors'
import { corrupt, maximumValues, truncated } from '../errors'
import { guessCompression } from './compression-guess'
import { itemTag } from './element-syntax'
import type { Encoding } from './element-syntax'
import { dataSetBeginning, guessEncoding } from './encoding'
import { HeaderReader } from './headers'
import { readStructure } from './structure'
import type { TransferSyntax } from './transfer-syntaxes'
import { explicitBigEndian, explicitLittleEndian, implicitLittleEndian, transferSyntaxes } from './transfer-syntaxes'

export interface ParsedDicom {
  dataSet: DataSet
  /** What the data set's offsets point into; not the file's bytes where it was deflated. */
  bytes: Uint8Array
  /** Where in `bytes` the data set begins. */
  start: number
  /** As the data set is written, whatever a wrong header says; empty where no UID stands for it. */
  transferSyntaxUid: string
  transferSyntax: TransferSyntax
  /** SOP class UID of the data set, else of the meta information. */
  sopClass?: string
}

const pixelDataTag = 'x7fe00010'

export const hasPreamble = (bytes: Uint8Array): boolean => bytes.length >= 132 && [...'DICM'].every((c, i) => bytes[128 + i] === c.charCodeAt(0))

/** Meta information or an identifying group where a file can begin that lacks the preamble. */
export const looksLikeDataSet = (bytes: Uint8Array): boolean => dataSetBeginning(bytes) !== undefined

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `dicom-transfer-syntax-unsupported`. */
export function parseDicom(file: Uint8Array, name: string): ParsedDicom {
  const meta = readMeta(file, hasPreamble(file) ? 132 : (dataSetBeginning(file) ?? 0), name)
  const declared = meta.transferSyntaxUid === undefined ? undefined : transferSyntaxes[meta.transferSyntaxUid]
  if (meta.transferSyntaxUid !== undefined && !declared) throw unsupportedSyntax(name, meta.transferSyntaxUid, 'an unknown transfer syntax')

  const bytes = declared?.deflated ? inflate(file.subarray(meta.end), name) : file
  const start = declared?.deflated ? 0 : meta.end
  const encoding = guessEncoding(bytes, start, declared) ?? declared ?? { littleEndian: true, explicit: true }
  const dataSet = readStructure(bytes, start, encoding, name)
  const sopClass = dataSet.string('x00080016')?.replace(/\0/g, '').trim() || meta.sopClass
  return { dataSet, bytes, start, ...actualSyntax(dataSet, bytes, encoding, meta.transferSyntaxUid), ...(sopClass && { sopClass }) }
}

export const unsupportedSyntax = (name: string, uid: string, title: string) =>
  new AssayError('dicom-transfer-syntax-unsupported', `${name} is stored as ${title} (${uid}), which Assay does not read yet; export it uncompressed.`, {
    path: name,
    transferSyntax: uid,
    transferSyntaxName: title,
  })

/** The pixel data element of whichever kind the file has. */
export function pixelElement(dataSet: DataSet): { element: Element; kind: 'integer' | 'float' | 'double' } | undefined {
  const kinds = [
    [pixelDataTag, 'integer'],
    ['x7fe00008', 'float'],
    ['x7fe00009', 'double'],
  ] as const
  for (const [tag, kind] of kinds) {
    const element = dataSet.elements[tag]
    if (element) return { element, kind }
  }
  return undefined
}

type Syntax = Pick<ParsedDicom, 'transferSyntax' | 'transferSyntaxUid'>

/** The declared transfer syntax where data set and pixels bear it out, else the one that they are written in. */
function actualSyntax(dataSet: DataSet, bytes: Uint8Array, encoding: Encoding, uid: string | undefined): Syntax {
  const declared = uid === undefined ? undefined : transferSyntaxes[uid]
  const pixels = dataSet.elements[pixelDataTag]
  const { littleEndian, explicit } = encoding
  const known = (name: string): Syntax => ({ transferSyntaxUid: name, transferSyntax: { ...transferSyntaxes[name]!, littleEndian, explicit } })
  if (pixels?.hadUndefinedLength && !declared?.encapsulated) {
    const compression = guessCompression(bytes, pixels.dataOffset)
    if (compression) return known(compression)
  }
  const wronglyCompressed = declared?.decoder !== undefined && pixels !== undefined && holdsNativePixels(dataSet, bytes, pixels)
  if (uid !== undefined && declared && !wronglyCompressed) {
    const asDeclared = declared.encapsulated || (declared.littleEndian === encoding.littleEndian && declared.explicit === encoding.explicit)
    if (asDeclared) return known(uid)
  }
  if (littleEndian) return known(explicit ? explicitLittleEndian : implicitLittleEndian)
  if (explicit) return known(explicitBigEndian)
  return { transferSyntaxUid: '', transferSyntax: { name: 'Implicit VR Big Endian', littleEndian, explicit, encapsulated: false } }
}

/** True for pixels of a length of their own that is enough for all of them, and no fragments. */
function holdsNativePixels(dataSet: DataSet, bytes: Uint8Array, { length, dataOffset, hadUndefinedLength }: Element): boolean {
  if (hadUndefinedLength || length > bytes.length - dataOffset) return false
  const [rows = 0, columns = 0, samples = 1, bits = 0] = ['x00280010', 'x00280011', 'x00280002', 'x00280100'].map((tag) => dataSet.uint16(tag))
  const needed = (rows * columns * samples * bits * Math.max(1, dataSet.intString('x00280008') || 1)) / 8
  if (needed === 0 || length < needed) return false
  return new HeaderReader(bytes).tag(dataOffset, { littleEndian: true, explicit: true }) !== itemTag
}

/** File meta information is explicit little endian whatever follows, and ends where group 0002 ends (PS3.10, 7.1). Some is not. */
function readMeta(bytes: Uint8Array, start: number, name: string): { end: number; transferSyntaxUid?: string; sopClass?: string } {
  const reader = new HeaderReader(bytes)
  const encoding = guessEncoding(bytes, start, { littleEndian: true, explicit: true }) ?? { littleEndian: true, explicit: true }
  const texts = new Map<number, string>()
  let at = start
  while (at + 8 <= bytes.length && reader.tag(at, encoding) >>> 16 === 2) {
    const header = reader.likeliest(at, bytes.length, encoding)
    if (!header || header.length > bytes.length - header.dataOffset) throw truncated(name, 'its DICOM file meta information is not all there', { format: 'dicom' })
    at = header.dataOffset + header.length
    const isUid = header.tag === 0x00020002 || header.tag === 0x00020010
    if (isUid) texts.set(header.tag, new TextDecoder('latin1').decode(bytes.subarray(header.dataOffset, at)).replace(/[\0 ]+$/, ''))
  }
  if (at + 8 > bytes.length) throw truncated(name, 'it ends where its DICOM data set should begin', { format: 'dicom' })
  const sopClass = texts.get(0x00020002)
  const transferSyntaxUid = texts.get(0x00020010)
  return { end: at, ...(transferSyntaxUid && { transferSyntaxUid }), ...(sopClass && { sopClass }) }
}

/** What a deflated data set may unfold to; twice that is in memory while it is put together. */
const maximumInflated = maximumValues

function inflate(deflated: Uint8Array, name: string): Uint8Array {
  // A stream that stops early gives what it has: whether that is enough is seen by who reads it.
  const options = { maxOutputLength: maximumInflated, finishFlush: constants.Z_SYNC_FLUSH }
  try {
    // The standard asks for a bare stream (RFC 1951); some writers wrap it (RFC 1950).
    return (deflated[0]! & 0x0f) === 8 && ((deflated[0]! << 8) | (deflated[1] ?? 0)) % 31 === 0 ? inflateEither(deflated, options) : inflateRawSync(deflated, options)
  } catch (cause) {
    if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new AssayError('image-too-large', `${name} unfolds to more than Assay takes at once (${maximumInflated / 2 ** 20} MB); split it.`, { path: name, format: 'dicom' })
    throw corrupt(name, 'its deflated data set cannot be unpacked', { format: 'dicom' }, cause)
  }
}

function inflateEither(deflated: Uint8Array, options: { maxOutputLength: number; finishFlush: number }): Uint8Array {
  try {
    return inflateSync(deflated, options)
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error
    return inflateRawSync(deflated, options)
  }
}
