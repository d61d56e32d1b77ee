/**
 * PNG (ISO/IEC 15948): grey, grey + alpha, RGB, RGBA and palette, 1 to 16 bits, interlaced or not; of an animated PNG
 * the first picture. The reader is our own: what a hostile file may unfold into stays bounded, and samples below 8 bits
 * are exact also when interlaced.
 *
 * Alpha is dropped, not composited: the stored samples are what a classifier's own preprocessing sees
 * (PIL's convert does the same), and hiding them behind alpha must not hide them from screening. Gamma, profiles and
 * significant bits do not change stored values.
 */
import { corrupt } from '../errors'
import type { PngChunks } from '../png/chunks'
import { pngSignature, readPngChunks } from '../png/chunks'
import { readScanlines } from '../png/scanlines'
import type { ImageFormat } from './format'
import { alphaFact, firstSamples, hidesSomething, paletteColours, picture, singlePicture } from './picture'

export const pngFormat: ImageFormat = {
  id: 'png',
  recognises: (bytes) => bytes.length >= pngSignature.length && pngSignature.every((byte, i) => bytes[i] === byte),
  open: async (bytes, name) => {
    const png = readPngChunks(bytes, name)
    const { width, height, depth, palette } = png
    if (png.data.length === 0) throw corrupt(name, 'it holds no picture data')
    const stored = readScanlines(png, name)
    if (png.damaged) throw corrupt(name, `the checksum of its ${png.damaged} chunk is wrong`)
    const samples = palette || png.samples >= 3 ? 3 : 1
    const hides = transparent(png, stored)
    const image = picture({
      format: 'png',
      title: 'PNG',
      width,
      height,
      samples,
      pixels: palette ? paletteColours(stored, palette, name) : firstSamples(stored, png.samples, samples),
      bitsStored: palette ? 8 : depth,
      bits: `${depth}${palette ? ' (palette)' : ''}`,
      more: hides === undefined ? [] : [alphaFact(hides)],
    })
    return singlePicture(image, { width, height, samples: png.samples, pixels: stored })
  },
}

/** Whether transparency hides some pixel; undefined where the file has none. */
function transparent({ depth, samples, palette, transparency }: PngChunks, stored: Uint8Array | Uint16Array): boolean | undefined {
  if (samples === 2 || samples === 4) return hidesSomething(stored, samples, 2 ** depth - 1)
  if (!transparency) return undefined
  if (palette) return stored.some((index) => index < transparency.length && transparency[index]! < 255)
  if (transparency.length < samples * 2) return undefined
  const key = Array.from({ length: samples }, (_, i) => ((transparency[i * 2]! << 8) | transparency[i * 2 + 1]!) & (2 ** depth - 1))
  for (let i = 0; i < stored.length; i += samples) if (key.every((value, sample) => stored[i + sample] === value)) return true
  return false
}
