/**
 * The beginning of a JPEG XL codestream (ISO/IEC 18181-1, SizeHeader and ImageMetadata): size, bits, colour, read bit by
 * bit, least significant first.
 */
import { beginsWithBox, boxesOf } from './boxes'
import type { CodestreamHeader } from './frame'

export interface JpegXlHeader extends CodestreamHeader {
  /** What it has that is not read, as in "has …, which Assay does not read". */
  beyond: string | undefined
}

class Bits {
  private at = 0
  constructor(private readonly bytes: Uint8Array) {}
  get ended(): boolean {
    return this.at > this.bytes.length * 8
  }
  u(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.at++) value += (((this.bytes[this.at >> 3] ?? 0) >> (this.at & 7)) & 1) * 2 ** i
    return value
  }
  bool(): boolean {
    return this.u(1) === 1
  }
  /** One of four ways to say a number: [offset, bits]. */
  u32(...ways: readonly (readonly [number, number])[]): number {
    const [offset, bits] = ways[this.u(2)]!
    return offset + this.u(bits)
  }
}

/** A bare codestream, or the one in a container's boxes (`jxlc`, or the first part `jxlp`); undefined for other bytes. */
function codestreamOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0x0a) return bytes
  if (!beginsWithBox(bytes, 'JXL ')) return undefined
  for (const { type, start, end } of boxesOf(bytes)) {
    if (type === 'jxlc') return bytes.subarray(start, end)
    // The number of the part comes first.
    if (type === 'jxlp') return bytes.subarray(start + 4, end)
  }
  return undefined
}

/** Undefined where the bytes are no JPEG XL. */
export function readJpegXlHeader(file: Uint8Array): JpegXlHeader | undefined {
  const codestream = codestreamOf(file)
  if (!codestream || codestream[0] !== 0xff || codestream[1] !== 0x0a) return undefined
  // Size and metadata take some twenty bytes at most.
  const bits = new Bits(codestream.subarray(2, 2 + 64))
  const header: JpegXlHeader = { ...readSize(bits), precision: 8, components: 3, beyond: undefined }
  const allDefault = bits.bool()
  if (allDefault) return header
  const extraFields = bits.bool()
  if (extraFields) {
    if (bits.u(3) !== 0) return { ...header, beyond: 'a JPEG XL picture that is to be turned' }
    if (bits.bool()) readSize(bits) // the size to show it at
    if (bits.bool() || bits.bool()) return { ...header, beyond: 'a JPEG XL preview or animation' }
  }
  const floatingPoint = bits.bool()
  if (floatingPoint) return { ...header, beyond: 'JPEG XL data of floating point' }
  header.precision = bits.u32([8, 0], [10, 0], [12, 0], [1, 6])
  bits.u(1) // whether buffers of 16 bits suffice
  if (bits.u(2) !== 0) return { ...header, beyond: 'JPEG XL data with extra channels' }
  bits.u(1) // whether colour was transformed to XYB, from which the decoder comes back by itself
  header.components = isGrey(bits) ? 1 : 3
  return bits.ended ? undefined : header
}

function readSize(bits: Bits): { width: number; height: number } {
  const small = bits.bool()
  const side = () => (small ? (bits.u(5) + 1) * 8 : bits.u32([1, 9], [1, 13], [1, 18], [1, 30]))
  const height = side()
  const [across, down] = ratios[bits.u(3)]!
  return { height, width: across === 0 ? side() : Math.floor((height * across) / down) }
}

/** Width to height; the first says that the width is written. */
const ratios = [
  [0, 1],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const

/** ColourEncoding: a profile or a description of it; both name a colour space: RGB, grey, XYB or unknown. */
function isGrey(bits: Bits): boolean {
  const allDefault = bits.bool()
  if (allDefault) return false // sRGB
  bits.u(1) // whether there is a profile
  return bits.u32([0, 0], [1, 0], [2, 4], [18, 6]) === 1
}
