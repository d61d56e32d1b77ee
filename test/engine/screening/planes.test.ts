import { describe, expect, it } from 'vitest'
import type { DecodedImage } from '../../../src/engine/image/decoded-image'
import { toModelInput } from '../../../src/engine/image/model-input'
import { overlayHeat, renderPlane } from '../../../src/engine/screening/picture'
import { bytesOfPlane, heatmapPlane, purifiedPlane, scanPlane } from '../../../src/engine/screening/planes'
import type { ModelInput } from '../../../src/shared/bundle'

const spec = (channels: 1 | 3, intensity: ModelInput['intensity'] = { kind: 'declared-range' }): ModelInput => ({ width: 4, height: 4, channels, mean: [0], std: [1], intensity })

const image = (over: Partial<DecodedImage>): DecodedImage => ({
  format: 'dicom',
  width: 4,
  height: 4,
  frames: 1,
  frame: 0,
  samples: 1,
  pixels: Uint8Array.from({ length: 16 }, (_, i) => 10 * i),
  bitsStored: 8,
  signed: false,
  photometric: 'MONOCHROME2',
  rescale: { slope: 1, intercept: 0 },
  unit: '',
  windows: [{ center: 127.5, width: 255 }],
  facts: [],
  ...over,
})

/** A purifier that takes `amount` of the model's range away from every pixel. */
const screenedBy = (scan: DecodedImage, model: ModelInput, amount: number) => {
  const input = toModelInput(scan, model)
  return { input, purified: input.map((value) => value - amount) }
}

describe('the purified plane', () => {
  it('is in modality values, whatever slope, sign and range the file has', () => {
    const ct = image({
      pixels: Int16Array.from({ length: 16 }, (_, i) => 100 * i),
      bitsStored: 16,
      signed: true,
      rescale: { slope: 2, intercept: -1024 },
      unit: 'HU',
      windows: [{ center: 40, width: 400 }],
    })
    const model = spec(1, { kind: 'fixed', low: -1000, high: 3000 })
    const { values, description } = purifiedPlane(ct, screenedBy(ct, model, 0.01), model)
    expect(description).toMatchObject({ dtype: 'float32', slope: 1, intercept: 0, unit: 'HU', windows: [{ center: 40, width: 400 }] })
    values.forEach((value, i) => expect(value).toBeCloseTo(200 * i - 1024 - 0.01 * 4000, 2))
    const scan = scanPlane(ct)
    expect(scan.description).toMatchObject({ dtype: 'int16', slope: 2, intercept: -1024, min: 0, max: 1500 })
    expect(Buffer.from(bytesOfPlane(scan)).readInt16LE(6)).toBe(300)
  })

  it('gets brighter values back where small values are bright', () => {
    const film = image({ photometric: 'MONOCHROME1' })
    const model = spec(1)
    const { values, description } = purifiedPlane(film, screenedBy(film, model, 0.1), model)
    expect(description.invert).toBe(true)
    // The model saw 1 − value / 255; taking 0.1 from that adds 25.5 to the value.
    values.forEach((value, i) => expect(value).toBeCloseTo(10 * i + 25.5, 3))
  })

  it('keeps colours apart in a colour model and together in a grey one', () => {
    const colour = image({ samples: 3, photometric: 'RGB', pixels: Uint8Array.from({ length: 48 }, (_, i) => 60 + i) })
    const own = spec(3)
    const { input } = screenedBy(colour, own, 0)
    const purified = input.map((value, i) => (i < 16 ? value - 20 / 255 : value))
    const red = purifiedPlane(colour, { input, purified }, own)
    expect(red.description.dtype).toBe('uint8')
    expect(Array.from(red.values)).toEqual(Array.from(colour.pixels, (value, i) => (i % 3 === 0 ? value - 20 : value)))
    const grey = spec(1)
    expect(Array.from(purifiedPlane(colour, screenedBy(colour, grey, 20 / 255), grey).values)).toEqual(Array.from(colour.pixels, (value) => value - 20))
  })

  it('of a grey scan in a colour model loses the mean of the channels', () => {
    const scan = image({})
    const model = spec(3)
    const input = toModelInput(scan, model)
    const purified = input.map((value, i) => (i < 16 ? value - 30 / 255 : value))
    purifiedPlane(scan, { input, purified }, model).values.forEach((value, i) => expect(value).toBeCloseTo(10 * i - 10, 3))
  })
})

describe('the scan plane', () => {
  it('keeps 8-bit pixels as bytes, also where a codec gives clamped ones', () => {
    const clamped = Uint8ClampedArray.from({ length: 16 }, (_, i) => 10 * i) as unknown as Uint8Array
    const plane = scanPlane(image({ pixels: clamped }))
    expect(plane.description).toMatchObject({ dtype: 'uint8', min: 0, max: 150 })
    expect([...bytesOfPlane(plane)]).toEqual([...clamped])
  })

  it('shows wide pixel types as float32 and deep colour as bytes', () => {
    const wide = scanPlane(image({ pixels: Uint32Array.from({ length: 16 }, (_, i) => 70000 * i), bitsStored: 32 }))
    expect(wide.description).toMatchObject({ dtype: 'float32', max: 1050000 })
    const deep = scanPlane(image({ samples: 3, photometric: 'RGB', bitsStored: 16, pixels: new Uint16Array(48).fill(65535) }))
    expect(deep.description).toMatchObject({ dtype: 'uint8', min: 255, max: 255 })
  })
})

describe('pictures', () => {
  it('go through the window of DICOM and turn round for MONOCHROME1', () => {
    const scan = image({ windows: [{ center: 75, width: 50 }] })
    const grey = (picture: { rgb: Uint8Array }): number[] => Array.from({ length: 16 }, (_, i) => picture.rgb[3 * i]!)
    const expected = Array.from({ length: 16 }, (_, i) => Math.round(255 * Math.min(1, Math.max(0, (10 * i - 50) / 50))))
    expect(grey(renderPlane(scanPlane(scan), undefined))).toEqual(expected)
    const film = scanPlane({ ...scan, photometric: 'MONOCHROME1' })
    expect(grey(renderPlane(film, undefined, true))).toEqual(expected)
    expect(grey(renderPlane(film, undefined))).toEqual(expected.map((value) => 255 - value))
  })

  it('leave the scan as it is where nothing was removed, and at no opacity', () => {
    const scan = renderPlane(scanPlane(image({})), undefined)
    const heat = heatmapPlane(image({}), Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? 0 : 0.1)), spec(1), { hot: 0.05, usual: 0.01 })
    const shown = overlayHeat(scan, heat.values as Float32Array, { hot: 0.05, usual: 0.01 }, 1)
    expect(shown.rgb.subarray(0, 24)).toEqual(scan.rgb.subarray(0, 24))
    expect(shown.rgb.subarray(24)).not.toEqual(scan.rgb.subarray(24))
    expect(overlayHeat(scan, heat.values as Float32Array, { hot: 0.05, usual: 0.01 }, 0).rgb).toEqual(scan.rgb)
  })
})

describe('padding', () => {
  const padded = (over: Partial<DecodedImage> = {}) =>
    image({
      pixels: Int16Array.of(-2000, -1000, 0, 1000, ...new Array<number>(12).fill(500)),
      bitsStored: 16,
      signed: true,
      padding: { low: -2000, high: -1900 },
      windows: [{ center: 0, width: 4000 }],
      ...over,
    })
  const greys = (picture: { rgb: Uint8Array }): number[] => Array.from({ length: 4 }, (_, i) => picture.rgb[3 * i]!)

  it('has no part in the range of the plane', () => {
    expect(scanPlane(padded()).description).toMatchObject({ min: -1000, max: 1000, padding: { low: -2000, high: -1900 } })
    const everything = padded({ pixels: new Int16Array(16).fill(-2000) })
    expect(scanPlane(everything).description).toMatchObject({ min: 0, max: 0 })
  })

  it('is black in pictures whichever way grey runs, and inverted too', () => {
    for (const photometric of ['MONOCHROME1', 'MONOCHROME2'] as const)
      for (const invert of [false, true]) {
        const [padding, low, middle, high] = greys(renderPlane(scanPlane(padded({ photometric })), undefined, invert))
        expect(padding).toBe(0)
        expect(Math.sign(high! - middle!)).toBe((photometric === 'MONOCHROME1') === invert ? 1 : -1)
        expect(Math.sign(middle! - low!)).toBe((photometric === 'MONOCHROME1') === invert ? 1 : -1)
      }
  })

  it('stays what it is in the purified scan, in that plane’s own values', () => {
    const model = spec(1, { kind: 'fixed', low: -1000, high: 3000 })
    for (const rescale of [
      { slope: 0.1, intercept: -7.3 },
      { slope: -0.1, intercept: 3 },
    ]) {
      const scan = padded({ rescale })
      const { values, description } = purifiedPlane(scan, screenedBy(scan, model, 0.01), model)
      const { low, high } = description.padding!
      expect(values[0]).toBe(Math.fround(-2000 * rescale.slope + rescale.intercept))
      expect([...values.subarray(0, 4)].map((value) => value >= low && value <= high)).toEqual([true, false, false, false])
      expect(values[3]).toBeCloseTo(1000 * rescale.slope + rescale.intercept - 40, 3)
      expect(description.min).toBeGreaterThan(-300)
      expect(greys(renderPlane({ values, description }, undefined))[0]).toBe(0)
    }
  })

  it('is nothing for the model, whichever way grey runs', () => {
    for (const photometric of ['MONOCHROME1', 'MONOCHROME2'] as const) {
      const input = toModelInput(padded({ photometric }), spec(1, { kind: 'data-range', lowPercentile: 0, highPercentile: 100 }))
      expect(input[0]).toBe(0)
      expect(input[3]).toBe(photometric === 'MONOCHROME1' ? 0 : 1)
      expect(input[1]).toBe(photometric === 'MONOCHROME1' ? 1 : 0)
    }
  })
})

describe('pixels that are no numbers', () => {
  const broken = (photometric: DecodedImage['photometric']) =>
    image({ pixels: Float32Array.of(NaN, Infinity, -Infinity, 1, ...new Array<number>(12).fill(0)), bitsStored: 32, photometric, windows: [{ center: 0.5, width: 1 }] })

  it('do no harm to range, picture and model input', () => {
    for (const photometric of ['MONOCHROME1', 'MONOCHROME2'] as const) {
      const scan = broken(photometric)
      const plane = scanPlane(scan)
      expect(plane.description).toMatchObject({ dtype: 'float32', min: 0, max: 1 })
      const picture = renderPlane(plane, undefined)
      const [low, high] = photometric === 'MONOCHROME1' ? [255, 0] : [0, 255]
      expect([0, 3, 6, 9].map((at) => picture.rgb[at])).toEqual([0, high, low, high])
      const input = toModelInput(scan, spec(1))
      expect(input.every((value) => value >= 0 && value <= 1)).toBe(true)
      expect(input[0]).toBe(0)
      const { description } = purifiedPlane(scan, screenedBy(scan, spec(1), 0.1), spec(1))
      expect([description.min, description.max].every(Number.isFinite)).toBe(true)
    }
  })
})
