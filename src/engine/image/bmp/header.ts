/**
 * BMP headers (BITMAPCOREHEADER to BITMAPV5HEADER of the Windows SDK, and OS/2 2.x): size, layout, palette, channel masks.
 */
import { checkSize, corrupt, truncated, unsupported } from '../errors'

export interface BmpHeader {
  width: number
  height: number
  /** Rows are stored from the bottom up unless the height is negative. */
  topDown: boolean
  bitsPerPixel: 1 | 2 | 4 | 8 | 16 | 24 | 32
  compression: 'none' | 'rle8' | 'rle4'
  /** Red, green and blue of each entry; set up to 8 bits per pixel. */
  palette?: Uint8Array
  /** Red, green, blue and alpha bits of a 16- or 32-bit pixel; a mask of 0 for what is not there. */
  masks?: [number, number, number, number]
  /** Where the pixels begin. */
  offset: number
}

const compressionNames: Record<number, string> = { 3: 'fax compression', 4: 'JPEG data', 5: 'PNG data', 11: 'CMYK colours', 12: 'CMYK colours', 13: 'CMYK colours' }
const headerSizes = new Set([12, 16, 40, 52, 56, 64, 108, 124])

export function looksLikeBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false
  return headerSizes.has(new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true))
}

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `image-unsupported` */
export function readBmpHeader(bytes: Uint8Array, name: string): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes.length >= 18 ? view.getUint32(14, true) : 0
  if (bytes.length < 14 + Math.max(size, 12)) throw truncated(name, 'its BMP header is not complete')
  const core = size === 12
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signedHeight)
  const bitsPerPixel = view.getUint16(core ? 24 : 28, true)
  const method = core || size < 20 ? 0 : view.getUint32(30, true)
  const os2 = size === 16 || size === 64
  if (![1, 2, 4, 8, 16, 24, 32].includes(bitsPerPixel)) throw corrupt(name, `BMP pixels of ${bitsPerPixel} bits do not exist`)
  checkSize(name, { width, height, samples: bitsPerPixel <= 8 ? 1 : 3 })
  const compression = method === 1 && bitsPerPixel === 8 ? 'rle8' : method === 2 && bitsPerPixel === 4 ? 'rle4' : 'none'
  const masked = !os2 && (method === 3 || method === 6) && (bitsPerPixel === 16 || bitsPerPixel === 32)
  if (method !== 0 && compression === 'none' && !masked) {
    if (os2 && method === 4) throw unsupported(name, '24-bit run lengths of OS/2')
    throw unsupported(name, compressionNames[method] ?? `BMP compression ${method} with ${bitsPerPixel} bits`)
  }
  if (compression !== 'none' && signedHeight < 0) throw corrupt(name, 'BMP run lengths cannot run top to bottom')

  // With the oldest full header the masks follow it; later headers have them inside, at the same place.
  const masksInside = size >= 52 && !os2
  const maskCount = method === 6 || size >= 56 ? 4 : 3
  const tables = 14 + size + (masked && !masksInside ? maskCount * 4 : 0)
  const declared = view.getUint32(10, true)
  const offset = declared === 0 ? tables : declared
  if (tables > bytes.length || offset > bytes.length) throw truncated(name, 'its BMP pixels are missing')
  if (offset < tables) throw corrupt(name, 'its BMP pixels begin inside its header')
  const common = { width, height, topDown: signedHeight < 0, bitsPerPixel: bitsPerPixel as BmpHeader['bitsPerPixel'], compression, offset } as const
  if (bitsPerPixel <= 8) {
    const declaredColours = core || size < 36 ? 0 : view.getUint32(46, true)
    return { ...common, palette: readPalette(bytes.subarray(tables, offset), core ? 3 : 4, Math.min(2 ** bitsPerPixel, declaredColours || 2 ** bitsPerPixel)) }
  }
  if (bitsPerPixel === 24) return common
  const mask = (index: number) => (index < maskCount ? view.getUint32(54 + index * 4, true) : 0)
  if (masked) return { ...common, masks: checkMasks([mask(0), mask(1), mask(2), mask(3)], bitsPerPixel, name) }
  return { ...common, masks: bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0] }
}

/** As many entries as there is room for before the pixels. */
function readPalette(table: Uint8Array, entryBytes: 3 | 4, colours: number): Uint8Array {
  const entries = Math.min(colours, Math.floor(table.length / entryBytes))
  const palette = new Uint8Array(entries * 3)
  for (let i = 0; i < entries; i++) for (let channel = 0; channel < 3; channel++) palette[i * 3 + channel] = table[i * entryBytes + 2 - channel]!
  return palette
}

/** Masks are runs of bits that do not overlap. */
function checkMasks(masks: [number, number, number, number], bits: number, name: string): [number, number, number, number] {
  let seen = 0
  for (const [index, mask] of masks.entries()) {
    const run = mask === 0 ? 0 : mask / (mask & -mask) // the lowest bit divided out; 2^n − 1 for one run
    const oneRun = mask !== 0 && (Math.abs(run) & (Math.abs(run) + 1)) === 0
    if ((index < 3 && !oneRun) || (seen & mask) !== 0 || mask >= 2 ** bits) throw corrupt(name, 'its BMP colour masks make no sense')
    seen |= mask
  }
  return masks
}
