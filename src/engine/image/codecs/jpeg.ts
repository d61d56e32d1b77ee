/**
 * Every JPEG process that DICOM has had (ITU-T T.81), told by the codestream itself, as files name the wrong one: 8 bits
 * through libjpeg-turbo, 9 to 12 bits and lossless through the Independent JPEG Group's library.
 */
import type { PixelDescription } from '../dicom/pixel-description'
import { corrupt, truncated, unsupported } from '../errors'
import type { JpegHeader, WholeJpeg } from '../jpeg/header'
import { jpegColourModel, readJpegHeader } from '../jpeg/header'
import { decodeJpeg as decodeWithTurbo } from '../jpeg/libjpeg-turbo'
import { withoutColourTransform } from '../jpeg/raw-components'
import { decodeUntransformed } from '../jpeg/untransformed'
import type { DecodedFrame, FrameDecoder } from './frame'
import { checkHeader, checkLength, undecodable } from './frame'

export const decodeJpeg: FrameDecoder = async (stream, d, name): Promise<DecodedFrame> => {
  if (stream[0] !== 0xff || stream[1] !== 0xd8) throw corrupt(name, 'a frame that should be JPEG does not begin as one')
  const { frame, header } = ended(stream)
  if (header.status === 'truncated') throw truncated(name, 'a JPEG frame ends before its end marker', { format: 'dicom' })
  if (header.status === 'damaged') throw corrupt(name, header.why)
  if (header.process === 'arithmetic') throw unsupported(name, 'JPEG data with arithmetic coding')
  if (header.process === 'hierarchical') throw unsupported(name, 'JPEG data in a hierarchy of sizes')
  checkHeader('JPEG', header, d, name)
  const pixels = d.rows * d.columns
  // Lossless: a bit for each sample at least; else a bit for each 8 × 8 block of the first component.
  checkLength('JPEG', frame, header.process === 'lossless' ? (pixels * d.samples) / 8 : pixels / 512, name)

  const values = header.process !== 'lossless' && header.precision === 8 ? await eightBits(frame, header, name) : await decodeUntransformed(frame, header, name)
  if (values.length !== pixels * d.samples) throw undecodable('JPEG', name)
  return { values, precision: header.precision, photometric: colourModel(header, d), exact: header.process === 'lossless' }
}

/**
 * Writers lose the end marker more often than data. Whether data is missing before it, the decoder notices; only of a
 * progressive stream it cannot know, which may end after any scan.
 */
function ended(stream: Uint8Array): { frame: Uint8Array; header: JpegHeader } {
  const header = readJpegHeader(stream)
  if (header.status !== 'truncated') return { frame: stream, header }
  const padded = stream.at(-1) === 0 && stream.at(-2) !== 0xff
  const frame = new Uint8Array(stream.length + (padded ? 1 : 2))
  frame.set(stream)
  frame.set([0xff, 0xd9], frame.length - 2)
  const again = readJpegHeader(frame)
  return again.status === 'whole' && again.process !== 'progressive' ? { frame, header: again } : { frame: stream, header }
}

/** What libjpeg-turbo's package refuses, rare subsamplings and slips of writers among it, the other library may take. */
async function eightBits(frame: Uint8Array, header: WholeJpeg, name: string): Promise<Uint8Array | Uint16Array> {
  const decoded = await decodeWithTurbo(header.components === 1 ? frame : withoutColourTransform(frame))
  if (!decoded) return decodeUntransformed(frame, header, name)
  if (decoded.width !== header.width || decoded.height !== header.height || decoded.components !== header.components) throw undecodable('JPEG', name)
  return decoded.pixels
}

/**
 * Where a lossy stream says what it holds, it is believed before the data set, which is often left as it was before
 * compression. A lossless stream holds what was there.
 */
function colourModel(header: WholeJpeg, d: PixelDescription): DecodedFrame['photometric'] {
  const declared = d.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : d.photometric
  if (header.components !== 3 || header.process === 'lossless') return declared
  const said = jpegColourModel(header)
  if (said === undefined || (said === 'YCbCr' && declared.startsWith('YBR_PARTIAL'))) return declared
  return said === 'RGB' ? 'RGB' : 'YBR_FULL'
}
