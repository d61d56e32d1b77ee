/**
 * The lossless compressions of TIFF: LZW (TIFF 6.0, section 13), PackBits (section 9) and deflate, all into a given number
 * of bytes and never beyond.
 */
import { inflateSync } from 'node:zlib'
import { corrupt, truncated, unsupported } from '../errors'

const short = (name: string) => truncated(name, 'its compressed TIFF data stops early')

/** @returns exactly `length` bytes; what the data holds beyond is left. @throws AssayError `image-truncated` */
export function unpackPackBits(data: Uint8Array, length: number, name: string): Uint8Array {
  const out = new Uint8Array(length)
  for (let at = 0, to = 0; to < length; ) {
    if (at >= data.length) throw short(name)
    const control = data[at++]!
    if (control === 128) continue
    const count = Math.min(control < 128 ? control + 1 : 257 - control, length - to)
    if (control < 128) {
      if (at + count > data.length) throw short(name)
      out.set(data.subarray(at, at + count), to)
      at += control + 1
    } else {
      if (at >= data.length) throw short(name)
      out.fill(data[at++]!, to, to + count)
    }
    to += count
  }
  return out
}

/**
 * @param most bytes that the data may hold; writers often fill the last strip up.
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function unpackDeflate(data: Uint8Array, length: number, most: number, name: string): Uint8Array {
  let out: Uint8Array
  try {
    out = inflateSync(data, { maxOutputLength: Math.max(1, most) })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') throw short(name)
    if (cause instanceof RangeError) throw corrupt(name, 'its TIFF strips hold more data than its size accounts for')
    throw corrupt(name, 'its compressed TIFF data cannot be unpacked', {}, cause)
  }
  if (out.length < length) throw short(name)
  return out.length === length ? out : out.subarray(0, length)
}

const clearCode = 256
const endCode = 257
const maximumCodes = 4096

/** Codes from the highest bit, growing one entry early, as everybody writes them since 1988. @throws AssayError `image-truncated`, `image-corrupt`, `image-unsupported` */
export function unpackLzw(data: Uint8Array, length: number, name: string): Uint8Array {
  if (data.length >= 2 && data[0] === 0 && (data[1]! & 1) === 1) throw unsupported(name, 'TIFF data in the LZW compression of before 1988')
  const out = new Uint8Array(length)
  // A string is a place in what was unpacked already: where it begins, and how long it is.
  const starts = new Uint32Array(maximumCodes)
  const lengths = new Uint32Array(maximumCodes)
  let codes = endCode + 1
  let width = 9
  let bits = 0
  let available = 0
  let at = 0
  let to = 0
  let previousStart = -1
  let previousLength = 0
  while (to < length) {
    while (available < width) {
      if (at >= data.length) throw short(name)
      bits = ((bits << 8) | data[at++]!) & 0xffffff
      available += 8
    }
    const code = (bits >> (available - width)) & ((1 << width) - 1)
    available -= width
    if (code === endCode) throw short(name)
    if (code === clearCode) {
      codes = endCode + 1
      width = 9
      previousStart = -1
      continue
    }
    const start = to
    if (code < 256) out[to++] = code
    else {
      // The code about to be made is the previous string and its own first byte again.
      const known = code < codes
      if (!known && (code !== codes || previousStart < 0)) throw corrupt(name, 'its LZW data names a code that does not exist')
      const from = known ? starts[code]! : previousStart
      const count = Math.min(known ? lengths[code]! : previousLength + 1, length - to)
      for (let i = 0; i < count; i++) out[to++] = out[from + i]!
    }
    if (previousStart >= 0 && codes < maximumCodes) {
      // The bytes of the previous string and the first of this one lie side by side.
      starts[codes] = previousStart
      lengths[codes] = previousLength + 1
      codes++
    }
    if (codes + 1 >= 1 << width && width < 12) width++
    previousStart = start
    previousLength = to - start
  }
  return out
}
