/**
 * DICOM files to data sets (PS3.5, PS3.10), with dicom-parser. Files without preamble or meta information are read too.
 * Parsing stops at the pixel data, so that a declared length is checked before anybody seeks by it.
 */
import dicomParser from 'dicom-parser'
import type { ByteStream, DataSet, Element } from 'dicom-parser'
import { inflateRawSync } from 'node:zlib'
import { AssayError } from '../../../shared/errors'
import { corrupt, maximumValues, truncated } from '../errors'
import type { TransferSyntax } from './transfer-syntaxes'
import { explicitLittleEndian, implicitLittleEndian, transferSyntaxes } from './transfer-syntaxes'

export interface ParsedDicom {
  dataSet: DataSet
  /** What the data set's offsets point into; not the file's bytes where it was deflated. */
  bytes: Uint8Array
  transferSyntaxUid: string
  transferSyntax: TransferSyntax
}

const pixelDataTag = 'x7fe00010'

const has = (bytes: Uint8Array, at: number, text: string) => bytes.length >= at + text.length && [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))

export const hasPreamble = (bytes: Uint8Array) => has(bytes, 128, 'DICM')

/** Meta information or an identifying group at the very beginning, as old archives write it. */
export function looksLikeDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || bytes[1] !== 0 || (bytes[0] !== 2 && bytes[0] !== 8) || bytes[3] !== 0) return false
  if (isValueRepresentation(bytes, 4)) return true
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
  return length <= bytes.length - 8
}

const valueRepresentations = new Set('AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split(' '))
const isValueRepresentation = (bytes: Uint8Array, at: number) => valueRepresentations.has(String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0))

/** @throws AssayError `image-truncated`, `image-corrupt`, `dicom-transfer-syntax-unsupported`. */
export function parseDicom(file: Uint8Array, name: string): ParsedDicom {
  const start = hasPreamble(file) ? 132 : 0
  const meta = readMeta(file, start, name)
  const guess = isValueRepresentation(file, meta.end + 4) ? explicitLittleEndian : implicitLittleEndian
  const transferSyntaxUid = meta.transferSyntaxUid ?? guess
  const transferSyntax = transferSyntaxes[transferSyntaxUid]
  if (!transferSyntax) throw unsupportedSyntax(name, transferSyntaxUid, 'an unknown transfer syntax')

  const bytes = transferSyntax.deflated ? inflate(file.subarray(meta.end), name) : file
  const parser = transferSyntax.littleEndian ? dicomParser.littleEndianByteArrayParser : dicomParser.bigEndianByteArrayParser
  // The constructor exists at run time; the package's types declare the interface only.
  const { DataSet } = dicomParser as unknown as { DataSet: new (parser: unknown, bytes: Uint8Array, elements: object) => DataSet }
  const dataSet = new DataSet(parser, bytes, {})
  const stream: ByteStream = new dicomParser.ByteStream(parser, bytes, transferSyntax.deflated ? 0 : meta.end)
  dataSet.warnings = stream.warnings
  const parse = transferSyntax.explicit ? dicomParser.parseDicomDataSetExplicit : dicomParser.parseDicomDataSetImplicit
  try {
    parse(dataSet, stream, bytes.length, { untilTag: pixelDataTag })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (/past end|overrun|eof|end of|maxP ?osition/i.test(why)) throw truncated(name, 'its DICOM data set ends in the middle of an element', { format: 'dicom' })
    throw corrupt(name, `its DICOM data set cannot be read (${why})`, { format: 'dicom' }, error)
  }
  return { dataSet, bytes, transferSyntaxUid, transferSyntax }
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

/** File meta information is explicit little endian whatever follows, and ends where group 0002 ends (PS3.10, 7.1). */
function readMeta(bytes: Uint8Array, start: number, name: string): { end: number; transferSyntaxUid?: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  let transferSyntaxUid: string | undefined
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const element = view.getUint16(at + 2, true)
    const long = ['OB', 'UN', 'UT'].some((vr) => has(bytes, at + 4, vr))
    if (long && at + 12 > bytes.length) break
    const dataOffset = at + (long ? 12 : 8)
    const length = long ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true)
    if (dataOffset + length > bytes.length) throw truncated(name, 'its DICOM file meta information is not all there', { format: 'dicom' })
    if (element === 0x10) transferSyntaxUid = new TextDecoder('latin1').decode(bytes.subarray(dataOffset, dataOffset + length)).replace(/[\0 ]+$/, '')
    at = dataOffset + length
  }
  if (at + 8 > bytes.length) throw truncated(name, 'it ends where its DICOM data set should begin', { format: 'dicom' })
  return { end: at, ...(transferSyntaxUid ? { transferSyntaxUid } : {}) }
}

function inflate(deflated: Uint8Array, name: string): Uint8Array {
  try {
    return inflateRawSync(deflated, { maxOutputLength: maximumValues * 4 })
  } catch (cause) {
    if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') throw truncated(name, 'its deflated data set stops early', { format: 'dicom' })
    throw corrupt(name, 'its deflated data set cannot be unpacked', { format: 'dicom' }, cause)
  }
}
