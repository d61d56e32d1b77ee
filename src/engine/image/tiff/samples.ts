/**
 * Unpacked TIFF bytes to samples: byte order, predictors (TIFF 6.0, section 14; Adobe's technical note 3 for floats),
 * packed bits, half and double precision.
 */
import { hostIsLittleEndian, swap } from '../byte-order'
import type { StoredPixels } from '../decoded-image'
import type { SampleFormat, TiffPage } from './page'

export type SampleLayout = Pick<TiffPage, 'bits' | 'format' | 'predictor'> & {
  /** Samples of one row. */
  rowSamples: number
  rows: number
  /** Samples between one and its neighbour of the same kind. */
  stride: number
  littleEndian: boolean
}

/** The array that samples come in: signed bytes as Int16Array, halves and doubles as Float32Array. */
export function sampleArray(format: SampleFormat, bits: number, length: number): StoredPixels {
  if (format === 'float') return new Float32Array(length)
  if (format === 'signed') return bits <= 16 ? new Int16Array(length) : new Int32Array(length)
  return bits <= 8 ? new Uint8Array(length) : bits <= 16 ? new Uint16Array(length) : new Uint32Array(length)
}

/** @param data as long as the layout asks for; may be changed. @returns [rows, rowSamples] */
export function toSamples(data: Uint8Array, layout: SampleLayout): StoredPixels {
  const { bits, format, predictor, rowSamples, rows, littleEndian } = layout
  if (format === 'unsigned' && ![8, 16, 32].includes(bits)) return unpackBits(data, layout)
  const ordered = predictor === 3 ? floatPredictor(data, layout) : inHostOrder(data, bits, littleEndian)
  const { buffer, byteOffset } = ordered
  const count = rowSamples * rows
  const unsigned = bits === 8 ? new Uint8Array(buffer, byteOffset, count) : bits === 16 ? new Uint16Array(buffer, byteOffset, count) : bits === 32 ? new Uint32Array(buffer, byteOffset, count) : undefined
  if (predictor === 2 && unsigned) accumulate(unsigned, layout)
  if (format === 'unsigned') return unsigned!
  if (format === 'signed') return bits === 8 ? Int16Array.from(new Int8Array(buffer, byteOffset, count)) : bits === 16 ? new Int16Array(buffer, byteOffset, count) : new Int32Array(buffer, byteOffset, count)
  if (bits === 16) return Float32Array.from(unsigned!, fromHalf)
  return bits === 32 ? new Float32Array(buffer, byteOffset, count) : Float32Array.from(new Float64Array(buffer, byteOffset, count))
}

/** In memory of its own where numbers of several bytes have to be aligned or turned. */
function inHostOrder(data: Uint8Array, bits: number, littleEndian: boolean): Uint8Array {
  const turn = bits > 8 && littleEndian !== hostIsLittleEndian
  if (!turn && data.byteOffset % (bits / 8) === 0) return data
  const copy = Buffer.from(new Uint8Array(data).buffer)
  if (turn) swap(copy, bits / 8)
  return copy
}

/** Predictor 2: each sample is the difference from its left neighbour, modulo its size. */
function accumulate(values: Uint8Array | Uint16Array | Uint32Array, { rowSamples, rows, stride }: SampleLayout): void {
  for (let row = 0; row < rows; row++)
    for (let i = row * rowSamples + stride, end = (row + 1) * rowSamples; i < end; i++) values[i] = values[i]! + values[i - stride]!
}

/** Predictor 3: rows as planes of bytes, highest first, each byte the difference from its left neighbour. */
function floatPredictor(data: Uint8Array, { bits, rowSamples, rows, stride }: SampleLayout): Uint8Array {
  const bytes = bits / 8
  const out = new Uint8Array(rows * rowSamples * bytes)
  for (let row = 0; row < rows; row++) {
    const start = row * rowSamples * bytes
    for (let i = start + stride; i < start + rowSamples * bytes; i++) data[i] = data[i]! + data[i - stride]!
    for (let sample = 0; sample < rowSamples; sample++)
      for (let byte = 0; byte < bytes; byte++) out[start + sample * bytes + (hostIsLittleEndian ? bytes - 1 - byte : byte)] = data[start + byte * rowSamples + sample]!
  }
  return out
}

/** Samples of odd sizes lie bit by bit, highest first; rows begin on byte borders. */
function unpackBits(data: Uint8Array, { bits, rowSamples, rows }: SampleLayout): StoredPixels {
  const out = sampleArray('unsigned', bits, rowSamples * rows)
  const rowBytes = Math.ceil((rowSamples * bits) / 8)
  const mask = 2 ** bits - 1
  for (let row = 0, to = 0; row < rows; row++) {
    let at = row * rowBytes
    let pending = 0
    let available = 0
    for (let sample = 0; sample < rowSamples; sample++) {
      while (available < bits) {
        pending = ((pending << 8) | data[at++]!) & 0xffffff
        available += 8
      }
      available -= bits
      out[to++] = (pending >> available) & mask
    }
  }
  return out
}

/** IEEE 754 binary16. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
