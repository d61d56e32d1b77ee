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
      process: 'baseline' | 'extended' | 'progressive' | 'lossless' | 'arithmetic' | 'hierarchical'
      /** As the frame header numbers its components. */
      componentIds: number[]
      /** A JFIF marker: grey or YCbCr. */
      jfif: boolean
      /** Adobe's marker: 0 for untransformed components (RGB, CMYK), 1 for YCbCr, 2 for YCCK. */
      adobeTransform?: number
    }
  | { status: 'truncated' }
  | { status: 'damaged'; why: string }

export type WholeJpeg = Extract<JpegHeader, { status: 'whole' }>

const processOf = (marker: number) =>
  marker === 0xc0 ? 'baseline' : marker >= 0xc9 ? 'arithmetic' : marker === 0xc1 || marker === 0xc5 ? 'extended' : marker === 0xc2 || marker === 0xc6 ? 'progressive' : 'lossless'

const isFrameHeader = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const says = (bytes: Uint8Array, at: number, text: string) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))

export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  let frame: WholeJpeg | undefined
  let jfif = false
  let adobeTransform: number | undefined
  let hierarchical = false
  let scans = 0
  /** Components of all scans; of sequential and lossless streams each is in one. */
  let scanned = 0
  let at = 2
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return { status: 'damaged', why: `a JPEG marker is missing at byte ${at}` }
    while (bytes[at] === 0xff) at++ // fill bytes before a marker are allowed
    if (at >= bytes.length) break
    const marker = bytes[at++]!
    if (marker === 0xd9) {
      if (!frame || scans === 0) return { status: 'damaged', why: 'it holds no JPEG image' }
      if (scanned < frame.components) return { status: 'damaged', why: 'its JPEG data lacks a scan' }
      return { ...frame, ...(hierarchical && { process: 'hierarchical' as const }), jfif, ...(adobeTransform !== undefined && { adobeTransform }) }
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue // no parameters
    if (at + 2 > bytes.length) break
    const length = (bytes[at]! << 8) | bytes[at + 1]!
    if (length < 2) return { status: 'damaged', why: `the JPEG segment at byte ${at} has no length` }
    if (at + length > bytes.length) break
    if (marker === 0xde) hierarchical = true
    if (marker === 0xe0 && length >= 7 && says(bytes, at + 2, 'JFIF\0')) jfif = true
    if (marker === 0xee && length >= 14 && says(bytes, at + 2, 'Adobe')) adobeTransform = bytes[at + 13]!
    // A hierarchical stream has a frame for each of its sizes, and says the last one before them.
    if (isFrameHeader(marker) && length >= 8 && !(hierarchical && frame)) {
      if (frame) return { status: 'damaged', why: 'it holds more than one JPEG frame header' }
      const components = bytes[at + 7]!
      if (length < 8 + 3 * components) return { status: 'damaged', why: 'its JPEG frame header is too short' }
      frame = {
        status: 'whole',
        precision: bytes[at + 2]!,
        height: (bytes[at + 3]! << 8) | bytes[at + 4]!,
        width: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        components,
        process: processOf(marker),
        componentIds: Array.from({ length: components }, (_, i) => bytes[at + 8 + 3 * i]!),
        jfif: false,
      }
    }
    if (marker === 0xda) scanned += bytes[at + 2]!
    at += length
    if (marker === 0xda) {
      scans++
      // Entropy-coded data runs to the next marker that is neither a stuffed zero nor a restart.
      for (;;) {
        at = bytes.indexOf(0xff, at)
        if (at < 0 || at + 1 >= bytes.length) return { status: 'truncated' }
        const next = bytes[at + 1]!
        if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) break
        at += 2
      }
    }
  }
  return { status: 'truncated' }
}

/** The colour model of three components, by the same signs that libjpeg reads; undefined where the stream does not say. */
export function jpegColourModel({ jfif, adobeTransform, componentIds }: WholeJpeg): 'YCbCr' | 'RGB' | undefined {
  if (jfif) return 'YCbCr'
  if (adobeTransform !== undefined) return adobeTransform === 0 ? 'RGB' : 'YCbCr'
  return String.fromCharCode(...componentIds) === 'RGB' ? 'RGB' : undefined
}
