/**
 * JPEG that libjpeg-turbo's package does not decode (four components, other depths than 8 bits, lossless), through the
 * Independent JPEG Group's library: the components as they are, whatever colours they stand for.
 */
import { decodeNative } from '../codecs/dcmjs-native'
import { corrupt } from '../errors'
import type { WholeJpeg } from './header'

/** @returns [height, width, components]. @throws AssayError `image-corrupt`, also where the library had to make up for missing data */
export async function decodeUntransformed(bytes: Uint8Array, header: WholeJpeg, name: string): Promise<Uint8Array | Uint16Array> {
  const { width: columns, height: rows, components: samples, precision: bitsStored } = header
  const bitsAllocated = bitsStored > 8 ? 16 : 8
  const undecodable = (cause: unknown) => corrupt(name, 'its JPEG data cannot be decoded', {}, cause)
  const decoded = await decodeNative('DecodeJpeg', bytes, { columns, rows, samples, bitsAllocated, bitsStored }).catch((error: unknown) => {
    throw undecodable(error)
  })
  if (decoded.length !== (columns * rows * samples * bitsAllocated) / 8) throw undecodable('length')
  return bitsAllocated === 16 ? new Uint16Array(decoded.buffer, decoded.byteOffset, decoded.length / 2) : decoded
}
