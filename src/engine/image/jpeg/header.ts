/**
 * Walks the markers of a JPEG stream (ITU-T T.81, annex B): its size before anything is allocated, and whether it is whole.
 * libjpeg fills what is missing from a cut file with grey and calls that a warning; a scan must not be read like that.
 */
export type JpegHeader =
  | {
      status: 'whole'
      width: number
      height: number
      components: number
      precision: number
      process: 'baseline' | 'extended' | 'progressive' | 'lossless' | 'arithmetic'
    }
  | { status: 'truncated' }
  | { status: 'damaged'; why: string }

const processOf = (marker: number) =>
  marker === 0xc0 ? 'baseline' : marker >= 0xc9 ? 'arithmetic' : marker === 0xc1 || marker === 0xc5 ? 'extended' : marker === 0xc2 || marker === 0xc6 ? 'progressive' : 'lossless'

const isFrameHeader = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  let frame: Extract<JpegHeader, { status: 'whole' }> | undefined
  let scans = 0
  let at = 2
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return { status: 'damaged', why: `a JPEG marker is missing at byte ${at}` }
    while (bytes[at] === 0xff) at++ // fill bytes before a marker are allowed
    if (at >= bytes.length) break
    const marker = bytes[at++]!
    if (marker === 0xd9) {
      if (!frame || scans === 0) return { status: 'damaged', why: 'it holds no JPEG image' }
      return frame
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue // no parameters
    if (at + 2 > bytes.length) break
    const length = (bytes[at]! << 8) | bytes[at + 1]!
    if (length < 2) return { status: 'damaged', why: `the JPEG segment at byte ${at} has no length` }
    if (at + length > bytes.length) break
    if (isFrameHeader(marker) && length >= 8) {
      frame = {
        status: 'whole',
        precision: bytes[at + 2]!,
        height: (bytes[at + 3]! << 8) | bytes[at + 4]!,
        width: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        components: bytes[at + 7]!,
        process: processOf(marker),
      }
    }
    at += length
    if (marker === 0xda) {
      scans++
      // Entropy-coded data runs to the next marker that is neither a stuffed zero nor a restart.
      while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && !(bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7))) at++
    }
  }
  return { status: 'truncated' }
}
