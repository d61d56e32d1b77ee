/**
 * BMP: palettes of 1 to 8 bits, plain or as run lengths, and 16, 24 and 32 bits with any channel masks. A palette of
 * greys makes a grey picture, since the format knows no other. Alpha is dropped, as for PNG.
 */
import type { BmpHeader } from '../bmp/header'
import { looksLikeBmp, readBmpHeader } from '../bmp/header'
import { unpackRunLengths } from '../bmp/run-lengths'
import { truncated } from '../errors'
import type { ImageFormat } from './format'
import { alphaFact, firstSamples, paletteColours, picture, singlePicture } from './picture'

export const bmpFormat: ImageFormat = {
  id: 'bmp',
  recognises: looksLikeBmp,
  open: async (bytes, name) => {
    const header = readBmpHeader(bytes, name)
    const { width, height, bitsPerPixel, palette } = header
    const described = { format: 'bmp', title: 'BMP', width, height, bitsStored: 8 } as const
    if (!palette) {
      const pixels = readColours(bytes.subarray(header.offset), header, name)
      const image = picture({ ...described, samples: 3, pixels, bits: String(bitsPerPixel), more: header.masks?.[3] ? [alphaFact(false)] : [] })
      return singlePicture(image, { width, height, samples: 3, pixels })
    }
    const data = bytes.subarray(header.offset)
    const indices =
      header.compression === 'none' ? readIndices(data, header, name) : unpackRunLengths(data, width, height, header.compression === 'rle8' ? 8 : 4, name)
    const colours = paletteColours(indices, palette, name)
    const grey = isGrey(palette)
    const image = picture({ ...described, samples: grey ? 1 : 3, pixels: grey ? firstSamples(colours, 3, 1) : colours, bits: `${bitsPerPixel} (palette)` })
    return singlePicture(image, { width, height, samples: 1, pixels: indices })
  },
}

const isGrey = (palette: Uint8Array): boolean => palette.every((value, i) => value === palette[i - (i % 3)])

/** Rows begin on borders of four bytes. @throws AssayError `image-truncated` */
function rowStarts(data: Uint8Array, { width, height, bitsPerPixel, topDown }: BmpHeader, name: string): (row: number) => number {
  const rowBytes = Math.ceil((width * bitsPerPixel) / 8)
  const stride = Math.ceil(rowBytes / 4) * 4
  // The padding of the last row is often left out.
  const needed = stride * (height - 1) + rowBytes
  if (data.length < needed) throw truncated(name, `it holds ${data.length} of the ${needed} bytes that ${width} × ${height} pixels need`)
  return (row) => (topDown ? row : height - 1 - row) * stride
}

function readIndices(data: Uint8Array, header: BmpHeader, name: string): Uint8Array {
  const { width, height, bitsPerPixel: bits } = header
  const start = rowStarts(data, header, name)
  const out = new Uint8Array(width * height)
  const mask = 2 ** bits - 1
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0, from = start(y); x < width; x++) {
      const bit = x * bits
      out[to++] = (data[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask
    }
  return out
}

function readColours(data: Uint8Array, header: BmpHeader, name: string): Uint8Array {
  const { width, height, bitsPerPixel, masks } = header
  const start = rowStarts(data, header, name)
  const out = new Uint8Array(width * height * 3)
  const pixelBytes = bitsPerPixel / 8
  const channels = masks?.slice(0, 3).map(channelReader)
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0, from = start(y); x < width; x++, from += pixelBytes, to += 3) {
      if (!channels) {
        out[to] = data[from + 2]!
        out[to + 1] = data[from + 1]!
        out[to + 2] = data[from]!
        continue
      }
      const low = data[from]! | (data[from + 1]! << 8)
      const pixel = pixelBytes === 2 ? low : (low | (data[from + 2]! << 16) | (data[from + 3]! << 24)) >>> 0
      for (let channel = 0; channel < 3; channel++) out[to + channel] = channels[channel]!(pixel)
    }
  return out
}

/** One channel of a masked pixel at 8 bits; narrower ones are stretched to the full range. */
function channelReader(mask: number): (pixel: number) => number {
  const shift = 31 - Math.clz32(mask & -mask)
  const top = mask >>> shift
  return (pixel) => Math.floor((((pixel & mask) >>> shift) * 255) / top)
}
