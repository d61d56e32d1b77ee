/**
 * Frames that are not compressed as pictures: encapsulated uncompressed (DICOM PS3.5, A.4.11), and deflated one by one
 * (A.4.13, RFC 1951).
 */
import { inflateRawSync } from 'node:zlib'
import type { PixelDescription } from '../dicom/pixel-description'
import { nativeByteLength } from '../dicom/pixel-description'
import { nativeStoredPixels } from '../dicom/stored-pixels'
import { corrupt, truncated } from '../errors'
import type { DecodedFrame, FrameDecoder, SampleArray } from './frame'

const single = (d: PixelDescription): PixelDescription => ({ ...d, frames: 1 })

export const decodeUncompressed: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const needed = nativeByteLength(single(d))
  if (frame.length < needed) throw truncated(name, `a frame holds ${frame.length} of the ${needed} bytes of its pixels`, { format: 'dicom' })
  const values = nativeStoredPixels(frame.subarray(0, needed + (needed & 1)), single(d), { littleEndian: true, words: false }, 0) as SampleArray
  return { values, precision: d.bitsStored, photometric: d.photometric }
}

export const decodeDeflated: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const needed = nativeByteLength(single(d))
  return decodeUncompressed(inflated(frame, needed + 1, name), d, name)
}

/** @param most bytes; a frame that unpacks to more is not what its header says */
function inflated(frame: Uint8Array, most: number, name: string): Uint8Array {
  try {
    return inflateRawSync(frame, { maxOutputLength: most })
  } catch (cause) {
    const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') throw corrupt(name, 'a deflated frame unpacks to more than its header says', {}, cause)
    if (code === 'Z_BUF_ERROR') throw truncated(name, 'a deflated frame stops early', { format: 'dicom' })
    throw corrupt(name, 'a deflated frame cannot be unpacked', {}, cause)
  }
}
