import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayed, dragWindow, presetsOf } from '../../../src/renderer/viewer/window-level'
import type { PixelPlane } from '../../../src/shared/types'

/** DICOM PS3.3 C.11.2.1.3.2, LINEAR_EXACT, word for word, for an output of 0 to 255. */
function linearExact(x: number, c: number, w: number): number {
  if (x <= c - w / 2) return 0
  if (x > c + w / 2) return 255
  return ((x - c) / w + 0.5) * 255
}

const plane: PixelPlane = {
  id: 'p', width: 2, height: 2, samples: 1, dtype: 'int16', slope: 2, intercept: -1000, min: 0, max: 1000, invert: false, unit: 'HU',
  windows: [{ center: 40, width: 400, explanation: 'Soft tissue' }, { center: -600, width: 1500 }],
}

describe('a window', () => {
  it('shows values as DICOM LINEAR_EXACT prescribes', () =>
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 4000 }), fc.integer({ min: -1000, max: 3000 }), fc.integer({ min: 1, max: 4000 }), (x, center, width) => {
        expect(displayed(x, { center, width }, false)).toBe(Math.round(linearExact(x, center, width)))
      }),
    ))

  it('shows white for black when inverted', () => {
    expect(displayed(-5000, { center: 40, width: 400 }, true)).toBe(255)
    expect(displayed(5000, { center: 40, width: 400 }, true)).toBe(0)
  })
})

describe('a drag', () => {
  const from = { center: 100, width: 200 }
  it('widens to the right and darkens downwards', () => {
    const right = dragWindow(from, 50, 0, 255, 'normal')
    expect(right.width).toBeGreaterThan(from.width)
    expect(right.center).toBe(from.center)
    const down = dragWindow(from, 0, 50, 255, 'normal')
    expect(displayed(100, down, false)).toBeLessThan(displayed(100, from, false))
  })
  it('crosses the range in 500 pixels, finer with Shift and coarser with Ctrl', () => {
    expect(dragWindow(from, 0, 500, 255, 'normal').center - from.center).toBeCloseTo(255)
    const moved = (pace: 'fine' | 'normal' | 'coarse'): number => dragWindow(from, 0, 10, 255, pace).center - from.center
    expect(moved('fine')).toBeLessThan(moved('normal') / 2)
    expect(moved('coarse')).toBeGreaterThan(moved('normal') * 2)
  })
  it('never reaches a width that is not positive', () => expect(dragWindow(from, -1e6, 0, 255, 'coarse').width).toBeGreaterThan(0))
})

describe('presets', () => {
  it("are the file's windows and then the range of its values, on the keys from 1", () => {
    expect(presetsOf(plane).map(({ key, label, center, width }) => [key, label, center, width])).toEqual([
      ['1', 'Soft tissue', 40, 400],
      ['2', 'Window 2', -600, 1500],
      ['3', 'Full range', 0, 2000],
    ])
  })
  it('do not offer the same window twice', () => expect(presetsOf({ ...plane, windows: [{ center: 0, width: 2000 }] }).map(({ label }) => label)).toEqual(['Default']))
  it('have a positive width for a picture of one value', () => expect(presetsOf({ ...plane, min: 5, max: 5 }).at(-1)!.width).toBeGreaterThan(0))
})
