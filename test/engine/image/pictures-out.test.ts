import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interleavePlanes, quantize } from '../../../src/engine/image/encode'
import { gaussianBlur } from '../../../src/engine/image/filter'

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
