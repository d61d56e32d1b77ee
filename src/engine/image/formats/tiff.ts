/**
 * TIFF 6.0 and BigTIFF: grey, RGB, palette and CMYK in strips or tiles, whole numbers of 1 to 32 bits and floating-point
 * ones of 16 to 64, uncompressed, LZW, deflate, PackBits and JPEG. Each page is a frame with a size of its own; reduced
 * copies of a page are passed over. Resolution says how to print and not how large an organ is, so it makes no spacing.
 */
import { AssayError } from '../../../shared/errors'
import type { DecodedImage, ImageFile, StoredImage, StoredPixels } from '../decoded-image'
import { checkSize } from '../errors'
import { orientationNames, upright } from '../orientation'
import { sameKind } from '../same-kind'
import type { TiffStructure } from '../tiff/directory'
import { looksLikeTiff, openTiff, pictureDirectories } from '../tiff/directory'
import type { TiffPage } from '../tiff/page'
import { readPage } from '../tiff/page'
import { readPagePixels } from '../tiff/pixels'
import { cmykToRgb } from '../cmyk'
import type { ImageFormat } from './format'
import { alphaFact, firstSamples, hidesSomething, paletteColours, picture } from './picture'

export const tiffFormat: ImageFormat = {
  id: 'tiff',
  recognises: looksLikeTiff,
  open: async (bytes, name): Promise<ImageFile> => {
    const file = openTiff(bytes, name)
    const directories = pictureDirectories(file, name)
    readPage(file, directories[0]!, name)
    return {
      format: 'tiff',
      frames: directories.length,
      defaultFrame: 0,
      frame: async (index) => pageImage(file, readPage(file, directories[index]!, name), index, directories.length, name),
      stored: () => storedPages(file, directories, name),
    }
  },
}

async function pageImage(file: TiffStructure, page: TiffPage, frame: number, frames: number, name: string): Promise<DecodedImage> {
  const { bits, format, colours, samples, orientation } = page
  const stored = await readPagePixels(file, page, name)
  const { pixels, bitsStored } = toColours(stored, page, name)
  const shown = pixels.samples
  const { width, height, pixels: turned } = upright({ width: page.width, height: page.height, pixels: pixels.values }, shown, orientation)
  const alpha = page.extraSamples.at(-1) === 1 || page.extraSamples.at(-1) === 2
  const others = samples - (colours === 'CMYK' ? 4 : colours === 'palette' ? 1 : shown) - (alpha ? 1 : 0)
  return picture({
    format: 'tiff',
    title: 'TIFF',
    width,
    height,
    frame,
    frames,
    samples: shown,
    pixels: turned,
    bitsStored,
    bits: `${bits}${format === 'unsigned' ? '' : `, ${format}`}${colours === 'palette' ? ' (palette)' : ''}`,
    signed: format !== 'unsigned',
    photometric: shown === 3 ? 'RGB' : colours === 'white is zero' ? 'MONOCHROME1' : 'MONOCHROME2',
    more: [
      ...(frames > 1 ? [{ label: 'Pages', value: String(frames) }] : []),
      { label: 'Compression', value: page.compression },
      ...(colours === 'white is zero' ? [{ label: 'Photometric', value: 'white is zero' }] : []),
      ...(orientation === 1 ? [] : [{ label: 'Orientation', value: `turned by its orientation tag (${orientationNames[orientation]})` }]),
      ...(alpha ? [alphaFact(hidesSomething(stored, samples, format === 'unsigned' ? 2 ** bits - 1 : 1))] : []),
      ...(others > 0 ? [{ label: 'Further samples', value: `${others}, not used` }] : []),
    ],
  })
}

function toColours(stored: StoredPixels, { colours, samples, bits, palette }: TiffPage, name: string): { pixels: { samples: 1 | 3; values: StoredPixels }; bitsStored: number } {
  switch (colours) {
    case 'white is zero':
    case 'black is zero':
      // Halves and doubles come as floats of 32 bits.
      return { pixels: { samples: 1, values: firstSamples(stored, samples, 1) }, bitsStored: stored instanceof Float32Array ? 32 : bits }
    case 'RGB':
    case 'YCbCr':
      return { pixels: { samples: 3, values: firstSamples(stored, samples, 3) }, bitsStored: bits }
    case 'palette': {
      const indices = firstSamples(stored as Uint8Array, samples, 1)
      return { pixels: { samples: 3, values: paletteColours(indices, eightBits(palette!), name) }, bitsStored: 8 }
    }
    case 'CMYK':
      return { pixels: { samples: 3, values: cmykToRgb(firstSamples(stored as Uint8Array, samples, 4)) }, bitsStored: 8 }
  }
}

/** Palettes have 16 bits; some writers fill the lower half only. */
const eightBits = (palette: Uint16Array): Uint8Array => {
  const narrow = palette.every((value) => value < 256)
  return Uint8Array.from(palette, (value) => (narrow ? value : value >> 8))
}

async function storedPages(file: TiffStructure, directories: readonly number[], name: string): Promise<StoredImage> {
  const frames = directories.length
  let all: StoredPixels | undefined
  let first: TiffPage | undefined
  for (const [index, directory] of directories.entries()) {
    const page = readPage(file, directory, name)
    if (index === 0) checkSize(name, { ...page, frames })
    first ??= page
    if (page.width !== first.width || page.height !== first.height || page.samples !== first.samples || page.bits !== first.bits || page.format !== first.format)
      throw new AssayError('image-unsupported', `${name} has pages of several sizes or kinds, which make no single array; convert them to pictures one by one.`, { path: name, frames })
    const pixels = await readPagePixels(file, page, name)
    if (frames === 1) return { width: page.width, height: page.height, frames, samples: page.samples, pixels }
    all ??= sameKind(pixels, pixels.length * frames)
    all.set(pixels, index * pixels.length)
  }
  return { width: first!.width, height: first!.height, frames, samples: first!.samples, pixels: all! }
}
