/** From stored values to what they mean and how they are looked at (PS3.3 C.11), frame by frame, with numbers worked out by hand. */
import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { modalityValues } from '../../../../src/engine/image/modality'
import type { Element, Pixels } from './dicom-maker'
import { explicitBig, explicitLittle, file, image, implicitLittle, numbers } from './dicom-maker'

const ds = (tag: number, ...values: (number | string)[]): Element => ({ tag, vr: 'DS', value: values.join('\\') })
const cs = (tag: number, value: string): Element => ({ tag, vr: 'CS', value })
const sq = (tag: number, ...items: Element[][]): Element => ({ tag, vr: 'SQ', value: items })
const us = (tag: number, ...values: number[]): Element => ({ tag, vr: 'US', value: values })
const pixels: Pixels = { rows: 1, columns: 4, data: [0, 10, 20, 30], stored: 12 }
const decode = (more: Element[], over: Partial<Pixels> = {}, encoding = explicitLittle, sopClass?: string) =>
  decodeImage(file(image({ ...pixels, ...over }, [...more, ...(sopClass ? [{ tag: 0x00080016, vr: 'UI', value: sopClass }] : [])]), encoding, undefined, sopClass))

const sharedGroups = (...macros: Element[]) => sq(0x52009229, macros)
const perFrame = (...frames: Element[][]) => sq(0x52009230, ...frames)
const transformation = (slope: number, intercept: number) => sq(0x00289145, [ds(0x00281052, intercept), ds(0x00281053, slope), { tag: 0x00281054, vr: 'LO', value: 'HU' }])
const frameWindow = (center: number, width: number) => sq(0x00289132, [ds(0x00281050, center), ds(0x00281051, width)])

describe('slope and intercept', () => {
  test('at top level, in every encoding', async () => {
    for (const encoding of [explicitLittle, implicitLittle, explicitBig]) {
      const decoded = await decode([ds(0x00281052, '-1024'), ds(0x00281053, '2.5')], {}, encoding)
      expect([...modalityValues(decoded)]).toEqual([-1024, -999, -974, -949])
    }
  })

  test('of each frame, the frame before all frames before the image', async () => {
    const opened = await openImage(
      file(
        image({ ...pixels, columns: 2, frames: '3', data: [0, 10, 0, 10, 0, 10] }, [
          ds(0x00281052, 7),
          ds(0x00281053, 7),
          sharedGroups(transformation(3, 1)),
          perFrame([transformation(2, -5), frameWindow(40, 400)], [frameWindow(50, 500)], [transformation(4, 0)]),
        ]),
      ),
    )
    const frames = await Promise.all([0, 1, 2].map((i) => opened.frame(i)))
    expect(frames.map((frame) => frame.rescale)).toEqual([
      { slope: 2, intercept: -5 },
      { slope: 3, intercept: 1 },
      { slope: 4, intercept: 0 },
    ])
    expect(frames.map((frame) => frame.windows[0])).toEqual([
      { center: 40, width: 400 },
      { center: 50, width: 500 },
      { center: 20, width: 40 }, // none of its own: 4 × 0 … 4 × 10
    ])
    expect(frames.map((frame) => frame.unit)).toEqual(['HU', 'HU', 'HU'])
  })

  test('of nothing, and what is no number, are taken for one and zero', async () => {
    expect((await decode([ds(0x00281052, ''), ds(0x00281053, '0')])).rescale).toEqual({ slope: 1, intercept: 0 })
    expect((await decode([ds(0x00281052, 'abc'), ds(0x00281053, '1e999')])).rescale).toEqual({ slope: 1, intercept: 0 })
  })

  test('that lead beyond all numbers are an error, not a picture of infinity', async () => {
    await expect(decode([ds(0x00281053, 1e308), ds(0x00281052, 0)])).rejects.toMatchObject({ code: 'image-corrupt', message: expect.stringContaining('slope and intercept') })
  })

  test('of a dose grid are its scaling', async () => {
    const dose = await decode([ds(0x3004000e, '0.001'), cs(0x30040002, 'GY')])
    expect(dose).toMatchObject({ rescale: { slope: 0.001, intercept: 0 }, unit: 'Gy' })
  })

  test('have no say over colours', async () => {
    const colour = await decode([ds(0x00281052, -1024), ds(0x00281050, 40), ds(0x00281051, 400)], { samples: 3, columns: 1, photometric: 'RGB', allocated: 8, stored: 8, planar: 0, data: new Uint8Array([1, 2, 3, 0]) })
    expect(colour).toMatchObject({ rescale: { slope: 1, intercept: 0 }, windows: [{ center: 127.5, width: 255 }], unit: '' })
  })
})

const table = (descriptor: number[], data: Uint8Array | readonly number[], more: Element[] = [], vr = 'OW'): Element[] => [
  { tag: 0x00283002, vr: 'US', value: descriptor },
  ...more,
  { tag: 0x00283006, vr, value: data },
]

describe('a modality lookup table', () => {
  test('is applied to the pixels; values beyond its ends take the last entry on that side', async () => {
    const decoded = await decode([sq(0x00283000, table([3, 10, 16], [500, 600, 700], [{ tag: 0x00283004, vr: 'LO', value: 'HU' }]))], { data: [0, 10, 11, 30] })
    expect([...decoded.pixels]).toEqual([500, 500, 600, 700])
    expect(decoded).toMatchObject({ rescale: { slope: 1, intercept: 0 }, signed: false, bitsStored: 10, unit: 'HU', windows: [{ center: 600, width: 200 }] })
  })

  test('has a signed first value where pixels are signed', async () => {
    for (const encoding of [explicitLittle, implicitLittle, explicitBig]) {
      const decoded = await decode([sq(0x00283000, table([4, -2, 16], [9, 8, 7, 6]))], { signed: true, stored: 16, data: [-5, -2, -1, 5] }, encoding)
      expect([...decoded.pixels]).toEqual([9, 9, 8, 6])
    }
  })

  test('of 8 bits may have its entries packed two in a word', async () => {
    const packed = Uint8Array.of(1, 2, 3, 4)
    for (const [encoding, bytes] of [
      [explicitLittle, packed],
      [explicitBig, Uint8Array.of(2, 1, 4, 3)],
    ] as const) {
      const decoded = await decode([sq(0x00283000, table([4, 0, 8], bytes))], { data: [0, 1, 2, 3] }, encoding)
      expect([...decoded.pixels]).toEqual([1, 2, 3, 4])
    }
  })

  test('leaves padding alone', async () => {
    const decoded = await decode([us(0x00280120, 20), sq(0x00283000, table([4, 9, 16], [5, 6, 7, 8]))])
    expect(decoded.padding).toBeDefined()
    const { low, high } = decoded.padding!
    expect([...decoded.pixels].map((value) => value >= low && value <= high)).toEqual([false, false, true, false])
    expect([...decoded.pixels].filter((_, i) => i !== 2)).toEqual([5, 6, 8])
  })

  test('of an angiogram that leads back to X-ray intensity is not for looking', async () => {
    const angiogram = '1.2.840.10008.5.1.4.1.1.12.1'
    const lut = sq(0x00283000, table([2, 0, 16], [100, 200]))
    expect([...(await decode([lut, cs(0x00281040, 'LOG')], {}, explicitLittle, angiogram)).pixels]).toEqual([0, 10, 20, 30])
    expect([...(await decode([lut, cs(0x00281040, 'LIN')], {}, explicitLittle, angiogram)).pixels]).toEqual([100, 200, 200, 200])
  })

  test('in which everything is empty is none; one that is damaged is an error', async () => {
    expect([...(await decode([sq(0x00283000, table([], []))])).pixels]).toEqual([0, 10, 20, 30])
    const failed = (lut: Element[]) => decode([sq(0x00283000, lut)]).catch((error: { code: string }) => error.code)
    expect(await failed(table([4, 0, 16], [1, 2]))).toBe('image-corrupt')
    expect(await failed(table([], [1, 2]))).toBe('image-corrupt')
    expect(await failed(table([4, 0, 16], []))).toBe('image-corrupt')
  })
})

describe('windows', () => {
  test('keep their order and explanations; those without a width are left out', async () => {
    const decoded = await decode([ds(0x00281050, 300, 400, 'x', 500, 600), ds(0x00281051, 1000, 0, 300, 400, -5), { tag: 0x00281055, vr: 'LO', value: 'A\\B\\C\\D\\E' }])
    expect(decoded.windows).toEqual([
      { center: 300, width: 1000, explanation: 'A' },
      { center: 500, width: 400, explanation: 'D' },
    ])
  })

  test('are the whole range where the file names none, without padding', async () => {
    expect((await decode([])).windows).toEqual([{ center: 15, width: 30 }])
    expect((await decode([us(0x00280120, 0)])).windows).toEqual([{ center: 20, width: 20 }])
    expect((await decode([us(0x00280120, 0)], { data: [0, 0, 0, 0] })).windows).toEqual([{ center: 0.5, width: 1 }])
    expect((await decode([ds(0x00281053, -2)])).windows).toEqual([{ center: -30, width: 60 }])
  })

  test('that are narrow reach their ends where LINEAR does, half a value early', async () => {
    // C.11.2.1.2.1: black up to c − 0.5 − (w − 1) / 2, white from c − 0.5 + (w − 1) / 2.
    const ends = async (center: number, width: number, more: Element[] = []) => {
      const [window] = (await decode([ds(0x00281050, center), ds(0x00281051, width), ...more])).windows
      return [window!.center - window!.width / 2, window!.center + window!.width / 2]
    }
    expect(await ends(10, 5)).toEqual([7.5, 11.5])
    const [black, white] = await ends(1, 1)
    expect(black).toBeGreaterThanOrEqual(0.5)
    expect(white).toBeLessThanOrEqual(1)
    expect(await ends(40, 400)).toEqual([-160, 240])
    expect(await ends(10, 5, [cs(0x00281056, 'LINEAR_EXACT')])).toEqual([7.5, 12.5])
    expect(await ends(10, 5, [ds(0x00281053, 0.5)])).toEqual([7.5, 12.5])
  })
})

describe('VOI lookup tables', () => {
  test('are handed on in modality values, with their explanations', async () => {
    const first = table([3, 0xfc18, 12], [0, 2048, 4095], [{ tag: 0x00283003, vr: 'LO', value: 'BONE' }])
    const second = table([2, 5, 8], Uint8Array.of(0, 255))
    const decoded = await decode([ds(0x00281052, -1024), ds(0x00281053, 1), sq(0x00283010, first, second)])
    expect(decoded.voiTables).toEqual([
      { explanation: 'BONE', first: -1000, bits: 12, values: Uint16Array.of(0, 2048, 4095) },
      { explanation: 'Lookup table 2', first: 5, bits: 8, values: Uint16Array.of(0, 255) },
    ])
  })

  test('that are damaged are left out: there is a window as well', async () => {
    const decoded = await decode([sq(0x00283010, table([300, 0, 16], [1, 2]))])
    expect(decoded.voiTables).toBeUndefined()
    expect(decoded.windows).toHaveLength(1)
  })

  test('stand for SIGMOID, by its formula', async () => {
    const decoded = await decode([ds(0x00281050, 2000), ds(0x00281051, 600), cs(0x00281056, 'SIGMOID')])
    const [{ first, bits, values }] = decoded.voiTables! as [NonNullable<typeof decoded.voiTables>[number]]
    const top = 2 ** bits - 1
    for (const x of [800, 1500, 1999, 2000, 2400, 3199]) expect(Math.abs(values[x - first]! / top - 1 / (1 + Math.exp((-4 * (x - 2000)) / 600)))).toBeLessThan(1 / top)
    // Beyond its ends it is flat, and nearly there.
    expect(values[0]! / top).toBeLessThan(1 / 512)
    expect(values.at(-1)! / top).toBeGreaterThan(1 - 1 / 512)
    expect(decoded.windows).toEqual([{ center: 2000, width: 600 }])
  })
})

describe('padding', () => {
  test('leaves a label that is the only value beside it to be seen', async () => {
    const { windows } = await decode([us(0x00280120, 0)], { data: [0, 9, 9, 0] })
    expect(windows).toEqual([{ center: 4.5, width: 9 }])
  })

  const padding = async (more: Element[], over: Partial<Pixels> = {}) => (await decode(more, over)).padding

  test('is a value or a range, whichever end is named first', async () => {
    expect(await padding([us(0x00280120, 5)])).toEqual({ low: 5, high: 5 })
    expect(await padding([us(0x00280120, 5), us(0x00280121, 9)])).toEqual({ low: 5, high: 9 })
    expect(await padding([us(0x00280120, 4095), us(0x00280121, 4000)], { photometric: 'MONOCHROME1' })).toEqual({ low: 4000, high: 4095 })
    expect(await padding([])).toBeUndefined()
  })

  test('is signed where pixels are, whatever its VR and its upper bits say', async () => {
    const signed = { signed: true, stored: 16 }
    expect(await padding([us(0x00280120, 63536)], signed)).toEqual({ low: -2000, high: -2000 })
    expect(await padding([{ tag: 0x00280120, vr: 'SS', value: [-2000] }], signed)).toEqual({ low: -2000, high: -2000 })
    expect(await padding([us(0x00280120, 0x830)], { signed: true, stored: 12 })).toEqual({ low: -2000, high: -2000 })
    // What no pixel can be is no pixel.
    expect(await padding([us(0x00280120, 63536)])).toEqual({ low: 63536, high: 63536 })
  })

  test('that would be every pixel is none, nor has colour any', async () => {
    expect(await padding([us(0x00280120, 0), us(0x00280121, 4095)])).toBeUndefined()
    const rgb: Partial<Pixels> = { samples: 3, columns: 1, photometric: 'RGB', allocated: 8, stored: 8, planar: 0, data: Uint8Array.of(1, 2, 3, 0) }
    expect(await padding([us(0x00280120, 0)], rgb)).toBeUndefined()
  })
})

describe('which way grey runs', () => {
  test.each([
    ['MONOCHROME2', undefined, 'MONOCHROME2'],
    ['MONOCHROME1', undefined, 'MONOCHROME1'],
    ['MONOCHROME2', 'IDENTITY', 'MONOCHROME2'],
    ['MONOCHROME2', 'INVERSE', 'MONOCHROME1'],
    ['MONOCHROME1', 'INVERSE', 'MONOCHROME1'],
  ])('%s with presentation LUT shape %s is %s', async (photometric, shape, expected) => {
    expect((await decode(shape ? [cs(0x20500020, shape)] : [], { photometric })).photometric).toBe(expected)
  })
})

describe('the size of a pixel', () => {
  const region = (deltaX: number, deltaY: number, units = 3, format = 1): Element[] => [
    us(0x00186012, format),
    us(0x00186024, units),
    us(0x00186026, units),
    { tag: 0x0018602c, vr: 'FD', value: numbers('FD', [deltaX], true) },
    { tag: 0x0018602e, vr: 'FD', value: numbers('FD', [deltaY], true) },
  ]
  const spacing = async (...more: Element[]) => (await decode(more)).spacing

  test('is the one in the patient before the one at the detector or on film', async () => {
    expect(await spacing(ds(0x00280030, 0.5, 0.25), ds(0x00181164, 0.1, 0.1))).toEqual({ row: 0.5, column: 0.25 })
    expect(await spacing(ds(0x00181164, 0.1, 0.2), ds(0x00182010, 1, 1))).toEqual({ row: 0.1, column: 0.2 })
    expect(await spacing(ds(0x00182010, 1, 2))).toEqual({ row: 1, column: 2 })
    expect(await spacing(ds(0x00280030, 0, 'x'))).toBeUndefined()
    expect(await spacing(sharedGroups(sq(0x00289110, [ds(0x00280030, 3, 4)])))).toEqual({ row: 3, column: 4 })
  })

  test('of ultrasound is that of its regions, where these agree', async () => {
    expect(await spacing(sq(0x00186011, region(0.02, -0.03)))).toEqual({ row: expect.closeTo(0.3), column: expect.closeTo(0.2) })
    expect(await spacing(sq(0x00186011, region(0.02, 0.03), region(0.02, 0.03)))).toEqual({ row: expect.closeTo(0.3), column: expect.closeTo(0.2) })
    expect(await spacing(sq(0x00186011, region(0.02, 0.03), region(0.02, 0.04)))).toBeUndefined()
    expect(await spacing(sq(0x00186011, region(0.02, 0.03), region(0.01, 7, 4, 3)))).toEqual({ row: expect.closeTo(0.3), column: expect.closeTo(0.2) }) // a Doppler trace
    expect(await spacing(sq(0x00186011, region(0.02, 0.03, 4)))).toBeUndefined() // seconds
  })

  test('that no pixel can have is none', async () => {
    for (const absurd of ['1e-300\\1e300', '1e300\\1e-300', '1e-9\\1e-9', '1e9\\1e9', '100\\0.01']) {
      expect([absurd, await spacing({ tag: 0x00280030, vr: 'DS', value: absurd })]).toEqual([absurd, undefined])
      expect(await spacing({ tag: 0x00280030, vr: 'DS', value: absurd }, ds(0x00181164, 0.1, 0.2))).toEqual({ row: 0.1, column: 0.2 })
    }
    expect((await decode([{ tag: 0x00280034, vr: 'IS', value: '1e300\\1' }])).aspect).toBeUndefined()
  })

  test('or its shape, where there is no more', async () => {
    expect((await decode([{ tag: 0x00280034, vr: 'IS', value: '3\\4' }])).aspect).toBe(0.75)
    expect((await decode([{ tag: 0x00280034, vr: 'IS', value: '1\\1' }])).aspect).toBeUndefined()
    expect((await decode([{ tag: 0x00280034, vr: 'IS', value: '3\\4' }, ds(0x00280030, 1, 1)])).aspect).toBeUndefined()
  })
})

describe('the frame to begin with', () => {
  const begin = async (sopClass: string, more: Element[] = []) =>
    (await openImage(file(image({ ...pixels, columns: 1, frames: '4', data: [1, 2, 3, 4] }, [...more, { tag: 0x00080016, vr: 'UI', value: sopClass }])))).defaultFrame

  test('is the representative one, the middle of a volume, or the first', async () => {
    const storage = '1.2.840.10008.5.1.4.1.1.'
    expect(await begin(`${storage}3.1`)).toBe(0) // ultrasound cine
    expect(await begin(`${storage}4.1`)).toBe(2) // enhanced MR
    expect(await begin(`${storage}481.2`)).toBe(2) // RT dose
    expect(await begin(`${storage}3.1`, [us(0x00286010, 4)])).toBe(0) // no integer string
    expect(await begin(`${storage}3.1`, [{ tag: 0x00286010, vr: 'IS', value: '4' }])).toBe(3)
    expect(await begin(`${storage}4.1`, [{ tag: 0x00286010, vr: 'IS', value: '9' }])).toBe(2)
  })
})

test('facts are short and tell nothing of the patient', async () => {
  const decoded = await decode([
    { tag: 0x00100010, vr: 'PN', value: 'Smith^John' },
    { tag: 0x00100020, vr: 'LO', value: 'ID-4711' },
    cs(0x00080060, 'DX'),
    cs(0x00180015, 'CHEST'),
    cs(0x00185101, 'PA'),
    { tag: 0x00281201, vr: 'OW', value: [1, 2] },
    ds(0x00280030, 0.1234567, 0.2),
  ])
  const text = decoded.facts.map(({ label, value }) => `${label}: ${value}`)
  expect(text).toEqual(expect.arrayContaining(['Body part: CHEST', 'View: PA', 'Bits: 12 of 16', 'Photometric: MONOCHROME2', 'Supplemental palette: not used', 'Spacing: 0.1235 × 0.2 mm']))
  expect(text.join()).not.toMatch(/Smith|4711/)
})
