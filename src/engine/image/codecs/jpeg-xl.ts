/**
 * JPEG XL (ISO/IEC 18181), also recompressed JPEG, through libjxl compiled to WebAssembly. libjxl refuses data that ends
 * early. Colour comes out as RGB (sRGB).
 */
import { corrupt, unsupported } from '../errors'
import { decodeNative } from './dcmjs-native'
import type { DecodedFrame, FrameDecoder } from './frame'
import { checkHeader, undecodable } from './frame'
import { readJpegXlHeader } from './jpeg-xl-header'

export const decodeJpegXl: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const header = readJpegXlHeader(frame)
  if (!header) throw corrupt(name, 'a frame that should be JPEG XL does not begin as one')
  if (header.beyond !== undefined) throw unsupported(name, header.beyond)
  checkHeader('JPEG XL', header, d, name)
  const { width: columns, height: rows, components: samples, precision } = header
  if (precision > 16) throw unsupported(name, `JPEG XL data of ${precision} bits`)
  const bitsAllocated = precision <= 8 ? 8 : 16
  const bytes = await decodeNative('DecodeJpegXl', frame, { columns, rows, samples, bitsAllocated, bitsStored: precision }).catch((error: unknown) => {
    throw undecodable('JPEG XL', name, error)
  })
  const values = bitsAllocated === 8 ? bytes : new Uint16Array(bytes.buffer)
  if (values.length !== rows * columns * samples) throw undecodable('JPEG XL', name)
  if (precision !== bitsAllocated) unscale(values, precision, bitsAllocated)
  return { values, precision, photometric: samples === 3 ? 'RGB' : d.photometric }
}

/** libjxl stretches samples to the full range of 8 or 16 bits, exactly enough to come back. */
function unscale(values: Uint8Array | Uint16Array, precision: number, bits: number): void {
  const factor = (2 ** precision - 1) / (2 ** bits - 1)
  for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * factor)
}
