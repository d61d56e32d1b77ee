/**
 * What pictures that are not DICOM have in common: no modality, no rescaling, alpha that is dropped, palettes.
 */
import type { DecodedImage, ImageFile, StoredImage, StoredPixels } from '../decoded-image'
import { fullWindow } from '../decoded-image'
import { corrupt } from '../errors'
import { greyWindows } from '../grey-windows'
import { sameKind } from '../same-kind'

type Described = Pick<DecodedImage, 'format' | 'width' | 'height' | 'samples' | 'pixels' | 'bitsStored'> &
  Partial<Pick<DecodedImage, 'signed' | 'photometric' | 'frame' | 'frames'>> & {
    /** The format's name with what is special about it, "JPEG, progressive". */
    title: string
    /** Replaces the plain number of bits in the facts. */
    bits?: string
    /** Facts beyond format, size, bits and colour. */
    more?: DecodedImage['facts']
  }

/** A DecodedImage of values that mean nothing but grey or colour. */
export function picture(described: Described): DecodedImage {
  const { title, bits, more = [], signed = false, frame = 0, frames = 1, ...rest } = described
  const { samples, bitsStored, pixels, width, height } = described
  return {
    ...rest,
    signed,
    frame,
    frames,
    photometric: described.photometric ?? (samples === 3 ? 'RGB' : 'MONOCHROME2'),
    rescale: { slope: 1, intercept: 0 },
    unit: '',
    windows: samples === 3 ? [fullWindow(0, 2 ** bitsStored - 1)] : greyWindows(pixels, bitsStored, signed),
    facts: [
      { label: 'Format', value: title },
      { label: 'Size', value: `${width} × ${height}` },
      { label: 'Bits', value: bits ?? String(bitsStored) },
      { label: 'Colour', value: samples === 3 ? 'RGB' : 'grey' },
      ...more,
    ],
  }
}

/** The file of one picture whose stored values are not those of the decoded image. */
export const singlePicture = (image: DecodedImage, stored: Omit<StoredImage, 'frames'>): ImageFile => ({
  format: image.format,
  frames: 1,
  defaultFrame: 0,
  frame: async () => image,
  stored: async () => ({ ...stored, frames: 1 }),
})

/** The first `kept` samples of each pixel. */
export function firstSamples<T extends StoredPixels>(pixels: T, samples: number, kept: number): T {
  if (samples === kept) return pixels
  const out = sameKind(pixels, (pixels.length / samples) * kept)
  for (let from = 0, to = 0; from < pixels.length; from += samples) for (let sample = 0; sample < kept; sample++) out[to++] = pixels[from + sample]!
  return out
}

/** Whether the last sample of some pixel, its alpha, is below `opaque`. */
export function hidesSomething(pixels: StoredPixels, samples: number, opaque: number): boolean {
  for (let i = samples - 1; i < pixels.length; i += samples) if (pixels[i]! < opaque) return true
  return false
}

/** What the facts say of alpha, which is dropped and not composited. */
export const alphaFact = (hides: boolean) => ({ label: 'Alpha', value: hides ? 'not used; parts that it hides are shown' : 'not used' })

/**
 * Palette indices to RGB, [pixels, 3].
 * @param palette red, green and blue of each entry, one after another. @throws AssayError `image-corrupt` for an index beyond it.
 */
export function paletteColours<T extends Uint8Array | Uint16Array>(indices: Uint8Array | Uint16Array, palette: T, name: string): T {
  const out = sameKind(palette, indices.length * 3)
  for (let i = 0; i < indices.length; i++) {
    const entry = indices[i]! * 3
    if (entry + 2 >= palette.length) throw corrupt(name, `it uses colour ${indices[i]} of a palette of ${Math.floor(palette.length / 3)}`)
    out[i * 3] = palette[entry]!
    out[i * 3 + 1] = palette[entry + 1]!
    out[i * 3 + 2] = palette[entry + 2]!
  }
  return out
}
