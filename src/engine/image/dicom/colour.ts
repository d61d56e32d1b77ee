/**
 * Colour models of DICOM to RGB (PS3.3 C.7.6.3.1.2 for YBR, C.7.9 for palettes).
 */
import type { DataSet } from 'dicom-parser'
import type { StoredPixels } from '../decoded-image'
import { corrupt, unsupported } from '../errors'
import type { PixelDescription } from './pixel-description'

/** Full-range YCbCr of 8 bits, interleaved, to RGB (ITU-R BT.601 as PS3.3 prints it). */
export function ybrFullToRgb(ybr: ArrayLike<number>): Uint8Array {
  const rgb = new Uint8ClampedArray(ybr.length) // rounds and clamps
  for (let i = 0; i < ybr.length; i += 3) {
    const y = ybr[i]!
    const cb = ybr[i + 1]! - 128
    const cr = ybr[i + 2]! - 128
    rgb[i] = y + 1.402 * cr
    rgb[i + 1] = y - 0.344136 * cb - 0.714136 * cr
    rgb[i + 2] = y + 1.772 * cb
  }
  return new Uint8Array(rgb.buffer)
}

/** Y, Y, Cb, Cr for each pair of pixels to Y, Cb, Cr for each pixel. */
export function ybr422ToFull(quadruples: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array((quadruples.length / 2) * 3)
  for (let i = 0, o = 0; i + 3 < quadruples.length; i += 4) {
    for (const y of [quadruples[i]!, quadruples[i + 1]!]) {
      out[o++] = y
      out[o++] = quadruples[i + 2]!
      out[o++] = quadruples[i + 3]!
    }
  }
  return out
}

/** Palette indices to RGB. Table entries of 16 bits are kept as such. @throws AssayError `image-corrupt`, `image-unsupported`. */
export function paletteToRgb(indices: StoredPixels, dataSet: DataSet, description: PixelDescription, name: string): { pixels: Uint8Array | Uint16Array; bits: number } {
  const tables = [1, 2, 3].map((n) => readTable(dataSet, `x0028110${n}`, `x0028120${n}`, description, name))
  const bits = Math.max(...tables.map((table) => table.bits))
  const pixels = new (bits > 8 ? Uint16Array : Uint8Array)(indices.length * 3)
  for (const [channel, { first, values }] of tables.entries())
    for (let i = 0; i < indices.length; i++) {
      const index = Math.min(values.length - 1, Math.max(0, indices[i]! - first))
      pixels[i * 3 + channel] = values[index]!
    }
  return { pixels, bits }
}

function readTable(dataSet: DataSet, descriptorTag: string, dataTag: string, description: PixelDescription, name: string) {
  const element = dataSet.elements[dataTag]
  if (!element) {
    if (dataSet.elements[dataTag.replace('x0028120', 'x0028122')]) throw unsupported(name, 'a segmented colour palette')
    throw corrupt(name, 'its colour palette is missing')
  }
  const length = dataSet.uint16(descriptorTag, 0) || 65536 // 0 stands for 65536
  const first = (description.signed ? dataSet.int16(descriptorTag, 1) : dataSet.uint16(descriptorTag, 1)) ?? 0
  const bits = dataSet.uint16(descriptorTag, 2) === 8 ? 8 : 16
  const wide = element.length >= length * 2
  if (!wide && element.length < length) throw corrupt(name, `its colour palette holds ${element.length} of ${length} entries`)
  // An 8-bit table may be written one entry per word (PS3.3 C.7.6.3.1.6) or packed in bytes.
  const values = Uint16Array.from({ length }, (_, i) => (wide ? dataSet.uint16(dataTag, i)! : dataSet.byteArray[element.dataOffset + i]!))
  return { first, bits, values }
}
