/** Native pixels of every width, written bit by bit here and read there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { openDicom } from '../../../../src/engine/image/dicom/read'
import type { Pixels } from './dicom-maker'
import { explicitBig, explicitLittle, file, image, implicitLittle, numbers, without } from './dicom-maker'

const failure = (bytes: Uint8Array) =>
  decodeImage(bytes, 'scan.dcm').then(
    () => 'no error',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )
/** Of all frames, one after another. */
async function stored(p: Pixels, encoding = explicitLittle): Promise<number[]> {
  const { description, frame } = await openDicom(file(image(p), encoding), 'scan.dcm')
  const frames = await Promise.all(Array.from({ length: description.frames }, (_, i) => frame(i)))
  return frames.flatMap(({ pixels }) => [...pixels])
}

/** Cells of `allocated` bits, one after another, the least significant bit of each first: as text of 0 and 1, then as bytes. */
function packed(cells: readonly bigint[], allocated: number): Uint8Array {
  const bits = cells.map((cell) => [...cell.toString(2).padStart(allocated, '0')].reverse().join('')).join('')
  const whole = bits.padEnd(Math.ceil(bits.length / 16) * 16, '0')
  return Uint8Array.from(whole.match(/.{8}/g)!, (eight) => Number.parseInt([...eight].reverse().join(''), 2))
}
const swapped = (bytes: Uint8Array): Uint8Array => bytes.map((_, i) => bytes[i ^ 1]!)

describe('integers', () => {
  const layouts = fc
    .integer({ min: 1, max: 32 })
    .chain((allocated) => fc.tuple(fc.constant(allocated), fc.integer({ min: 1, max: allocated })))
    .chain(([allocated, bits]) => fc.record({ allocated: fc.constant(allocated), bits: fc.constant(bits), highBit: fc.integer({ min: bits - 1, max: allocated - 1 }), signed: fc.boolean(), frames: fc.integer({ min: 1, max: 4 }), rows: fc.integer({ min: 1, max: 3 }), columns: fc.integer({ min: 1, max: 5 }), seed: fc.bigInt({ min: 1n, max: 2n ** 61n }) }))

  test('of 1 to 32 bits, stored anywhere in their cells among bits of others, signed or not, of every frame', async () => {
    await fc.assert(
      fc.asyncProperty(layouts, async ({ allocated, bits, highBit, signed, frames, rows, columns, seed }) => {
        // A high bit of zero says nothing where there are more bits than one.
        fc.pre(bits === allocated || highBit > 0)
        let state = seed
        const random = () => (state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n) >> 24n
        const cells = Array.from({ length: rows * columns * frames }, () => random() % 2n ** BigInt(allocated))
        const expected = cells.map((cell) => {
          const value = (cell >> BigInt(highBit - bits + 1)) % 2n ** BigInt(bits)
          return Number(signed ? BigInt.asIntN(bits, value) : value)
        })
        const pixels: Pixels = { rows, columns, allocated, stored: bits, highBit, signed, frames: String(frames), data: packed(cells, allocated) }
        expect(await stored(pixels)).toEqual(expected)
        if (![8, 24, 32].includes(allocated) && allocated < 17) expect(await stored({ ...pixels, data: swapped(pixels.data as Uint8Array) }, explicitBig)).toEqual(expected)
      }),
      { numRuns: 400, seed: 20250608 },
    )
  })

  test('of one frame alone are the same as among all', async () => {
    const data = packed(Array.from({ length: 21 }, (_, i) => BigInt(i * 195)), 12)
    const opened = await openImage(file(image({ rows: 1, columns: 7, allocated: 12, frames: '3', data })))
    expect(opened.frames).toBe(3)
    expect([...(await opened.frame(2)).pixels]).toEqual(Array.from({ length: 7 }, (_, i) => (14 + i) * 195))
  })

  test('of eight bits in words of big endian lie in pairs', async () => {
    expect(await stored({ rows: 1, columns: 3, allocated: 8, data: swapped(Uint8Array.of(1, 2, 3, 0)) }, explicitBig)).toEqual([1, 2, 3])
    expect(await stored({ rows: 1, columns: 3, allocated: 8, vr: 'OB', data: Uint8Array.of(1, 2, 3, 0) }, explicitBig)).toEqual([1, 2, 3])
  })

  test('that contradict themselves, or are wider, are refused', async () => {
    const bits = (allocated: number, storedBits: number, highBit: number) => failure(file(image({ rows: 1, columns: 1, allocated, stored: storedBits, highBit, data: new Uint8Array(8) })))
    expect(await bits(8, 12, 11)).toMatch(/^image-corrupt.*do not fit/)
    expect(await bits(16, 12, 16)).toMatch(/^image-corrupt.*do not fit/)
    expect(await bits(16, 12, 5)).toMatch(/^image-corrupt.*do not fit/)
    expect(await bits(64, 64, 63)).toMatch(/^image-unsupported.*64 bits/)
    // One possibility only: what is said about the high bit cannot be meant.
    expect(await bits(16, 16, 7)).toBe('no error')
  })
})

describe('floating point', () => {
  const floats = [0, -1.5, 3.25e10, Number.NaN, Infinity, 1e-20]
  const asFloat = (tag: number, vr: 'OF' | 'OD', encoding: typeof explicitLittle) =>
    file([...without(image({ rows: 2, columns: 3, data: [] }), 0x7fe00010, 0x00280100, 0x00280101, 0x00280102, 0x00280103), { tag, vr, value: numbers(vr, floats, encoding.littleEndian) }], encoding)

  test.each([
    ['float', 0x7fe00008, 'OF'],
    ['double', 0x7fe00009, 'OD'],
  ] as const)('pixels as %s, in either byte order', async (_, tag, vr) => {
    for (const encoding of [explicitLittle, implicitLittle, explicitBig]) {
      const decoded = await decodeImage(asFloat(tag, vr, encoding))
      expect([...decoded.pixels]).toEqual(floats.map(Math.fround))
      // What is no number has no part in the window.
      expect(decoded.windows).toEqual([{ center: (Math.fround(3.25e10) - 1.5) / 2, width: Math.fround(3.25e10) + 1.5 }])
    }
  })

  test('pixels that are not all there are truncated, what lies behind them does not matter', async () => {
    const whole = asFloat(0x7fe00008, 'OF', explicitLittle)
    expect(await failure(whole.subarray(0, whole.length - 4))).toMatch(/^image-truncated/)
    expect(await failure(Uint8Array.from([...whole, 0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, 99]))).toBe('no error')
  })
})

describe('the number of frames', () => {
  const frames = async (text: string | undefined, values: number) => {
    const data = Array.from({ length: values }, (_, i) => i)
    return (await openImage(file(image({ rows: 2, columns: 2, data, ...(text !== undefined && { frames: text }) })))).frames
  }
  test('is believed where it is one', async () => {
    expect(await frames('3', 12)).toBe(3)
    expect(await frames(' 3 ', 12)).toBe(3)
    expect(await frames('2', 12)).toBe(2) // and padding
    expect(await frames(undefined, 12)).toBe(1)
  })

  test('is what the pixels fill where it is none', async () => {
    for (const text of ['1A', '0', '-3', 'three', '1e9']) expect(await frames(text, 12), text).toBe(3)
    expect(await frames('1A', 13)).toBe(1)
  })

  test('that the file does not hold is not believed', async () => {
    expect(await failure(file(image({ rows: 2, columns: 2, frames: '4000000000', data: [1, 2, 3, 4] })))).toMatch(/^image-truncated/)
  })
})

test('a picture larger than the limit is refused before anything is allocated', async () => {
  expect(await failure(file(image({ rows: 65535, columns: 65535, data: [1] })))).toMatch(/^image-too-large/)
})

test('nothing to see is damage', async () => {
  expect(await failure(file(image({ rows: 0, columns: 4, data: [1] })))).toMatch(/^image-corrupt/)
})
