/** The frame header of a JPEG-LS stream (ITU-T T.87, annex C): SOF55, laid out as JPEG's are. */
import type { CodestreamHeader } from './frame'

/** Undefined where the bytes are no JPEG-LS. */
export function readJpegLsHeader(bytes: Uint8Array): CodestreamHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  const word = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!
  for (let at = 2; at + 10 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    if (marker === 0xf7) return { precision: bytes[at + 4]!, height: word(at + 5), width: word(at + 7), components: bytes[at + 9]! }
    if (marker === 0xda || marker === 0xd9) return undefined
    at += 2 + Math.max(2, word(at + 2))
  }
  return undefined
}
