/**
 * JPEG-LS, lossless and near-lossless (ITU-T T.87), through CharLS compiled to WebAssembly. CharLS refuses data that ends
 * early.
 */
import type { PixelDescription } from '../dicom/pixel-description'
import type { CodestreamHeader, DecodedFrame, FrameDecoder, SampleArray } from './frame'
import { checkHeader, checkLength, undecodable } from './frame'
import { readJpegLsHeader } from './jpeg-ls-header'
import type { EmbindDecoder } from './wasm-codec'
import { copied, WasmCodec } from './wasm-codec'

interface CharLs {
  HEAPU8: Uint8Array
  JpegLSDecoder: new () => EmbindDecoder & { getInterleaveMode(): number; getNearLossless(): number }
}

const charLs = new WasmCodec(async (output) => {
  const { default: start } = (await import('@cornerstonejs/codec-charls/decodewasmjs')) as { default: (options: object) => Promise<CharLs> }
  return start(output)
})

export const decodeJpegLs: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const header = readJpegLsHeader(frame)
  if (!header) throw undecodable('JPEG-LS', name)
  checkHeader('JPEG-LS', header, d, name)
  // A run of 2^15 pixels takes a bit at least.
  checkLength('JPEG-LS', frame, (d.rows * d.columns * d.samples) / 2 ** 18, name)
  const { bytes, planar } = await charLs
    .use(({ JpegLSDecoder }) => {
      const decoder = new JpegLSDecoder()
      try {
        decoder.getEncodedBuffer(frame.length).set(frame)
        decoder.decode()
        return { bytes: copied(decoder.getDecodedBuffer()), planar: decoder.getInterleaveMode() === 0 }
      } finally {
        decoder.delete()
      }
    })
    .catch((error: unknown) => {
      throw undecodable('JPEG-LS', name, error)
    })
  const values = header.precision > 8 ? new Uint16Array(bytes.buffer) : bytes
  if (values.length !== d.rows * d.columns * d.samples) throw undecodable('JPEG-LS', name)
  return { values: planar && d.samples > 1 ? interleaved(values, header) : values, precision: header.precision, photometric: colourModel(d) }
}

/** JPEG-LS itself knows no colour models, so that the data set's holds; chroma is never subsampled here. */
const colourModel = (d: PixelDescription) => (d.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : d.photometric)

/** One component after another to pixel after pixel. */
function interleaved<Samples extends SampleArray>(planes: Samples, { width, height, components }: CodestreamHeader): Samples {
  const out = planes.slice() as Samples
  const plane = width * height
  for (let c = 0; c < components; c++) for (let i = 0; i < plane; i++) out[i * components + c] = planes[c * plane + i]!
  return out
}
