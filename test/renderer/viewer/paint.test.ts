import { describe, expect, it } from 'vitest'
import { paintPlane } from '../../../src/renderer/viewer/paint'
import type { Look } from '../../../src/renderer/viewer/paint'
import { paddingOf } from '../../../src/renderer/viewer/plane-data'
import type { StoredPixels } from '../../../src/renderer/viewer/plane-data'
import { displayPixels } from '../../../src/renderer/viewer/quantise'
import type { PixelPlane } from '../../../src/shared/types'

const look = (over: Partial<Look> = {}): Look => ({ window: { center: 127.5, width: 255 }, table: null, invert: false, ...over })

/** RGBA of each pixel, as a canvas gets them. */
function painted(plane: Partial<PixelPlane>, stored: StoredPixels, how: Look, of?: { plane: PixelPlane; stored: StoredPixels }): number[][] {
  const samples = plane.samples ?? 1
  let [min, max] = [Infinity, -Infinity]
  for (const value of stored) if (!(plane.padding && value >= plane.padding.low && value <= plane.padding.high) && !Number.isNaN(value)) [min, max] = [Math.min(min, value), Math.max(max, value)]
  const whole = { slope: 1, intercept: 0, invert: false, samples, width: stored.length / samples, height: 1, min, max, ...plane } as PixelPlane
  const padding = of ? paddingOf(of.plane, of.stored) : paddingOf(whole, stored)
  const out = new Uint32Array(stored.length / samples)
  paintPlane(whole, displayPixels(whole, stored, padding), how, out)
  const bytes = new Uint8Array(out.buffer)
  return Array.from(out, (_, i) => [...bytes.subarray(i * 4, i * 4 + 4)])
}
const greys = (pixels: number[][]): number[] => pixels.map(([r, g, b, a]) => (r === g && g === b && a === 255 ? r! : -1))

describe('painting a grey plane', () => {
  it('shows 8-bit values as they are through the whole window', () => expect(greys(painted({}, new Uint8Array([0, 1, 127, 254, 255]), look()))).toEqual([0, 1, 127, 254, 255]))

  it('goes through slope and intercept, with negative stored values', () => {
    const window = { center: 0, width: 2000 }
    expect(greys(painted({ slope: 2, intercept: -1000 }, new Int16Array([-500, 0, 500, 1000]), look({ window })))).toEqual([0, 0, 128, 255])
  })

  it('turns grey over when asked to', () => expect(greys(painted({}, new Uint8Array([0, 100, 255]), look({ invert: true })))).toEqual([255, 155, 0]))

  it('goes through a table in place of the window', () => {
    const table = { explanation: '', first: 10, bits: 8, values: Uint16Array.from([255, 7]) }
    expect(greys(painted({}, new Uint16Array([0, 10, 11, 60000]), look({ table })))).toEqual([255, 255, 7, 7])
  })
})

describe('padding', () => {
  const stored = new Int16Array([-2000, -1999, 0, 255])
  it('is black whichever way grey runs', () => {
    const plane = { padding: { low: -2000, high: -1999 } }
    expect(greys(painted(plane, stored, look()))).toEqual([0, 0, 0, 255])
    expect(greys(painted(plane, stored, look({ invert: true })))).toEqual([0, 0, 255, 0])
  })

  it('lies in the purified scan where it lies in the scan, whatever the values there are', () => {
    const scan = { samples: 1, padding: { low: -2000, high: -2000 } } as PixelPlane
    const purified = new Float32Array([123.4, 1, 0, 255])
    expect(greys(painted({ dtype: 'float32' }, purified, look({ invert: true }), { plane: scan, stored }))).toEqual([0, 254, 255, 0])
  })

  it('does not coarsen a float scan that pads with the smallest float', () => {
    const floats = new Float32Array([-3e38, 0.1, 0.2, 0.3])
    const shown = greys(painted({ dtype: 'float32', padding: { low: -3.1e38, high: -2.9e38 } }, floats, look({ window: { center: 0.2, width: 0.2 } })))
    expect(shown).toEqual([0, 0, 128, 255])
  })
})

describe('what is no number', () => {
  it('is black whichever way grey runs', () => {
    const floats = new Float32Array([NaN, 0, 255])
    expect(greys(painted({ dtype: 'float32' }, floats, look()))).toEqual([0, 0, 255])
    expect(greys(painted({ dtype: 'float32' }, floats, look({ invert: true })))).toEqual([0, 255, 0])
  })
})

describe('painting colour', () => {
  it('keeps samples in their order and exact', () => expect(painted({ samples: 3 }, new Uint8Array([1, 2, 3, 250, 0, 255]), look())).toEqual([[1, 2, 3, 255], [250, 0, 255, 255]]))
  it('knows no tables', () => {
    const table = { explanation: '', first: 0, bits: 8, values: Uint16Array.from([0]) }
    expect(painted({ samples: 3 }, new Uint8Array([1, 2, 3]), look({ table }))).toEqual([[1, 2, 3, 255]])
  })
  it('turns over sample by sample', () => expect(painted({ samples: 3 }, new Uint8Array([1, 2, 255]), look({ invert: true }))).toEqual([[254, 253, 0, 255]]))
})
