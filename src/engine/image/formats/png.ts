/**
 * PNG (ISO/IEC 15948) through fast-png: grey, grey + alpha, RGB, RGBA and palette, 1 to 16 bits.
 *
 * Alpha is dropped, not composited: the stored samples are what a classifier's own preprocessing sees
 * (PIL's convert does the same), and hiding them behind alpha must not hide them from screening.
 */
import { decode } from 'fast-png'
import type { DecodedPng } from 'fast-png'
import { inflateSync } from 'node:zlib'
import { fullWindow, singleImage } from '../decoded-image'
import { checkSize, corrupt, truncated, unsupported } from '../errors'
import type { ImageFormat } from './format'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const samplesOfColourType: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

export const pngFormat: ImageFormat = {
  id: 'png',
  recognises: (bytes) => bytes.length >= signature.length && signature.every((byte, i) => bytes[i] === byte),
  open: async (bytes, name) => {
    const header = checkStructure(bytes, name)
    const png = decode(bytes, { checkCrc: true })
    const { pixels, samples } = toStoredPixels(png, header.colourType, name)
    const bitsStored = png.palette ? 8 : png.depth
    return singleImage({
      format: 'png',
      width: png.width,
      height: png.height,
      frames: 1,
      frame: 0,
      samples,
      pixels,
      bitsStored,
      signed: false,
      photometric: samples === 3 ? 'RGB' : 'MONOCHROME2',
      rescale: { slope: 1, intercept: 0 },
      unit: '',
      windows: [fullWindow(0, 2 ** bitsStored - 1)],
      facts: [
        { label: 'Format', value: 'PNG' },
        { label: 'Size', value: `${png.width} × ${png.height}` },
        { label: 'Bits', value: `${png.depth}${png.palette ? ' (palette)' : ''}` },
        { label: 'Colour', value: samples === 3 ? 'RGB' : 'grey' },
        ...(header.colourType >= 4 ? [{ label: 'Alpha', value: 'not used' }] : []),
      ],
    })
  },
}

interface Header {
  colourType: number
}

/** Walks the chunks before anything is decoded: all there, of a possible size, and with as much data as the header promises. */
function checkStructure(bytes: Uint8Array, name: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data: Uint8Array[] = []
  let offset = signature.length
  for (;;) {
    if (offset + 12 > bytes.length) throw truncated(name, 'its last PNG chunk is missing')
    const length = view.getUint32(offset)
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8))
    if (offset + 12 + length > bytes.length) throw truncated(name, `its ${type} chunk says ${length} bytes and ${bytes.length - offset - 12} are there`)
    if (offset === signature.length && (type !== 'IHDR' || length !== 13)) throw corrupt(name, 'it does not begin with a PNG header')
    if (type === 'IDAT') data.push(bytes.subarray(offset + 8, offset + 8 + length))
    offset += 12 + length
    if (type === 'IEND') break
  }
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  const depth = view.getUint8(24)
  const colourType = view.getUint8(25)
  const interlaced = view.getUint8(28) === 1
  const samples = samplesOfColourType[colourType]
  if (samples === undefined) throw corrupt(name, `PNG colour type ${colourType} does not exist`)
  checkSize(name, { width, height, samples })
  if (interlaced && depth < 8) throw unsupported(name, `interlaced PNG data of ${depth} bits`)

  // Inflated once with a ceiling, so that a small file cannot unfold into memory that its header does not account for.
  const rowBytes = (columns: number) => Math.ceil((columns * samples * depth) / 8) + 1
  const expected = interlaced
    ? adam7.reduce((sum, [x, y, dx, dy]) => {
        const columns = Math.ceil((width - x) / dx)
        const rows = Math.ceil((height - y) / dy)
        return sum + (columns > 0 && rows > 0 ? rows * rowBytes(columns) : 0)
      }, 0)
    : height * rowBytes(width)
  // Deflate cannot pack more than 1032 to 1.
  if (data.reduce((sum, part) => sum + part.length, 0) * 1032 < expected) throw truncated(name, `its data cannot fill ${width} × ${height} pixels`)
  let actual: number
  try {
    actual = inflateSync(Buffer.concat(data), { maxOutputLength: expected }).length
  } catch (cause) {
    if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') throw truncated(name, 'its compressed data stops early')
    if (cause instanceof RangeError) throw corrupt(name, `it holds more data than ${width} × ${height} pixels need`)
    throw corrupt(name, 'its compressed data cannot be unpacked', {}, cause)
  }
  if (actual < expected) throw truncated(name, `it holds ${actual} of the ${expected} bytes that ${width} × ${height} pixels need`)
  return { colourType }
}

/** Passes of Adam7 interlacing: first column, first row, column step, row step. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

function toStoredPixels(png: DecodedPng, colourType: number, name: string): { pixels: Uint8Array | Uint16Array; samples: 1 | 3 } {
  const data: Uint8Array | Uint16Array = png.depth === 16 ? (png.data as Uint16Array) : unpacked(png)
  if (png.palette) return { pixels: paletteColours(data, png.palette, name), samples: 3 }
  if (colourType < 4) return { pixels: data, samples: colourType === 2 ? 3 : 1 }
  const samples = colourType === 4 ? 1 : 3
  const pixels = new (png.depth === 16 ? Uint16Array : Uint8Array)(png.width * png.height * samples)
  for (let from = 0, to = 0; to < pixels.length; from++) if (from % (samples + 1) !== samples) pixels[to++] = data[from]!
  return { pixels, samples }
}

/** Samples of 1, 2 and 4 bits, each in a byte of its own; rows begin on byte borders. Values are not stretched. */
function unpacked(png: DecodedPng): Uint8Array {
  const packed = png.data as Uint8Array
  if (png.depth >= 8) return packed
  const out = new Uint8Array(png.width * png.height)
  const rowBytes = Math.ceil((png.width * png.depth) / 8)
  const mask = (1 << png.depth) - 1
  for (let y = 0; y < png.height; y++)
    for (let x = 0; x < png.width; x++) {
      const bit = x * png.depth
      out[y * png.width + x] = (packed[y * rowBytes + (bit >> 3)]! >> (8 - png.depth - (bit & 7))) & mask
    }
  return out
}

function paletteColours(indices: Uint8Array | Uint16Array, palette: number[][], name: string): Uint8Array {
  const out = new Uint8Array(indices.length * 3)
  for (let i = 0; i < indices.length; i++) {
    const colour = palette[indices[i]!]
    if (!colour) throw corrupt(name, `it uses colour ${indices[i]} of a palette of ${palette.length}`)
    out[i * 3] = colour[0]!
    out[i * 3 + 1] = colour[1]!
    out[i * 3 + 2] = colour[2]!
  }
  return out
}
