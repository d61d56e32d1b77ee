/** Colour models and palettes: values worked out by hand from PS3.3, and by the formulas of ITU-R BT.601 in the other direction. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import type { Element, Pixels } from './dicom-maker'
import { explicitBig, explicitLittle, file, image, numbers } from './dicom-maker'

const decode = (p: Pixels, more: Element[] = [], encoding = explicitLittle) => decodeImage(file(image(p, more), encoding), 'scan.dcm')
const failure = (p: Pixels, more: Element[] = []) =>
  decode(p, more).then(
    () => 'no error',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )
const even = (bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes.length % 2 ? [...bytes, 0] : bytes)
const colour = (photometric: string, bytes: readonly number[], over: Partial<Pixels> = {}): Pixels => ({ rows: 1, columns: bytes.length / 3, samples: 3, photometric, allocated: 8, stored: 8, planar: 0, vr: 'OB', data: even(bytes), ...over })

describe('RGB', () => {
  test('pixel by pixel and plane by plane', async () => {
    expect([...(await decode(colour('RGB', [1, 2, 3, 4, 5, 6]))).pixels]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...(await decode(colour('RGB', [1, 4, 2, 5, 3, 6], { planar: 1 }))).pixels]).toEqual([1, 2, 3, 4, 5, 6])
    const frames = colour('RGB', [1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16], { planar: 1, columns: 2, frames: '2' })
    expect([...(await (await openImage(file(image(frames)))).stored()).pixels]).toEqual([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16])
  })

  test('of 16 and 32 bits; a sign means nothing', async () => {
    const deep = await decode({ rows: 1, columns: 1, samples: 3, photometric: 'RGB', planar: 0, signed: true, data: [65535, 256, 1] })
    expect(deep).toMatchObject({ bitsStored: 16, signed: false })
    expect([...deep.pixels]).toEqual([65535, 256, 1])
    const wide = await decode({ rows: 1, columns: 1, samples: 3, photometric: 'RGB', planar: 0, allocated: 32, data: numbers('UL', [4294967295, 65536, 1], true) })
    expect([...wide.pixels]).toEqual([4294967295, 65536, 1])
  })

  test('without a number of samples has three; with one it contradicts itself, with four it is not read', async () => {
    const p = image(colour('RGB', [1, 2, 3]))
    expect([...(await decodeImage(file(p.filter(({ tag }) => tag !== 0x00280002)))).pixels]).toEqual([1, 2, 3])
    expect(await failure(colour('RGB', [1, 2, 3], { samples: 1, columns: 3 }))).toMatch(/^image-corrupt.*contradicts/)
    expect(await failure(colour('CMYK', [1, 2, 3, 4], { samples: 4, columns: 1 }))).toMatch(/^image-unsupported/)
    expect(await failure(colour('ARGB', [1, 2, 3, 4], { samples: 4, columns: 1 }))).toMatch(/^image-unsupported.*ARGB/)
  })
})

describe('YBR', () => {
  /** BT.601 with the full range, as PS3.3 C.7.6.3.1.2 prints it for going there. */
  const toYbr = ([r, g, b]: readonly number[]) => [0.299 * r! + 0.587 * g! + 0.114 * b!, -0.168736 * r! - 0.331264 * g! + 0.5 * b! + 128, 0.5 * r! - 0.418688 * g! - 0.081312 * b! + 128].map(Math.round)
  /** The same for video, Y from 16 to 235. */
  const toPartial = ([r, g, b]: readonly number[]) =>
    [0.2568 * r! + 0.5041 * g! + 0.0979 * b! + 16, -0.1482 * r! - 0.291 * g! + 0.4392 * b! + 128, 0.4392 * r! - 0.3678 * g! - 0.0714 * b! + 128].map(Math.round)
  const rgb = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255))

  test('full range leads back to the colours that it came from', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rgb, { minLength: 1, maxLength: 8 }), async (colours) => {
        const { pixels } = await decode(colour('YBR_FULL', colours.flatMap(toYbr)))
        colours.flat().forEach((value, i) => expect(Math.abs(pixels[i]! - value)).toBeLessThanOrEqual(2))
      }),
    )
  })

  test('is clamped where the three belong to no colour', async () => {
    expect([...(await decode(colour('YBR_FULL', [255, 255, 255, 0, 0, 0]))).pixels]).toEqual([255, 121, 255, 0, 135, 0])
  })

  test('of 16 bits', async () => {
    const grey = await decode({ rows: 1, columns: 2, samples: 3, photometric: 'YBR_FULL', planar: 0, data: [40000, 32768, 32768, 65535, 32768, 32768] })
    expect([...grey.pixels]).toEqual([40000, 40000, 40000, 65535, 65535, 65535])
  })

  /** Two pixels to a pair; a row of odd width ends with one too many, or the pairs run on. */
  function pairs(rows: number[][][], inRows: boolean): number[] {
    const padded = rows.map((row) => (inRows && row.length % 2 ? [...row, row.at(-1)!] : row)).flat()
    if (padded.length % 2) padded.push(padded.at(-1)!)
    return Array.from({ length: padded.length / 2 }, (_, i) => [padded[2 * i]![0]!, padded[2 * i + 1]![0]!, padded[2 * i]![1]!, padded[2 * i]![2]!]).flat()
  }

  test.each([
    ['even width', 4, 2, true],
    ['odd width, a pixel too many in each row', 3, 2, true],
    ['odd width, pairs running on', 3, 2, false],
    ['an odd number of pixels, pairs running on', 3, 1, false],
    ['one column', 1, 3, true],
  ])('4:2:2 of %s', async (_, columns, rows, inRows) => {
    // One hue for a pair of pixels, so that nothing is lost.
    const hue = (pixel: number) => [10 + 20 * pixel, 100 + 7 * (pixel >> 1), 150 - 9 * (pixel >> 1)]
    const picture = Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => hue(inRows ? row * (columns + (columns % 2)) + column : row * columns + column)))
    const p = { ...colour('YBR_FULL_422', []), rows, columns, data: even(pairs(picture, inRows)) }
    const full = colour('YBR_FULL', picture.flat(2), { rows, columns })
    expect([...(await decode(p)).pixels]).toEqual([...(await decode(full)).pixels])
    // Stored values have the chroma of every pixel as well.
    expect([...(await (await openImage(file(image(p)))).stored()).pixels]).toEqual(picture.flat(2))
  })

  test('of the range of video', async () => {
    await fc.assert(
      fc.asyncProperty(rgb, async (original) => {
        const [y, cb, cr] = toPartial(original)
        const { pixels } = await decode({ ...colour('YBR_PARTIAL_422', []), columns: 2, data: Uint8Array.of(y!, y!, cb!, cr!) })
        for (let i = 0; i < 6; i++) expect(Math.abs(pixels[i]! - original[i % 3]!)).toBeLessThanOrEqual(2)
      }),
    )
  })

  test('that only codecs understand is not read without one', async () => {
    expect(await failure(colour('YBR_RCT', [1, 2, 3]))).toMatch(/^image-unsupported.*YBR_RCT/)
    expect(await failure(colour('YBR_PARTIAL_420', [1, 2, 3]))).toMatch(/^image-unsupported.*YBR_PARTIAL_420/)
  })
})

describe('palettes', () => {
  const us = (tag: number, values: readonly number[]): Element => ({ tag, vr: 'US', value: values })
  const palette = (descriptor: readonly number[], tables: readonly (Uint8Array | readonly number[])[], at = 0x00281201): Element[] => [
    ...[0, 1, 2].map((i) => us(0x00281101 + i, descriptor)),
    ...tables.map((value, i): Element => ({ tag: at + i, vr: 'OW', value })),
  ]
  const indices = (values: readonly number[], over: Partial<Pixels> = {}): Pixels => ({ rows: 1, columns: values.length, photometric: 'PALETTE COLOR', allocated: 8, stored: 8, vr: 'OB', data: even(values), ...over })

  test('of 8 bits, one entry a word or packed two in a word, in either byte order', async () => {
    const bytes = (...values: number[]) => Uint8Array.from(values)
    const expected = [1, 11, 21, 4, 14, 24, 2, 12, 22]
    const wide = palette([4, 0, 8], [[1, 2, 3, 4], [11, 12, 13, 14], [21, 22, 23, 24]])
    const packed = palette([4, 0, 8], [bytes(1, 2, 3, 4), bytes(11, 12, 13, 14), bytes(21, 22, 23, 24)])
    const swapped = palette([4, 0, 8], [bytes(2, 1, 4, 3), bytes(12, 11, 14, 13), bytes(22, 21, 24, 23)])
    for (const [tables, encoding] of [[wide, explicitLittle], [packed, explicitLittle], [wide, explicitBig], [swapped, explicitBig]] as const) {
      const decoded = await decode(indices([0, 3, 1]), [...tables], encoding)
      expect([...decoded.pixels]).toEqual(expected)
      expect(decoded).toMatchObject({ photometric: 'RGB', samples: 3, bitsStored: 8 })
    }
  })

  test('of 16 bits; indices beyond the table take its ends', async () => {
    const decoded = await decode(indices([0, 5, 6, 7, 9]), palette([3, 5, 16], [[256, 512, 65535], [1000, 2000, 3000], [7, 8, 9]]))
    expect(decoded.bitsStored).toBe(16)
    expect([...decoded.pixels]).toEqual([256, 1000, 7, 256, 1000, 7, 512, 2000, 8, 65535, 3000, 9, 65535, 3000, 9])
  })

  test('with a signed first index, for signed pixels', async () => {
    const p = indices([], { columns: 3, allocated: 16, stored: 16, signed: true, vr: 'OW', data: [-2, -1, 1] })
    expect([...(await decode(p, palette([3, -2, 8], [[10, 20, 30], [1, 2, 3], [0, 0, 255]]))).pixels]).toEqual([10, 1, 0, 20, 2, 0, 30, 3, 255])
  })

  test('of 65536 entries, for which there is no number', async () => {
    const ramp = Array.from({ length: 65536 }, (_, i) => i)
    const p = indices([], { columns: 2, allocated: 16, stored: 16, vr: 'OW', data: [40000, 65535] })
    expect([...(await decode(p, palette([0, 0, 16], [ramp, ramp, ramp]))).pixels]).toEqual([40000, 40000, 40000, 65535, 65535, 65535])
  })

  test('whose entries have 8 bits where 16 are declared, or the other way round', async () => {
    const narrow = await decode(indices([0, 1]), palette([2, 0, 16], [[0, 255], [10, 20], [30, 40]]))
    expect(narrow.bitsStored).toBe(8)
    const wide = await decode(indices([0, 1]), palette([2, 0, 8], [[0, 65535], [257, 514], [30, 40]]))
    expect(wide.bitsStored).toBe(16)
  })

  const segments = palette([256, 0, 8], [Uint8Array.of(0, 1, 255, 1, 255, 255), Uint8Array.of(0, 1, 0, 1, 255, 255), Uint8Array.of(0, 1, 255, 1, 255, 0)], 0x00281221)

  test('in segments of 8 bits: a discrete entry and a line', async () => {
    const decoded = await decode(indices([0, 1, 100, 255]), segments)
    expect([...decoded.pixels]).toEqual([255, 0, 255, 255, 1, 254, 255, 100, 155, 255, 255, 0])
  })

  test('in segments of 16 bits, copied by an indirect one', async () => {
    // 3 entries; a line of 2 to 300; both again: the line now begins where the copy of the entries ended.
    const data = [0, 3, 100, 200, 100, 1, 2, 300, 2, 2, 0, 0]
    const decoded = await decode(indices([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), palette([10, 0, 16], [data, data, data], 0x00281221))
    expect([...decoded.pixels].filter((_, i) => i % 3 === 0)).toEqual([100, 200, 100, 200, 300, 100, 200, 100, 200, 300])
    // Bytes: the second segment begins at byte 10.
    const fromLine = [0, 3, 100, 200, 100, 1, 2, 300, 2, 1, 10, 0]
    const again = await decode(indices([5, 6]), palette([7, 0, 16], [fromLine, fromLine, fromLine], 0x00281221))
    expect([...again.pixels].filter((_, i) => i % 3 === 0)).toEqual([300, 300])
  })

  test.each([
    ['too few entries', [0, 2, 1, 2]],
    ['too many', [0, 5, 1, 2, 3, 4, 5]],
    ['an end in the middle of a segment', [0, 4, 1]],
    ['a line from nowhere', [1, 4, 100]],
    ['an indirect segment that copies itself', [0, 1, 5, 2, 2, 0, 0]],
    ['an indirect segment that points nowhere', [0, 1, 5, 2, 1, 4, 0]],
    ['a segment of no length', [0, 0, 0, 0, 0, 0]],
    ['a segment of no known kind', [7, 4, 1, 2, 3, 4]],
  ])('with %s in their segments are damaged', async (_, data) => {
    expect(await failure(indices([0]), palette([4, 0, 16], [data, data, data], 0x00281221))).toMatch(/^image-corrupt.*palette/)
  })

  test('that are missing or short are damaged', async () => {
    expect(await failure(indices([0]))).toMatch(/^image-corrupt.*palette/)
    expect(await failure(indices([0]), palette([4, 0, 16], [[1, 2], [1, 2], [1, 2]]))).toMatch(/^image-corrupt.*2 of 4 entries/)
    expect(await failure(indices([0]), palette([4, 0, 16], []))).toMatch(/^image-corrupt.*palette is missing/)
  })

  test('as a supplement to grey have no say over the values', async () => {
    const decoded = await decode({ ...indices([0, 3, 1]), photometric: 'MONOCHROME2' }, palette([4, 0, 8], [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]))
    expect(decoded.samples).toBe(1)
    expect([...decoded.pixels]).toEqual([0, 3, 1])
  })
})
