/** The frame and first scan header of a JPEG-LS stream (ITU-T T.87, annex C): SOF55 and SOS, laid out as JPEG's are. */
import type { CodestreamHeader } from './frame'

export interface JpegLsHeader extends CodestreamHeader {
  /** How far samples may be from the original; 0 is lossless. */
  near: number
}

/** Undefined where the bytes are no JPEG-LS. */
export function readJpegLsHeader(bytes: Uint8Array): JpegLsHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  const word = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!
  let frame: CodestreamHeader | undefined
  for (let at = 2; at + 10 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    if (marker === 0xf7) frame = { precision: bytes[at + 4]!, height: word(at + 5), width: word(at + 7), components: bytes[at + 9]! }
    if (marker === 0xda) return frame && { ...frame, near: bytes[at + 5 + 2 * bytes[at + 4]!] ?? 0 }
    if (marker === 0xd9) return undefined
    at += 2 + Math.max(2, word(at + 2))
  }
  return undefined
}
