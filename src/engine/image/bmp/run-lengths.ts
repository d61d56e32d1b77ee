/**
 * BMP run lengths, RLE8 and RLE4 (Windows SDK, "Bitmap Compression"): palette indices of rows from the bottom up.
 */
import { corrupt, truncated } from '../errors'

/**
 * @returns [height, width] indices, top row first. What a file skips over is index 0.
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function unpackRunLengths(data: Uint8Array, width: number, height: number, bits: 4 | 8, name: string): Uint8Array {
  // Two bytes make at most 255 pixels.
  if (data.length * 128 < width * height) throw truncated(name, `its data cannot fill ${width} × ${height} pixels`)
  const out = new Uint8Array(width * height)
  let x = 0
  let row = 0
  let at = 0
  const put = (index: number) => {
    if (x >= width || row >= height) throw corrupt(name, 'its BMP run lengths lead out of the picture')
    out[(height - 1 - row) * width + x++] = index
  }
  for (;;) {
    // Some writers leave out the end mark after the last row.
    if (at + 2 > data.length) {
      if (row >= height || (row === height - 1 && x === width)) return out
      throw truncated(name, 'its BMP run lengths stop early')
    }
    const count = data[at++]!
    const value = data[at++]!
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : i & 1 ? value & 15 : value >> 4)
    } else if (value === 0) {
      x = 0
      row++
    } else if (value === 1) {
      return out
    } else if (value === 2) {
      if (at + 2 > data.length) throw truncated(name, 'its BMP run lengths stop early')
      x += data[at++]!
      row += data[at++]!
    } else {
      const length = bits === 8 ? value : Math.ceil(value / 2)
      if (at + length > data.length) throw truncated(name, 'its BMP run lengths stop early')
      for (let i = 0; i < value; i++) put(bits === 8 ? data[at + i]! : i & 1 ? data[at + (i >> 1)]! & 15 : data[at + (i >> 1)]! >> 4)
      at += length + (length & 1)
    }
  }
}
