/**
 * JPEG-LS frames, lossless and near-lossless (ITU-T T.87).
 */
import type { PixelDescription } from '../dicom/pixel-description'
import type { DecodedFrame, FrameDecoder } from './frame'
import { checkHeader, checkLength, undecodable } from './frame'
import { decodeJpegLsStream } from './jpeg-ls-decode'
import { readJpegLsHeader } from './jpeg-ls-header'

export const decodeJpegLs: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const header = readJpegLsHeader(frame)
  if (!header) throw undecodable('JPEG-LS', name)
  checkHeader('JPEG-LS', header, d, name)
  // A run of 2^15 pixels takes a bit at least.
  checkLength('JPEG-LS', frame, (d.rows * d.columns * d.samples) / 2 ** 18, name)
  try {
    return { values: decodeJpegLsStream(frame, header), precision: header.precision, photometric: colourModel(d), exact: header.near === 0 }
  } catch (error) {
    throw undecodable('JPEG-LS', name, error)
  }
}

/** JPEG-LS itself knows no colour models, so that the data set's holds; chroma is never subsampled here. */
const colourModel = (d: PixelDescription) => (d.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : d.photometric)
