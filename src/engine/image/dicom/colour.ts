/**
 * Colour models of DICOM to RGB (PS3.3 C.7.6.3.1.2 for YBR, C.7.9 for palettes).
 */
import type { DataSet } from 'dicom-parser'
import type { StoredPixels } from '../decoded-image'
import { corrupt } from '../errors'
import { readLookupTable, TableError } from './lookup-tables'
import type { PixelDescription } from './pixel-description'

/** A range that luma and chroma are stored in: R, G and B of 0 to 1 from (Y − black) and (C − middle). */
interface YbrRange {
  black: number
  luma: number
  chroma: number
}
const full: YbrRange = { black: 0, luma: 1, chroma: 1 }
/** ITU-R BT.601 for video: luma from 16 to 235, chroma from 16 to 240 of 255. */
const partial: YbrRange = { black: 16, luma: 255 / 219, chroma: 255 / 224 }

/**
 * YCbCr, interleaved, to RGB of as many bits.
 * @param kind YBR_FULL or YBR_PARTIAL: the range that values use
 */
export function ybrToRgb(ybr: ArrayLike<number>, bits: number, kind: 'full' | 'partial' = 'full'): Uint8Array | Uint16Array {
  const { black, luma, chroma } = kind === 'full' ? full : partial
  const top = 2 ** bits - 1
  const unit = 2 ** (bits - 8)
  const middle = 2 ** (bits - 1)
  const rgb = new (bits <= 8 ? Uint8Array : Uint16Array)(ybr.length)
  const clamped = (value: number): number => (value <= 0 ? 0 : value >= top ? top : Math.round(value))
  for (let i = 0; i + 2 < ybr.length; i += 3) {
    const y = (ybr[i]! - black * unit) * luma
    const cb = (ybr[i + 1]! - middle) * chroma
    const cr = (ybr[i + 2]! - middle) * chroma
    rgb[i] = clamped(y + 1.402 * cr)
    rgb[i + 1] = clamped(y - 0.344136 * cb - 0.714136 * cr)
    rgb[i + 2] = clamped(y + 1.772 * cb)
  }
  return rgb
}

/**
 * Native 4:2:2, Y, Y, Cb, Cr for each pair of pixels, to Y, Cb, Cr for each pixel. Pairs run on across rows unless each
 * row has a pixel too many in its last.
 */
export function withoutSubsampling(quadruples: StoredPixels, { rows, columns, oddPairs }: PixelDescription): StoredPixels {
  const out = new (quadruples.constructor as new (length: number) => StoredPixels)(rows * columns * 3)
  const stride = columns + (oddPairs ? 1 : 0)
  for (let row = 0, o = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const pixel = row * stride + column
      const pair = (pixel >> 1) * 4
      out[o++] = quadruples[pair + (pixel & 1)]!
      out[o++] = quadruples[pair + 2]!
      out[o++] = quadruples[pair + 3]!
    }
  return out
}

/** Palette indices to RGB. Table entries of more than 8 bits are kept as such. @throws AssayError `image-corrupt` */
export function paletteToRgb(indices: StoredPixels, dataSet: DataSet, { signed }: PixelDescription, name: string): { pixels: Uint8Array | Uint16Array; bits: number } {
  const tables = [1, 2, 3].map((n) => {
    try {
      return readLookupTable(dataSet, { descriptor: `x0028110${n}`, data: `x0028120${n}`, segmented: `x0028122${n}` }, signed)
    } catch (error) {
      if (error instanceof TableError) throw corrupt(name, `its colour palette ${error.message}`, { format: 'dicom' })
      throw error
    }
  })
  const bits = Math.max(...tables.map((table) => table.bits))
  const pixels = new (bits > 8 ? Uint16Array : Uint8Array)(indices.length * 3)
  for (const [channel, { first, values }] of tables.entries())
    for (let i = 0; i < indices.length; i++) {
      const index = Math.min(values.length - 1, Math.max(0, indices[i]! - first))
      pixels[i * 3 + channel] = values[index]!
    }
  return { pixels, bits }
}
