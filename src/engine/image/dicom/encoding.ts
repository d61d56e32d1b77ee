/**
 * How a data set is written, told by its own bytes: files come without meta information, and with meta information that
 * is wrong. A declared encoding that fits the first elements is believed.
 */
import { itemTag, representations } from './element-syntax'
import type { Encoding } from './element-syntax'
import { HeaderReader } from './headers'

const explicits: readonly Encoding[] = [
  { littleEndian: true, explicit: true },
  { littleEndian: false, explicit: true },
]
const implicits: readonly Encoding[] = [
  { littleEndian: true, explicit: false },
  { littleEndian: false, explicit: false },
]

/** Elements that must follow one another in order before bytes without a VR are taken for a data set. */
const elementsToSee = 3

/** True where the first elements lie within the file, in ascending order and, where explicit, with VRs that exist. */
function fits(reader: HeaderReader, start: number, encoding: Encoding): boolean {
  const end = reader.bytes.length
  let at = start
  let before = -1
  for (let seen = 0; seen < elementsToSee; seen++) {
    if (at === end) return seen > 0
    if (at + 8 > end) return false
    const header = reader.likeliest(at, end, encoding)
    if (!header || header.tag <= before) return false
    const letters = String.fromCharCode(reader.bytes[at + 4]!, reader.bytes[at + 5]!)
    if (encoding.explicit && !representations.has(letters)) return false
    if (header.length === 0xffffffff) return header.dataOffset + 8 <= end && reader.tag(header.dataOffset, encoding) === itemTag
    // Cut within this element; VRs have shown enough by then.
    if (header.length > end - header.dataOffset) return encoding.explicit && seen > 0
    before = header.tag
    at = header.dataOffset + header.length
  }
  return true
}

/** @returns undefined where the bytes at `start` are no data set in any encoding. */
export function guessEncoding(bytes: Uint8Array, start: number, declared?: Encoding): Encoding | undefined {
  const reader = new HeaderReader(bytes)
  // VRs that exist are stronger evidence than lengths that fit.
  const order = declared?.explicit ? [declared, ...explicits, ...implicits] : [...explicits, ...(declared ? [declared] : []), ...implicits]
  return order.find((encoding) => fits(reader, start, encoding))
}

/** Groups that a file can begin with: meta information, a directory, identification. */
const firstGroups = new Set([2, 4, 8])

/** Where a file without "DICM" begins: with its first byte, behind a preamble of which the four letters are missing, or after the pad byte of an element that was cut off. */
const beginnings = [0, 128, 132, 1]

/** @returns undefined where there is no sign of DICOM. */
export function dataSetBeginning(bytes: Uint8Array): number | undefined {
  const reader = new HeaderReader(bytes)
  return beginnings.find((start) => {
    if (start + 16 > bytes.length) return false
    return [...explicits, ...implicits].some((encoding) => firstGroups.has(reader.tag(start, encoding) >>> 16) && fits(reader, start, encoding))
  })
}
