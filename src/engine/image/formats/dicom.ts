/**
 * DICOM images (PS3.3, PS3.5, PS3.10). Readable transfer syntaxes: those of dicom/transfer-syntaxes.ts without
 * encapsulation or with a decoder.
 */
import type { DecodedImage, ImageFile, StoredImage, StoredPixels } from '../decoded-image'
import { fullWindow } from '../decoded-image'
import { hasVoiLookupTable, readModality, readRescale, readSpacing, readUnit, readWindows } from '../dicom/attributes'
import { paletteToRgb, ybr422ToFull, ybrFullToRgb } from '../dicom/colour'
import { hasPreamble, looksLikeDataSet } from '../dicom/data-set'
import type { OpenedDicom, StoredFrame } from '../dicom/read'
import { openDicom } from '../dicom/read'
import { checkSize, unsupported } from '../errors'
import { modalityValues } from '../modality'
import type { ImageFormat } from './format'

export const dicomFormat: ImageFormat = {
  id: 'dicom',
  recognises: (bytes) => hasPreamble(bytes) || looksLikeDataSet(bytes),
  open: async (bytes, name): Promise<ImageFile> => {
    const opened = await openDicom(bytes, name)
    const { frames } = opened.description
    return { format: 'dicom', frames, defaultFrame: 0, frame: async (index) => frameImage(opened, index, name), stored: () => storedFrames(opened, name) }
  },
}

/** All frames, one after another. */
async function storedFrames(opened: OpenedDicom, name: string): Promise<StoredImage> {
  const { rows: height, columns: width, samples, frames } = opened.description
  checkSize(name, { width, height, samples, frames })
  let all: StoredPixels | undefined
  for (let index = 0; index < frames; index++) {
    const { pixels } = await opened.frame(index)
    if (frames === 1) return { width, height, frames, samples, pixels }
    all ??= new (pixels.constructor as new (length: number) => StoredPixels)(pixels.length * frames)
    all.set(pixels, index * pixels.length)
  }
  return { width, height, frames, samples, pixels: all! }
}

async function frameImage(opened: OpenedDicom, frame: number, name: string): Promise<DecodedImage> {
  const { dataSet, description, transferSyntax, transferSyntaxUid } = opened
  const spacing = readSpacing(dataSet)
  const modality = readModality(dataSet)
  const colours = toDisplayableColours(opened, await opened.frame(frame), name)
  const image: DecodedImage = {
    format: 'dicom',
    width: description.columns,
    height: description.rows,
    frames: description.frames,
    frame,
    signed: description.signed,
    ...colours,
    // Modality transforms are defined for grey images only.
    rescale: colours.samples === 1 ? readRescale(dataSet, name) : { slope: 1, intercept: 0 },
    unit: colours.samples === 1 ? readUnit(dataSet) : '',
    windows: colours.samples === 1 ? readWindows(dataSet) : [],
    ...(spacing && { spacing }),
    ...(modality && { modality }),
    transferSyntax: transferSyntaxUid,
    facts: [
      { label: 'Format', value: 'DICOM' },
      ...(modality ? [{ label: 'Modality', value: modality }] : []),
      { label: 'Size', value: `${description.columns} × ${description.rows}` },
      ...(description.frames > 1 ? [{ label: 'Frames', value: String(description.frames) }] : []),
      { label: 'Bits', value: `${description.bitsStored} of ${description.bitsAllocated}${description.signed ? ', signed' : ''}` },
      { label: 'Photometric', value: description.photometric },
      { label: 'Transfer syntax', value: transferSyntax.name },
      ...(spacing ? [{ label: 'Spacing', value: `${spacing.row} × ${spacing.column} mm` }] : []),
      ...(hasVoiLookupTable(dataSet) ? [{ label: 'VOI lookup table', value: 'not used' }] : []),
    ],
  }
  if (image.windows.length === 0) image.windows = [wholeRange(image)]
  return image
}

type Colours = Pick<DecodedImage, 'pixels' | 'samples' | 'photometric' | 'bitsStored'>

function toDisplayableColours({ dataSet, description }: OpenedDicom, { pixels, photometric }: StoredFrame, name: string): Colours {
  const { bitsStored } = description
  switch (photometric) {
    case 'MONOCHROME1':
    case 'MONOCHROME2':
      return { pixels, samples: 1, photometric, bitsStored }
    case 'RGB':
    case 'YBR_RCT': // what codecs of such data give is RGB
    case 'YBR_ICT':
      return { pixels, samples: 3, photometric: 'RGB', bitsStored }
    case 'PALETTE COLOR': {
      const { pixels: rgb, bits } = paletteToRgb(pixels, dataSet, description, name)
      return { pixels: rgb, samples: 3, photometric: 'RGB', bitsStored: bits }
    }
    case 'YBR_FULL':
    case 'YBR_FULL_422':
      if (description.bitsAllocated !== 8 || bitsStored !== 8) throw unsupported(name, `${photometric} colours of ${bitsStored} bits`)
      return { pixels: ybrFullToRgb(photometric === 'YBR_FULL' ? pixels : ybr422ToFull(pixels)), samples: 3, photometric: 'RGB', bitsStored }
  }
}

/** From the smallest to the largest value; the full range for colour. */
function wholeRange(image: DecodedImage): DecodedImage['windows'][number] {
  if (image.samples === 3) return fullWindow(0, 2 ** image.bitsStored - 1)
  let low = Infinity
  let high = -Infinity
  for (const value of modalityValues(image)) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return fullWindow(low, high)
}
