/** RLE (PS3.5, annex G) on streams written by hand: what encoders may do, and what they must not. */
import { describe, expect, test } from 'vitest'
import { decodeRle } from '../../../../src/engine/image/codecs/rle'
import { asStoredPixels } from '../../../../src/engine/image/codecs/frame'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'

const describing = (rows: number, columns: number, more: Partial<PixelDescription> = {}): PixelDescription => {
  const bits = more.bitsAllocated ?? 8
  return { rows, columns, frames: 1, samples: 1, photometric: 'MONOCHROME2', planar: false, kind: 'integer', bitsAllocated: bits, bitsStored: bits, highBit: bits - 1, signed: false, ...more }
}
/** Header and segments, one behind the other. */
function frameOf(...segments: number[][]): Uint8Array {
  const header = new Uint32Array(16)
  header[0] = segments.length
  segments.reduce((at, segment, i) => ((header[i + 1] = at), at + segment.length), 64)
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()])
}
const decoded = async (frame: Uint8Array, d: PixelDescription) => [...asStoredPixels(await decodeRle(frame, d, 'x.dcm'), d)]

describe('RLE', () => {
  test('literals, repeats and the control byte that means nothing', async () => {
    // 2 literals; nothing; 257 − 254 = 3 times 7; 1 literal
    expect(await decoded(frameOf([1, 5, 6, 128, 254, 7, 0, 9]), describing(2, 3))).toEqual([5, 6, 7, 7, 7, 9])
  })

  test('the longest repeat, and one that runs past the picture', async () => {
    expect(await decoded(frameOf([129, 3]), describing(1, 100))).toEqual(Array(100).fill(3))
  })

  test('words are planes of bytes, the most significant first', async () => {
    expect(await decoded(frameOf([1, 0x12, 0x9a], [1, 0x34, 0xbc]), describing(1, 2, { bitsAllocated: 16 }))).toEqual([0x1234, 0x9abc])
    expect(await decoded(frameOf([0, 0x80], [0, 1]), describing(1, 1, { bitsAllocated: 16, signed: true }))).toEqual([-0x7fff])
    expect(await decoded(frameOf([0, 0xff], [0, 2], [0, 3], [0, 4]), describing(1, 1, { bitsAllocated: 32 }))).toEqual([0xff020304])
    expect(await decoded(frameOf([0, 1], [0, 2], [0, 3]), describing(1, 1, { bitsAllocated: 24 }))).toEqual([0x010203])
  })

  test('colour is one plane after another, each of its bytes', async () => {
    const rgb = { samples: 3, photometric: 'RGB' } as const
    expect(await decoded(frameOf([1, 1, 2], [1, 3, 4], [1, 5, 6]), describing(1, 2, rgb))).toEqual([1, 3, 5, 2, 4, 6])
    expect(await decoded(frameOf([0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6]), describing(1, 1, { ...rgb, bitsAllocated: 16 }))).toEqual([0x0102, 0x0304, 0x0506])
  })

  test('single bits are packed from the lowest on, and rows run on within a byte', async () => {
    expect(await decoded(frameOf([1, 0b00100101, 0b1]), describing(3, 3, { bitsAllocated: 1 }))).toEqual([1, 0, 1, 0, 0, 1, 0, 0, 1])
  })

  test('bits above those stored do not reach the values', async () => {
    expect(await decoded(frameOf([0, 0xf8], [0, 1]), describing(1, 1, { bitsAllocated: 16, bitsStored: 12, highBit: 11, signed: true }))).toEqual([-0x7ff])
  })

  test.each([
    ['a segment too few', frameOf([0, 1]), describing(1, 1, { bitsAllocated: 16 }), 'image-corrupt'],
    ['no header', new Uint8Array(10), describing(1, 1), 'image-truncated'],
    ['a segment in the header', Uint8Array.from(frameOf([0, 1]), (byte, i) => (i === 4 ? 10 : byte)), describing(1, 1), 'image-corrupt'],
    ['a segment behind the frame', Uint8Array.from(frameOf([0, 1]), (byte, i) => (i === 4 ? 200 : byte)), describing(1, 1), 'image-corrupt'],
    ['literals that are not there', frameOf([5, 1, 2]), describing(1, 6), 'image-truncated'],
    ['a repeat of nothing', frameOf([200]), describing(1, 3), 'image-truncated'],
    ['too few pixels', frameOf([0, 1]), describing(1, 2), 'image-truncated'],
  ])('%s is a typed error', async (_, frame, d, code) => {
    await expect(decodeRle(frame, d, 'x.dcm')).rejects.toMatchObject({ code })
  })
})
