/**
 * The main header and the tile-parts of a JPEG 2000 codestream (ITU-T T.800, annex A), which HTJ2K shares: what it holds,
 * and whether it is all there. Decoders fill what is missing with grey.
 */
import { beginsWithBox, boxesOf } from './boxes'
import type { CodestreamHeader } from './frame'

export interface Jpeg2000Header extends CodestreamHeader {
  signed: boolean
  /** All components have the size of the image, and the same depth and sign. */
  uniform: boolean
  /** The image begins at the reference grid's origin. */
  atOrigin: boolean
  /** Components are transformed together (RCT or ICT), and come out as RGB. */
  colourTransform: boolean
  reversible: boolean
  /** Blocks are coded by Part 15 (HTJ2K). */
  highThroughput: boolean
  /** Needs extensions of Part 2. */
  partTwo: boolean
  /** The tile-parts end where they say, and the last is followed by the end marker. */
  whole: boolean
}

const SIZ = 0xff51
const COD = 0xff52
const SOT = 0xff90
const EOC = 0xffd9

/** The codestream itself, taken out of a JP2 file's boxes where a writer left them around it. */
export function jpeg2000Codestream(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length >= 4 && bytes[0] === 0xff && bytes[1] === 0x4f && bytes[2] === 0xff && bytes[3] === 0x51) return bytes
  if (!beginsWithBox(bytes, 'jP  ')) return undefined
  for (const { type, start, end } of boxesOf(bytes)) if (type === 'jp2c') return bytes.subarray(start, end)
  return undefined
}

/** @param bytes a codestream. Undefined where its main header cannot be read. */
export function readJpeg2000Header(bytes: Uint8Array): Jpeg2000Header | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => (at + 2 <= bytes.length ? view.getUint16(at) : 0)
  const long = (at: number) => (at + 4 <= bytes.length ? view.getUint32(at) : 0)
  if (word(2) !== SIZ || bytes.length < 45) return undefined
  const components = word(40)
  const depths = Array.from({ length: Math.min(components, 256) }, (_, i) => [bytes[42 + 3 * i]!, bytes[43 + 3 * i]!, bytes[44 + 3 * i]!])
  const [depth] = depths
  if (!depth) return undefined
  const header: Jpeg2000Header = {
    width: long(8) - long(16),
    height: long(12) - long(20),
    components,
    precision: (depth[0]! & 0x7f) + 1,
    signed: (depth[0]! & 0x80) !== 0,
    uniform: depths.every(([bits, dx, dy]) => bits === depth[0] && dx === 1 && dy === 1),
    atOrigin: long(16) === 0 && long(20) === 0,
    colourTransform: false,
    reversible: false,
    highThroughput: (word(6) & 0x4000) !== 0,
    partTwo: (word(6) & 0x8000) !== 0,
    whole: false,
  }
  let at = 2
  while (at + 4 <= bytes.length && word(at) !== SOT) {
    if (word(at) === COD) {
      header.colourTransform = bytes[at + 8] === 1
      header.reversible = bytes[at + 13] === 1
    }
    if (word(at) < 0xff00 || word(at + 2) < 2) return undefined
    at += 2 + word(at + 2)
  }
  header.whole = tilePartsAreWhole(bytes, at, word, long)
  return header
}

function tilePartsAreWhole(bytes: Uint8Array, first: number, word: (at: number) => number, long: (at: number) => number): boolean {
  let at = first
  let parts = 0
  while (word(at) === SOT) {
    const length = long(at + 6)
    // A length of zero runs to the end marker.
    if (length === 0) return endsWithMarker(bytes)
    if (length < 14 || at + length > bytes.length) return false
    at += length
    parts++
  }
  return parts > 0 && (word(at) === EOC || at === bytes.length)
}

/** Elements are padded to an even length, some writers pad to more. */
function endsWithMarker(bytes: Uint8Array): boolean {
  let end = bytes.length
  while (end > 2 && bytes[end - 1] === 0) end--
  return bytes[end - 2] === EOC >> 8 && bytes[end - 1] === (EOC & 0xff)
}

