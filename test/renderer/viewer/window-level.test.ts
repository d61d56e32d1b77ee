import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayed, dragWindow, throughTable, windowOfTable } from '../../../src/renderer/viewer/window-level'

/** DICOM PS3.3 C.11.2.1.3.2, LINEAR_EXACT, word for word, for an output of 0 to 255. */
function linearExact(x: number, c: number, w: number): number {
  if (x <= c - w / 2) return 0
  if (x > c + w / 2) return 255
  return ((x - c) / w + 0.5) * 255
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

describe('a lookup table', () => {
  const table = { explanation: '', first: 100, bits: 10, values: Uint16Array.from([1023, 512, 256, 0]) }

  it('gives each value its entry, as a share of what its bits can say', () => expect([100, 101, 102, 103].map((value) => throughTable(value, table, false))).toEqual([255, 128, 64, 0]))
  it('gives what lies before or beyond it the first or the last entry', () => {
    expect(throughTable(-5000, table, false)).toBe(255)
    expect(throughTable(5000, table, false)).toBe(0)
  })
  it('takes the nearest entry for values in between, as the purified scan has them', () => {
    expect(throughTable(100.4, table, false)).toBe(255)
    expect(throughTable(100.6, table, false)).toBe(128)
  })
  it('stays dark where it ends far below full white', () => expect(throughTable(1, { ...table, first: 0, values: Uint16Array.from([0, 102]) }, false)).toBe(25))
  it('is turned over with the picture', () => expect(throughTable(100, table, true)).toBe(0))
  it('is left for the window over all its values', () => expect(windowOfTable(table)).toEqual({ center: 101.5, width: 3 }))
})
