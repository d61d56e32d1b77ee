/**
 * Native pixel data (DICOM PS3.5, section 8 and annex D) to stored values: byte order, bits stored, sign, planes.
 */
import type { StoredPixels } from '../decoded-image'
import type { PixelDescription } from './pixel-description'
import { nativeByteLength, nativeSamples } from './pixel-description'

/**
 * @param bytes the image's native pixel data, all frames: `nativeByteLength` bytes, and the pad byte where there is one.
 * @param layout words: the value representation is OW, so that big endian swaps small pixels in pairs.
 * @param frame counted from 0
 * @returns [rows, columns, samples] of the frame; for YBR_FULL_422 the stored Y, Y, Cb, Cr quadruples as they are.
 */
export function nativeStoredPixels(
  bytes: Uint8Array,
  whole: PixelDescription,
  layout: { littleEndian: boolean; words: boolean },
  frame: number,
): StoredPixels {
  const description = { ...whole, frames: 1 }
  const bits = frameBits(whole)
  // Frames of single bits begin wherever the one before ends; a whole word around the frame's ends keeps swapped bytes together.
  const begin = Math.floor((frame * bits) / 16) * 2
  const end = Math.min(bytes.length, Math.ceil(((frame + 1) * bits) / 16) * 2)
  const raw = rawValues(bytes.subarray(begin, end), description, layout, frame * bits - begin * 8)
  const values = raw instanceof Float32Array ? raw : keepStoredBits(raw, description)
  return description.planar ? interleaved(values, description) : values
}

/** Bits of one frame of native pixel data. YBR_FULL_422 shares one Cb, Cr pair between two pixels. */
const frameBits = (d: PixelDescription): number => nativeSamples(d) * d.bitsAllocated

/** @param firstBit where in `bytes` the frame begins: 0 to 15, and a multiple of 8 unless pixels are single bits */
function rawValues(bytes: Uint8Array, d: PixelDescription, { littleEndian, words }: { littleEndian: boolean; words: boolean }, firstBit: number): StoredPixels {
  // A copy of its own: aligned, and free of the file's buffer. (A Buffer's slice() would not copy.)
  const own = new Uint8Array(bytes)
  const width = d.bitsAllocated / 8
  if (!littleEndian && (width > 1 || words)) reverseBytes(own, Math.max(width, 2))
  const length = nativeByteLength(d)
  const firstByte = firstBit >> 3
  if (d.kind === 'integer' && d.bitsAllocated === 1) return unpackBits(own, firstBit, d.rows * d.columns)
  if (d.kind === 'integer' && width === 1) return own.slice(firstByte, firstByte + length)
  if (d.kind === 'float') return new Float32Array(own.buffer, 0, length / 4)
  if (d.kind === 'double') return Float32Array.from(new Float64Array(own.buffer, 0, length / 8))
  return width === 2 ? new Uint16Array(own.buffer, 0, length / 2) : new Uint32Array(own.buffer, 0, length / 4)
}

/** Bits outside bits stored belong to overlays or to nobody; the sign bit is the high bit (PS3.5, 8.1.1). */
function keepStoredBits(raw: Exclude<StoredPixels, Float32Array>, d: PixelDescription): StoredPixels {
  const lowest = d.highBit - d.bitsStored + 1
  if (d.bitsStored < d.bitsAllocated && d.bitsAllocated > 1) {
    const above = 32 - d.bitsStored - lowest
    for (let i = 0; i < raw.length; i++) {
      // Up to the top of 32 bits and back down: clears what is above and extends the sign where there is one.
      const shifted = raw[i]! << above
      raw[i] = d.signed ? shifted >> (32 - d.bitsStored) : shifted >>> (32 - d.bitsStored)
    }
  }
  if (!d.signed) return raw
  if (d.bitsAllocated === 32) return new Int32Array(raw.buffer, raw.byteOffset, raw.length)
  if (d.bitsAllocated === 16) return new Int16Array(raw.buffer, raw.byteOffset, raw.length)
  return Int16Array.from(new Int8Array(raw.buffer, raw.byteOffset, raw.length))
}

/** Bit pixels begin at the least significant bit of each byte and run on across rows and frames. */
function unpackBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  const out = new Uint8Array(count)
  for (let i = 0, bit = firstBit; i < count; i++, bit++) out[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1
  return out
}

function reverseBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i + width <= bytes.length; i += width) bytes.subarray(i, i + width).reverse()
}

function interleaved<T extends StoredPixels>(values: T, d: PixelDescription): T {
  const out = values.slice() as T
  const plane = d.rows * d.columns
  for (let frame = 0; frame < d.frames; frame++)
    for (let sample = 0; sample < d.samples; sample++)
      for (let i = 0; i < plane; i++) out[(frame * plane + i) * d.samples + sample] = values[(frame * d.samples + sample) * plane + i]!
  return out
}
