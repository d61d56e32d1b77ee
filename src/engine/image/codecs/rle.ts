/**
 * RLE Lossless (DICOM PS3.5, annex G): every byte of every sample is a plane of its own, most significant first, packed
 * with PackBits. Pixels of a single bit are one plane of packed bits.
 */
import { corrupt, truncated } from '../errors'
import type { DecodedFrame, FrameDecoder } from './frame'
import { checkLength } from './frame'

const headerLength = 64

export const decodeRle: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const bytesPerSample = Math.ceil(d.bitsAllocated / 8)
  const pixels = d.rows * d.columns
  const planeLength = d.bitsAllocated === 1 ? Math.ceil(pixels / 8) : pixels
  const segments = readSegments(frame, d.samples * bytesPerSample, name)
  // Two bytes give at most 128.
  checkLength('RLE', frame, headerLength + (planeLength * segments.length) / 64, name)

  const cell = bytesPerSample === 3 ? 4 : bytesPerSample
  const stride = d.samples * cell
  const cells = new Uint8Array(planeLength * stride)
  for (const [i, segment] of segments.entries()) {
    const sample = Math.floor(i / bytesPerSample)
    const byte = bytesPerSample - 1 - (i % bytesPerSample) // little endian in memory
    if (!unpackBits(segment, cells, sample * cell + byte, stride)) throw truncated(name, 'its RLE data ends before its picture does', { format: 'dicom' })
  }
  return { values: d.bitsAllocated === 1 ? singleBits(cells, pixels) : asSamples(cells, bytesPerSample), precision: d.bitsAllocated, photometric: d.photometric, exact: true }
}

function readSegments(frame: Uint8Array, expected: number, name: string): Uint8Array[] {
  if (frame.length < headerLength) throw truncated(name, 'its RLE header is not all there', { format: 'dicom' })
  const view = new DataView(frame.buffer, frame.byteOffset, headerLength)
  const count = view.getUint32(0, true)
  if (count !== expected) throw corrupt(name, `its RLE data has ${count} segments where its header asks for ${expected}`)
  const offsets = Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i, true))
  return offsets.map((offset, i) => {
    const end = offsets[i + 1] ?? frame.length
    if (offset < headerLength || offset > frame.length) throw corrupt(name, 'an RLE segment lies outside its frame')
    return frame.subarray(offset, end > offset ? end : frame.length)
  })
}

/** Writes every `stride`th byte of `out` from `at` on. False where the segment ends before them. */
function unpackBits(segment: Uint8Array, out: Uint8Array, at: number, stride: number): boolean {
  let from = 0
  while (at < out.length) {
    if (from >= segment.length) return false
    const control = segment[from++]!
    if (control === 128) continue
    if (control < 128) {
      let run = control + 1
      if (run > segment.length - from) return false
      for (; run > 0 && at < out.length; run--, at += stride) out[at] = segment[from++]!
    } else {
      if (from >= segment.length) return false
      const value = segment[from++]!
      for (let run = 257 - control; run > 0 && at < out.length; run--, at += stride) out[at] = value
    }
  }
  return true
}

function singleBits(packed: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels)
  for (let i = 0; i < pixels; i++) out[i] = (packed[i >> 3]! >> (i & 7)) & 1
  return out
}

/** Every platform that Node runs on is little endian. */
const asSamples = (cells: Uint8Array, bytesPerSample: number) =>
  bytesPerSample === 1 ? cells : bytesPerSample === 2 ? new Uint16Array(cells.buffer) : new Uint32Array(cells.buffer)
