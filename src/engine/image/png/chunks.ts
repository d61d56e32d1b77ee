/**
 * Walks the chunks of a PNG file (ISO/IEC 15948, clause 5): all there, undamaged and of a possible size, before anything
 * is unpacked. Of the ancillary chunks only tRNS is looked at. The first picture of an animated PNG is its IDAT, too.
 */
import { crc32 } from 'node:zlib'
import { checkSize, corrupt, truncated, unsupported } from '../errors'

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

/** Colour type → samples per pixel and permitted bits per sample. */
const colourTypes = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
])

export interface PngChunks {
  width: number
  height: number
  depth: number
  /** Samples per pixel as stored, alpha included. */
  samples: number
  interlaced: boolean
  /** Red, green and blue of each entry; set where pixels are palette indices. */
  palette?: Uint8Array
  /** The colour, or the alpha of palette entries, that are transparent. */
  transparency?: Uint8Array
  /** The compressed data, in parts. */
  data: Uint8Array[]
  /** A critical chunk whose checksum is wrong. */
  damaged?: string
}

/** Writers put 8 KiB and more into a chunk; a hostile file could otherwise make one of every twelve of its bytes. */
const maximumParts = 2 ** 20

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `image-unsupported` */
export function readPngChunks(bytes: Uint8Array, name: string): PngChunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data: Uint8Array[] = []
  let header: Uint8Array | undefined
  let palette: Uint8Array | undefined
  let transparency: Uint8Array | undefined
  let damaged: string | undefined
  for (let offset = pngSignature.length; ; ) {
    if (offset + 12 > bytes.length) throw truncated(name, 'its last PNG chunk is missing')
    const length = view.getUint32(offset)
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8))
    const content = bytes.subarray(offset + 8, offset + 8 + length)
    if (offset + 12 + length > bytes.length)
      throw truncated(name, `its ${/^[A-Za-z]{4}$/.test(type) ? type : 'next'} chunk says ${length} bytes and ${Math.max(0, bytes.length - offset - 12)} are there`)
    const critical = (bytes[offset + 4]! & 0x20) === 0
    // Damage in a note does not touch the picture.
    if (critical && crc32(bytes.subarray(offset + 4, offset + 8 + length)) !== view.getUint32(offset + 8 + length)) damaged ??= type
    if (!header && type === 'CgBI') throw unsupported(name, "Apple's own variant of PNG")
    if (!header && (type !== 'IHDR' || length !== 13)) throw corrupt(name, 'it does not begin with a PNG header')
    offset += 12 + length
    if (type === 'IHDR') header ??= content
    else if (type === 'PLTE') palette ??= content
    else if (type === 'tRNS') transparency ??= content
    else if (type === 'IDAT') {
      if (data.length === maximumParts) throw corrupt(name, 'its picture data is in millions of pieces')
      if (length > 0) data.push(content)
    }
    else if (type === 'IEND') break
    else if (critical) throw unsupported(name, `a PNG chunk ${type}`)
  }
  return { ...readHeader(header!, palette, name), ...(transparency && { transparency }), ...(damaged && { damaged }), data }
}

function readHeader(header: Uint8Array, palette: Uint8Array | undefined, name: string): Omit<PngChunks, 'data' | 'transparency' | 'damaged'> {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const width = view.getUint32(0)
  const height = view.getUint32(4)
  const [depth, colourType, compression, filter, interlace] = [...header.subarray(8)] as [number, number, number, number, number]
  const colours = colourTypes.get(colourType)
  if (!colours?.depths.includes(depth)) throw corrupt(name, `PNG colour type ${colourType} with ${depth} bits does not exist`)
  if (compression !== 0 || filter !== 0 || interlace > 1) throw corrupt(name, 'its PNG header names methods that do not exist')
  const { samples } = colours
  checkSize(name, { width, height, samples: colourType === 3 ? 3 : samples })
  const common = { width, height, depth, samples, interlaced: interlace === 1 }
  if (colourType !== 3) return common
  if (!palette || palette.length === 0 || palette.length > 768 || palette.length % 3 !== 0) throw corrupt(name, 'its palette is missing or broken')
  return { ...common, palette }
}
