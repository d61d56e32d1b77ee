import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyColormap, heatColormap } from '../../../src/engine/image/colormap'
import { interleavePlanes, quantize } from '../../../src/engine/image/encode'
import { gaussianBlur } from '../../../src/engine/image/filter'

describe('heat colours', () => {
  /** CIE L* of an sRGB colour. */
  const lightness = (i: number) => {
    const [r, g, b] = [0, 1, 2].map((c) => {
      const v = heatColormap[i * 3 + c]! / 255
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    const y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
  }

  test('run from black to nearly white, every step at least as light as the one before, and evenly', () => {
    expect(lightness(0)).toBeLessThan(4)
    expect(lightness(255)).toBeGreaterThan(93)
    for (let i = 1; i < 256; i++) expect(lightness(i), `entry ${i}`).toBeGreaterThan(lightness(i - 1) - 0.35)
    for (let i = 32; i < 256; i += 16) expect(lightness(i) - lightness(i - 16)).toBeGreaterThan(3)
  })

  test('values beyond the scale take the colours of its ends', () => {
    const rgb = applyColormap(Float32Array.of(-1, 0, 0.5, 1, 9, NaN), 1)
    const entry = (i: number) => [...heatColormap.subarray(i * 3, i * 3 + 3)]
    expect([0, 1, 2, 3, 4, 5].map((i) => [...rgb.subarray(i * 3, i * 3 + 3)])).toEqual([0, 0, 128, 255, 255, 0].map(entry))
  })
})

describe('blur', () => {
  test('a point becomes the normalised Gaussian', () => {
    const plane = new Float32Array(41 * 41)
    plane[20 * 41 + 20] = 1
    const blurred = gaussianBlur(plane, 41, 41, 2)
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 3], [2, -2], [-4, 1]] as const)
      expect(blurred[(20 + dy) * 41 + 20 + dx]).toBeCloseTo(Math.exp(-(dx * dx + dy * dy) / 8) / (8 * Math.PI), 5)
  })

  test('keeps constants, borders included, and never makes new extremes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.double({ min: 0.2, max: 5, noNaN: true }), (width, height, sigma) => {
        for (const value of gaussianBlur(new Float32Array(width * height).fill(0.7), width, height, sigma)) expect(value).toBeCloseTo(0.7, 5)
        const ramp = Float32Array.from({ length: width * height }, (_, i) => (i * 31) % 7)
        for (const value of gaussianBlur(ramp, width, height, sigma)) expect(value >= -1e-5 && value <= 6 + 1e-5).toBe(true)
      }),
    )
  })
})

describe('planes and levels', () => {
  test('unit values go to the nearest level and stay within', () => {
    expect([...quantize(Float32Array.of(-1, 0, 0.5, 1, 2, NaN), 8)]).toEqual([0, 0, 128, 255, 255, 0])
    expect([...quantize(Float32Array.of(0, 0.5, 1), 16)]).toEqual([0, 32768, 65535])
  })
  test('planes are interleaved pixel by pixel', () => {
    expect([...interleavePlanes(Float32Array.of(1, 2, 3, 4, 5, 6), 3)]).toEqual([1, 3, 5, 2, 4, 6])
  })
})
