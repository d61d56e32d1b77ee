import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heatGradient } from '../../src/renderer/viewer/heat-gradient'
import { heatColormap } from '../../src/shared/heat-colormap'
import { heatColour, heatPixels } from '../../src/shared/heat-colours'

const scale = { hot: 8 / 255, usual: 1 / 255 }
/** ITU-R BT.709 luma. */
const luma = ([r, g, b]: readonly number[]): number => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!

describe('heat colours', () => {
  it('let the scan through untouched where nothing was removed, and barely tint what is usual', () => {
    expect(heatColour(0, scale)[3]).toBe(0)
    expect(heatColour(scale.usual / 2, scale)[3]).toBe(0)
    expect(heatColour(scale.usual, scale)[3]).toBeLessThan(110)
    expect(heatColour(scale.usual * 2, scale)[3]).toBe(255)
  })

  it('become brighter and more solid with every step, so that they can be told without telling hues', () => {
    for (let k = 1; k <= 64; k++) {
      const [before, after] = [heatColour(((k - 1) / 64) * scale.hot, scale), heatColour((k / 64) * scale.hot, scale)]
      expect(luma(after)).toBeGreaterThanOrEqual(luma(before))
      expect(after[3]).toBeGreaterThanOrEqual(before[3])
    }
  })

  it('end pale and solid, and stay there beyond', () => {
    const hottest = heatColour(scale.hot, scale)
    expect(luma(hottest)).toBeGreaterThan(230)
    expect(hottest[3]).toBe(255)
    expect(heatColour(scale.hot * 10, scale)).toEqual(hottest)
  })

  it('are the same on the picture and on the bar', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), (k) => {
        const [r, g, b, a] = heatPixels([(k / 20) * scale.hot], scale)
        expect(heatGradient(scale)).toContain(`rgb(${r} ${g} ${b} / ${(a! / 255).toFixed(3)}) ${k * 5}%`)
      }),
      { numRuns: 21 },
    ))

  it('leave out what is below the threshold, and nothing else', () => {
    const look = { threshold: 0.5, colours: 'heat' } as const
    expect(heatColour(scale.hot * 0.49, scale, look)[3]).toBe(0)
    expect(heatColour(scale.hot * 0.51, scale, look)).toEqual(heatColour(scale.hot * 0.51, scale))
  })

  it.each(['viridis', 'red'] as const)('of %s are as strong as the others, brighter with every step, and end where the published map does', (colours) => {
    const at = (share: number) => heatColour(share * scale.hot, scale, { threshold: 0, colours })
    for (let k = 1; k <= 32; k++) {
      expect(luma(at(k / 32))).toBeGreaterThanOrEqual(luma(at((k - 1) / 32)))
      expect(at(k / 32)[3]).toBe(heatColour((k / 32) * scale.hot, scale)[3])
    }
    expect(at(1).slice(0, 3)).toEqual(colours === 'viridis' ? [253, 231, 37] : [255, 70, 60])
  })

  it("undo a plane's slope, and draw nothing where a value is not a number", () => {
    expect(Array.from(heatPixels([100], scale, scale.hot / 100, 0))).toEqual([...heatColour(scale.hot, scale)])
    expect(heatPixels([NaN], scale)[3]).toBe(0)
  })
})

describe('the table of heat colours', () => {
  /** CIE L* of an sRGB colour. */
  const lightness = (i: number) => {
    const [r, g, b] = [0, 1, 2].map((c) => {
      const v = heatColormap[i * 3 + c]! / 255
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    const y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
  }

  it('runs from black to nearly white, every step at least as light as the one before, and evenly', () => {
    expect(lightness(0)).toBeLessThan(4)
    expect(lightness(255)).toBeGreaterThan(93)
    for (let i = 1; i < 256; i++) expect(lightness(i), `entry ${i}`).toBeGreaterThan(lightness(i - 1) - 0.35)
    for (let i = 32; i < 256; i += 16) expect(lightness(i) - lightness(i - 16)).toBeGreaterThan(3)
  })
})
