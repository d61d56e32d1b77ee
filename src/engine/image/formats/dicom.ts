/**
 * DICOM images (PS3.3, PS3.5, PS3.10). Readable transfer syntaxes: those of dicom/transfer-syntaxes.ts without
 * encapsulation or with a decoder.
 */
import type { DecodedImage, ImageFile, StoredImage, StoredPixels } from '../decoded-image'
import { fullWindow } from '../decoded-image'
import { paletteToRgb, withoutSubsampling, ybrToRgb } from '../dicom/colour'
import { hasPreamble, looksLikeDataSet } from '../dicom/data-set'
import { defaultFrame } from '../dicom/default-frame'
import { dicomFacts } from '../dicom/facts'
import { readAspect, readSpacing } from '../dicom/geometry'
import type { Grey } from '../dicom/grey'
import { greyFrame } from '../dicom/grey'
import { isSubsampled, nativeSamples } from '../dicom/pixel-description'
import { readOrigin } from '../dicom/origin'
import type { OpenedDicom, StoredFrame } from '../dicom/read'
import { openDicom } from '../dicom/read'
import { text } from '../dicom/values'
import { checkSize, unsupported } from '../errors'
import type { ImageFormat } from './format'

export const dicomFormat: ImageFormat = {
  id: 'dicom',
  recognises: (bytes) => hasPreamble(bytes) || looksLikeDataSet(bytes),
  open: async (bytes, name): Promise<ImageFile> => {
    const opened = await openDicom(bytes, name)
    const { frames } = opened.description
    return {
      format: 'dicom',
      frames,
      defaultFrame: defaultFrame(opened.dataSet, frames, opened.sopClass),
      frame: async (index) => frameImage(opened, index, name),
      stored: () => storedFrames(opened, name),
    }
  },
}

/** A frame with as many samples for each pixel as it says. */
async function wholeFrame({ description }: OpenedDicom, stored: StoredFrame): Promise<StoredFrame> {
  const shared = isSubsampled(stored) && stored.pixels.length === nativeSamples(description)
  return shared ? { ...stored, pixels: withoutSubsampling(stored.pixels, description) } : stored
}

/** All frames, one after another, as other readers give them: cells with all their bits. */
async function storedFrames(opened: OpenedDicom, name: string): Promise<StoredImage> {
  const { rows: height, columns: width, samples, frames } = opened.description
  checkSize(name, { width, height, samples, frames })
  let all: StoredPixels | undefined
  for (let index = 0; index < frames; index++) {
    const { pixels } = await wholeFrame(opened, await opened.cells(index))
    if (frames === 1) return { width, height, frames, samples, pixels }
    all ??= new (pixels.constructor as new (length: number) => StoredPixels)(pixels.length * frames)
    all.set(pixels, index * pixels.length)
  }
  return { width, height, frames, samples, pixels: all! }
}

async function frameImage(opened: OpenedDicom, frame: number, name: string): Promise<DecodedImage> {
  const { dataSet, description, transferSyntaxUid } = opened
  const spacing = readSpacing(dataSet, frame)
  const aspect = spacing ? undefined : readAspect(dataSet)
  const modality = text(dataSet, 'x00080060')
  const manufacturer = text(dataSet, 'x00080070')
  const stored = await wholeFrame(opened, await opened.frame(frame))
  const values: Grey | Colour = stored.photometric.startsWith('MONOCHROME') ? greyFrame(opened, stored, frame, name) : colourFrame(opened, stored, name)
  return {
    format: 'dicom',
    width: description.columns,
    height: description.rows,
    frames: description.frames,
    frame,
    ...values,
    ...(spacing && { spacing }),
    ...(aspect !== undefined && { aspect }),
    ...(modality && { modality }),
    ...(manufacturer && { manufacturer }),
    transferSyntax: transferSyntaxUid,
    origin: readOrigin(dataSet),
    facts: dicomFacts(opened, 'voiTables' in values ? (values.voiTables?.length ?? 0) : 0, spacing),
  }
}

type Colour = Pick<DecodedImage, 'pixels' | 'samples' | 'photometric' | 'bitsStored' | 'signed' | 'rescale' | 'unit' | 'windows'>

/** Modality and VOI transforms are defined for grey images only. */
function colourFrame(opened: OpenedDicom, stored: StoredFrame, name: string): Colour {
  const { pixels, bits } = toRgb(opened, stored, name)
  return { pixels, samples: 3, photometric: 'RGB', bitsStored: bits, signed: false, rescale: { slope: 1, intercept: 0 }, unit: '', windows: [fullWindow(0, 2 ** bits - 1)] }
}

function toRgb({ dataSet, description, transferSyntax }: OpenedDicom, { pixels, photometric }: StoredFrame, name: string): { pixels: StoredPixels; bits: number } {
  const { bitsStored: bits } = description
  if (photometric === 'PALETTE COLOR') return paletteToRgb(pixels, dataSet, description, name)
  if (photometric === 'RGB') return { pixels, bits }
  if (photometric === 'YBR_RCT' || photometric === 'YBR_ICT') {
    // What codecs of such data give is RGB; without one the values are no colours of any kind that is written like this.
    if (transferSyntax.encapsulated) return { pixels, bits }
    throw unsupported(name, `uncompressed ${photometric} colours`)
  }
  if (bits < 8 || bits > 16) throw unsupported(name, `${photometric} colours of ${bits} bits`)
  return { pixels: ybrToRgb(pixels, bits, photometric === 'YBR_PARTIAL_422' ? 'partial' : 'full'), bits }
}
