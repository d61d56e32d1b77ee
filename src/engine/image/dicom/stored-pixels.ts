/**
 * Native pixel data (DICOM PS3.5, section 8 and annex D) to stored values: byte order, packed bits, bits stored, sign,
 * planes.
 */
import type { StoredPixels } from '../decoded-image'
import type { PixelDescription } from './pixel-description'
import { frameBits, nativeSamples } from './pixel-description'

/**
 * @param bytes the image's native pixel data, all frames: `nativeByteLength` bytes, and the pad byte where there is one.
 * @param layout words: the value representation is OW, so that big endian swaps small pixels in pairs.
 * @param frame counted from 0
 * @returns [rows, columns, samples] of the frame; for 4:2:2 the stored Y, Y, Cb, Cr quadruples as they are.
 */
export function nativeStoredPixels(bytes: Uint8Array, d: PixelDescription, layout: { littleEndian: boolean; words: boolean }, frame: number): StoredPixels {
  const bits = frameBits(d)
  // Frames of odd bits begin wherever the one before ends; a whole word around the frame's ends keeps swapped bytes together.
  const begin = Math.floor((frame * bits) / 16) * 2
  const end = Math.min(bytes.length, Math.ceil(((frame + 1) * bits) / 16) * 2)
  const raw = rawValues(bytes.subarray(begin, end), d, layout, frame * bits - begin * 8)
  const values = raw instanceof Float32Array ? raw : keepStoredBits(raw, d)
  return d.planar ? interleaved(values, d) : values
}

/** @param firstBit where in `bytes` the frame begins: 0 to 15, and a multiple of 8 where pixels are whole bytes */
function rawValues(bytes: Uint8Array, d: PixelDescription, { littleEndian, words }: { littleEndian: boolean; words: boolean }, firstBit: number): StoredPixels {
  // A copy of its own: aligned, and free of the file's buffer. (A Buffer's slice() would not copy.)
  const own = new Uint8Array(bytes)
  const count = nativeSamples(d)
  const { bitsAllocated } = d
  // Words of 16 bits are the smallest that have a byte order, and the ones that odd pixels are packed in.
  if (!littleEndian && (bitsAllocated > 8 || words)) reverseBytes(own, bitsAllocated === 32 || bitsAllocated === 64 ? bitsAllocated / 8 : 2)
  if (d.kind === 'float') return new Float32Array(own.buffer, 0, count)
  if (d.kind === 'double') return Float32Array.from(new Float64Array(own.buffer, 0, count))
  const firstByte = firstBit >> 3
  if (bitsAllocated === 8) return own.slice(firstByte, firstByte + count)
  if (bitsAllocated === 16) return new Uint16Array(own.buffer, 0, count)
  if (bitsAllocated === 32) return new Uint32Array(own.buffer, 0, count)
  return unpackBits(own, firstBit, new (containerBits(d) === 8 ? Uint8Array : containerBits(d) === 16 ? Uint16Array : Uint32Array)(count), bitsAllocated)
}

const containerBits = ({ bitsAllocated }: PixelDescription): 8 | 16 | 32 => (bitsAllocated <= 8 ? 8 : bitsAllocated <= 16 ? 16 : 32)

/** Bits outside bits stored belong to overlays or to nobody; the sign bit is the high bit (PS3.5, 8.1.1). */
function keepStoredBits(raw: Exclude<StoredPixels, Float32Array>, d: PixelDescription): StoredPixels {
  const container = containerBits(d)
  const lowest = d.highBit - d.bitsStored + 1
  if (d.bitsStored < d.bitsAllocated || (d.signed && d.bitsStored < container)) {
    const above = 32 - d.bitsStored - lowest
    for (let i = 0; i < raw.length; i++) {
      // Up to the top of 32 bits and back down: clears what is above and extends the sign where there is one.
      const shifted = raw[i]! << above
      raw[i] = d.signed ? shifted >> (32 - d.bitsStored) : shifted >>> (32 - d.bitsStored)
    }
  }
  if (!d.signed) return raw
  if (container === 32) return new Int32Array(raw.buffer, raw.byteOffset, raw.length)
  if (container === 16) return new Int16Array(raw.buffer, raw.byteOffset, raw.length)
  return Int16Array.from(new Int8Array(raw.buffer, raw.byteOffset, raw.length))
}

/** Packed pixels begin at the least significant bit of each byte and run on across bytes, rows and frames. */
function unpackBits<T extends Uint8Array | Uint16Array | Uint32Array>(bytes: Uint8Array, firstBit: number, out: T, width: number): T {
  if (width === 1) {
    for (let i = 0, bit = firstBit; i < out.length; i++, bit++) out[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1
    return out
  }
  const size = 2 ** width
  let at = firstBit >> 3
  // Sums, not shifts: up to 39 bits wait at a time.
  let waiting = Math.floor(bytes[at++]! / 2 ** (firstBit & 7))
  let bits = 8 - (firstBit & 7)
  for (let i = 0; i < out.length; i++) {
    while (bits < width) {
      waiting += bytes[at++]! * 2 ** bits
      bits += 8
    }
    out[i] = waiting % size
    waiting = Math.floor(waiting / size)
    bits -= width
  }
  return out
}

function reverseBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i + width <= bytes.length; i += width)
    for (let low = i, high = i + width - 1; low < high; low++, high--) {
      const byte = bytes[low]!
      bytes[low] = bytes[high]!
      bytes[high] = byte
    }
}

function interleaved<T extends StoredPixels>(values: T, { rows, columns, samples }: PixelDescription): T {
  const out = values.slice() as T
  const plane = rows * columns
  for (let sample = 0; sample < samples; sample++) for (let i = 0; i < plane; i++) out[i * samples + sample] = values[sample * plane + i]!
  return out
}
