import { describe, expect, test } from 'vitest'
import type { ModelInput } from '../../../src/shared/bundle'
import type { DecodedImage } from '../../../src/engine/image/decoded-image'
import { decodeImage } from '../../../src/engine/image/decode'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { toModelInput, unitScale } from '../../../src/engine/image/model-input'
import { modalityValues } from '../../../src/engine/image/modality'
import { jpeg, png } from './pictures'

const spec = (over: Partial<ModelInput> = {}): ModelInput => ({ width: 3, height: 2, channels: 1, mean: [0.5], std: [0.2], intensity: { kind: 'declared-range' }, ...over })
const rounded = (values: Float32Array) => [...values].map((value) => Math.round(value * 1e5) / 1e5)
const dicom = (over: Partial<Parameters<typeof writeDicom>[0]> = {}) =>
  decodeImage(writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 3, height: 2, pixels: Int16Array.of(-1024, 0, 1024, 2048, 100, -500), ...over }))

describe('model input', () => {
  test('8-bit grey runs from 0 at 0 to 1 at 255; mean and deviation are left to others', async () => {
    expect(rounded(toModelInput(await decodeImage(png.grey), spec()))).toEqual([0, 50, 100, 150, 200, 255].map((v) => Math.round((v / 255) * 1e5) / 1e5))
  })

  test('16-bit grey is not squeezed through 8 bits', async () => {
    const input = toModelInput(await decodeImage(png.grey16), spec())
    expect(input[1]).toBeCloseTo(1 / 65535, 8)
    expect(input[5]).toBe(1)
  })

  test('colour becomes grey by the luma of BT.601, as Pillow’s convert("L") to within its rounding', async () => {
    const input = toModelInput(await decodeImage(png.rgb), spec())
    // np.asarray(Image.open(rgb).convert('L')).ravel(), Pillow 9.4
    const pillow = [117, 156, 197, 57, 95, 135]
    pillow.forEach((level, i) => expect(Math.abs(input[i]! * 255 - level)).toBeLessThanOrEqual(0.51))
  })

  test('colour for a colour model is planar, grey for a colour model is repeated', async () => {
    const colour = toModelInput(await decodeImage(png.rgb), spec({ channels: 3 }))
    expect([...colour].map((v) => Math.round(v * 255))).toEqual([0, 50, 100, 150, 200, 255, 150, 200, 255, 0, 50, 100, 255, 205, 155, 105, 55, 0])
    const grey = toModelInput(await decodeImage(png.grey), spec({ channels: 3 }))
    expect(grey.length).toBe(18)
    expect(grey.subarray(6, 12)).toEqual(grey.subarray(0, 6))
  })

  test('fixed bounds are in modality values and clamp', async () => {
    const image = await dicom({ rescale: { slope: 2, intercept: -1000, type: 'HU' } })
    expect([...modalityValues(image)]).toEqual([-3048, -1000, 1048, 3096, -800, -2000])
    const input = toModelInput(image, spec({ intensity: { kind: 'fixed', low: -1000, high: 1000 } }))
    expect(rounded(input)).toEqual([0, 0, 1, 1, 0.1, 0])
    expect(unitScale(image, { intensity: { kind: 'fixed', low: -1000, high: 1000 } })).toEqual({ low: -1000, high: 1000, inverted: false })
  })

  test('the declared range follows sign, bits stored and rescale, whichever way the slope points', async () => {
    const scale = (over: Partial<Parameters<typeof writeDicom>[0]>) => dicom(over).then((image) => unitScale(image, spec()))
    expect(await scale({})).toEqual({ low: -32768, high: 32767, inverted: false })
    expect(await scale({ pixels: new Uint16Array(6), bitsStored: 12 })).toEqual({ low: 0, high: 4095, inverted: false })
    expect(await scale({ pixels: new Uint16Array(6), bitsStored: 12, rescale: { slope: -1, intercept: 4095 } })).toEqual({ low: 0, high: 4095, inverted: false })
  })

  test('the data range lies between percentiles of the image itself', async () => {
    const image = await dicom()
    expect(unitScale(image, { intensity: { kind: 'data-range', lowPercentile: 0, highPercentile: 100 } })).toMatchObject({ low: -1024, high: 2048 })
    expect(unitScale(image, { intensity: { kind: 'data-range', lowPercentile: 20, highPercentile: 80 } })).toMatchObject({ low: -500, high: 1024 })
  })

  test('a MONOCHROME1 image gives the input of its MONOCHROME2 twin', async () => {
    const pixels = Uint16Array.of(0, 1, 2, 1000, 2000, 4095)
    const plain = await dicom({ pixels, bitsStored: 12, photometric: 'MONOCHROME2' })
    const inverse = await dicom({ pixels: pixels.map((value) => 4095 - value), bitsStored: 12, photometric: 'MONOCHROME1' })
    expect(unitScale(inverse, spec()).inverted).toBe(true)
    expect(rounded(toModelInput(inverse, spec()))).toEqual(rounded(toModelInput(plain, spec())))
  })

  test('the window has no say', async () => {
    const pixels = Uint16Array.of(0, 1, 2, 1000, 2000, 4095)
    const narrow = await dicom({ pixels, bitsStored: 12, windows: [{ center: 10, width: 5 }] })
    const wide = await dicom({ pixels, bitsStored: 12, windows: [{ center: 2000, width: 4000 }] })
    expect(narrow.windows).not.toEqual(wide.windows)
    expect(toModelInput(narrow, spec())).toEqual(toModelInput(wide, spec()))
  })

  test('constant images and pixels that are not numbers stay in [0, 1]', async () => {
    const image = await dicom({ pixels: new Int16Array(6).fill(7) })
    expect([...toModelInput(image, spec({ intensity: { kind: 'data-range', lowPercentile: 1, highPercentile: 99 } }))]).toEqual([0, 0, 0, 0, 0, 0])
    const float: DecodedImage = { ...image, pixels: Float32Array.of(NaN, -Infinity, 0, 1, 2, Infinity) }
    expect([...toModelInput(float, spec())]).toEqual([0, 0, 0, 0.5, 1, 1])
  })

  test('it is resized to the model’s size', async () => {
    const input = toModelInput(await decodeImage(jpeg.colour444.file), spec({ width: 12, height: 8, channels: 3 }))
    expect(input.length).toBe(3 * 12 * 8)
    expect(input.every((value) => value >= 0 && value <= 1)).toBe(true)
  })
})
