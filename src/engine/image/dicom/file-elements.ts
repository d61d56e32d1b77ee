/**
 * All elements of a DICOM file, of its file meta information and of its data set, with the bytes that they point into.
 */
import { hasPreamble, parseDicom } from './data-set'
import type { Dictionary } from './dictionary'
import type { Encoding } from './element-syntax'
import type { DicomElement, ReadElements, ReadOptions, Span } from './elements'
import { readElements } from './elements'
import { dataSetBeginning } from './encoding'

export interface FileElements extends ReadElements {
  /** Group 0002, which lies in the file's own bytes; empty where a file has none. */
  meta: DicomElement[]
  /** What the data set's elements point into: the file, or what it unfolds to. */
  bytes: Uint8Array
  /** How the data set is written, whatever its transfer syntax says. */
  encoding: Encoding
  /** Empty where none stands for what was found. */
  transferSyntaxUid: string
}

const metaEncoding: Encoding = { littleEndian: true, explicit: true }

/** File meta information is explicit little endian whatever follows, and ends where group 0002 ends (PS3.10, 7.1). */
function metaSpan(file: Uint8Array): Span {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const start = hasPreamble(file) ? 132 : (dataSetBeginning(file) ?? 0)
  let end = start
  while (end + 12 <= file.length && view.getUint16(end, true) === 2) {
    const long = /^(OB|UN|UT)$/.test(String.fromCharCode(file[end + 4]!, file[end + 5]!))
    end += long ? 12 + view.getUint32(end + 8, true) : 8 + view.getUint16(end + 6, true)
  }
  return { start, end: Math.min(end, file.length) }
}

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `dicom-transfer-syntax-unsupported` */
export function readFileElements(file: Uint8Array, name: string, options: ReadOptions): FileElements {
  const { bytes, start, transferSyntax, transferSyntaxUid } = parseDicom(file, name)
  const encoding = { littleEndian: transferSyntax.littleEndian, explicit: transferSyntax.explicit }
  return {
    ...readElements(bytes, { start, end: bytes.length }, encoding, name, options),
    meta: readElements(file, metaSpan(file), metaEncoding, name, { ...options, lenient: true }).elements,
    bytes,
    encoding,
    transferSyntaxUid,
  }
}

/** Text of one of the elements, in the repertoire that all character sets share; undefined where it is not there or empty. */
export function plainText(elements: readonly DicomElement[], tag: number, bytes: Uint8Array): string | undefined {
  const found = elements.find((element) => element.tag === tag)
  if (!found || found.items) return undefined
  return new TextDecoder('latin1').decode(bytes.subarray(found.value.start, found.value.end)).replace(/^ +|[\0 ]+$/g, '') || undefined
}

/** What a copy of a file takes at most; an enhanced object of 10,000 frames has some 500,000 elements. */
export const copyLimits = (dictionary: Dictionary): ReadOptions => ({ dictionary, limit: 2_000_000, depth: 64 })
