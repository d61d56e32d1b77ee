import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPadding, modalityRange, paddingOf, pixelShape, storedPixels, valuesAt } from '../../../src/renderer/viewer/plane-data'
import { displayPixels } from '../../../src/renderer/viewer/quantise'
import type { PixelPlane } from '../../../src/shared/types'

const plane = (over: Partial<PixelPlane>): PixelPlane => ({
  id: 'p', width: 2, height: 2, samples: 1, dtype: 'uint8', slope: 1, intercept: 0, min: 0, max: 255, invert: false, windows: [{ center: 128, width: 256 }], unit: '', ...over,
})

describe('the bytes of a plane', () => {
  it('are little endian', () => expect(Array.from(storedPixels(plane({ dtype: 'int16' }), new Uint8Array([1, 0, 0xff, 0xff, 0, 1, 0, 0x80]).buffer))).toEqual([1, -1, 256, -32768]))
  it('are refused when some are missing', () => expect(() => storedPixels(plane({ dtype: 'uint16' }), new ArrayBuffer(7))).toThrow(/incomplete/))
})

describe('values under the cursor', () => {
  it('are modality values, not stored ones', () => {
    const hounsfield = plane({ dtype: 'int16', slope: 2, intercept: -1024 })
    expect(valuesAt(hounsfield, new Int16Array([0, 512, 1024, -1]), 1, 0)).toEqual([0])
    expect(valuesAt(hounsfield, new Int16Array([0, 512, 1024, -1]), 1, 1)).toEqual([-1026])
  })
  it('are one per sample for colour', () => expect(valuesAt(plane({ width: 1, samples: 3 }), new Uint8Array([1, 2, 3, 4, 5, 6]), 0, 1)).toEqual([4, 5, 6]))
  it('are none outside', () => {
    for (const [x, y] of [[-1, 0], [0, -1], [2, 0], [0, 2]] as const) expect(valuesAt(plane({}), new Uint8Array(4), x, y)).toBeNull()
  })
  it('span a range that is in order when the slope is negative', () => expect(modalityRange(plane({ slope: -1, intercept: 10 }))).toEqual({ low: -245, high: 10 }))
})

describe('pixels for the display', () => {
  it('pass integers on as they are, without a copy', () => {
    const stored = new Int16Array([-5, 0, 7, 9])
    const shown = displayPixels(plane({ dtype: 'int16', slope: 3, intercept: 1, min: -5, max: 9 }), stored, null)
    expect(shown).toEqual({ data: stored, slope: 3, intercept: 1, min: -5, max: 9 })
  })

  it('put floats on 16 bits with an error of at most half a step', () =>
    fc.assert(
      fc.property(fc.array(fc.float({ min: -2000, max: 5000, noNaN: true }), { minLength: 4, maxLength: 4 }), fc.constantFrom(1, -0.5, 2), (values, slope) => {
        const stored = new Float32Array(values)
        const [min, max] = [Math.min(...stored), Math.max(...stored)]
        const shown = displayPixels(plane({ dtype: 'float32', slope, intercept: 3, min, max }), stored, null)
        stored.forEach((value, i) => {
          const back = shown.data[i]! * shown.slope + shown.intercept
          expect(Math.abs(back - (value * slope + 3))).toBeLessThanOrEqual((Math.abs(slope) * (max - min)) / 131068 + 1e-6)
        })
      }),
    ))

  it('take NaN for no image instead of drawing noise', () => {
    const shown = displayPixels(plane({ dtype: 'float32', min: 0, max: 1 }), new Float32Array([NaN, 0, 0.5, 1]), null)
    expect(Array.from(shown.data)).toEqual([65535, 0, 32767, 65534])
    expect(shown.padding).toEqual({ low: 65535, high: 65535 })
  })

  it('keep 8-bit samples of colour exact, without a copy', () => {
    const stored = new Uint8Array([1, 2, 3, 250, 251, 252])
    const shown = displayPixels(plane({ width: 1, height: 2, samples: 3 }), stored, null)
    expect(shown.data).toBe(stored)
    expect([shown.slope, shown.intercept]).toEqual([1, 0])
  })
})

describe('padding', () => {
  const scan = plane({ padding: { low: -2000, high: -1990 } })
  const stored = new Int16Array([-2000, -1995, -1989, 40])

  it('is a range of stored values with both its ends', () => {
    const padding = paddingOf(scan, stored)
    expect([0, 1, 2, 3].map((i) => isPadding(padding, i))).toEqual([true, true, false, false])
    expect(isPadding(null, 0)).toBe(false)
  })
  it('has a place in the table of whole numbers, though it is no part of their range', () =>
    expect(displayPixels(plane({ dtype: 'int16', min: -1989, max: 40, padding: { low: -2000, high: -1990 } }), stored, paddingOf(scan, stored))).toMatchObject({ min: -2000, max: 40, padding: { low: -2000, high: -1990 } }))
  it('is cut to what the pixels can hold', () => {
    const floating = { low: -3e38, high: 1.5 }
    expect(displayPixels(plane({ padding: floating }), new Uint8Array(4), { pixels: new Uint8Array(4), ...floating })).toMatchObject({ min: 0, max: 255, padding: { low: 0, high: 1 } })
  })
  it('is not known in colour', () => expect(paddingOf(plane({ samples: 3, padding: { low: 0, high: 0 } }), new Uint8Array(12))).toBeNull())
})

describe('the shape of a pixel', () => {
  it('is its spacing, else its ratio, else square', () => {
    expect(pixelShape(plane({ spacing: { row: 0.4, column: 0.2 }, aspect: 5 }))).toEqual({ row: 0.4, column: 0.2 })
    expect(pixelShape(plane({ aspect: 2 }))).toEqual({ row: 2, column: 1 })
    expect(pixelShape(plane({}))).toBeUndefined()
  })
})
