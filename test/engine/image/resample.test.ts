import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resize } from '../../../src/engine/image/resample'

/**
 * Pillow 9.4:
 *   a = (np.arange(35) * 37 % 101 / 101).astype('float32').reshape(5, 7)
 *   np.asarray(Image.fromarray(a, mode='F').resize((width, height), Image.BILINEAR))
 */
const source = Float32Array.from({ length: 35 }, (_, i) => ((i * 37) % 101) / 101)
const pillow = [
  { to: [3, 2], expected: [0.488749, 0.441441, 0.526295, 0.461618, 0.530047, 0.518645] },
  { to: [16, 9], expected: [0.0, 0.05724, 0.217512, 0.377785, 0.538057, 0.698329, 0.514852, 0.237624, 0.179146, 0.339418, 0.499691, 0.659963, 0.820235, 0.574257, 0.29703, 0.19802, 0.188119, 0.245359, 0.405631, 0.555487, 0.569926, 0.584365, 0.48422, 0.352826, 0.294348, 0.308787, 0.354476, 0.514748, 0.675021, 0.56446, 0.433065, 0.386139, 0.50165, 0.55889, 0.719163, 0.851657, 0.62304, 0.394424, 0.433168, 0.544829, 0.486352, 0.257735, 0.112452, 0.272724, 0.432996, 0.54813, 0.659791, 0.69967, 0.370737, 0.427977, 0.588249, 0.731161, 0.648377, 0.565594, 0.521005, 0.486833, 0.428355, 0.345572, 0.314872, 0.475144, 0.635417, 0.615133, 0.580961, 0.568757, 0.128713, 0.185953, 0.346225, 0.506498, 0.66677, 0.827042, 0.643564, 0.366337, 0.307859, 0.468131, 0.628403, 0.788676, 0.948948, 0.70297, 0.425743, 0.326733, 0.442244, 0.412679, 0.329895, 0.264473, 0.424746, 0.585018, 0.592512, 0.55834, 0.499862, 0.417079, 0.386379, 0.546652, 0.706924, 0.686641, 0.652468, 0.640264, 0.644664, 0.563016, 0.334399, 0.13356, 0.293833, 0.454105, 0.576183, 0.687844, 0.629366, 0.400749, 0.24505, 0.356711, 0.468372, 0.625172, 0.785444, 0.842684, 0.40264, 0.407797, 0.422236, 0.447092, 0.607364, 0.767636, 0.698742, 0.567347, 0.50887, 0.523309, 0.506498, 0.375103, 0.243709, 0.383148, 0.54342, 0.60066, 0.257426, 0.314666, 0.474938, 0.63521, 0.795483, 0.955755, 0.772277, 0.49505, 0.436572, 0.596844, 0.663366, 0.386139, 0.108911, 0.237933, 0.398205, 0.455446] },
  { to: [4, 5], expected: [0.191891, 0.48198, 0.43604, 0.48232, 0.708628, 0.526337, 0.280396, 0.570486, 0.320603, 0.610693, 0.564752, 0.611033, 0.408769, 0.45505, 0.409109, 0.699198, 0.449316, 0.739406, 0.493465, 0.311174] },
  { to: [1, 1], expected: [0.492303] },
] as const

describe('resizing', () => {
  test.each(pillow)('7 × 5 to $to.0 × $to.1 gives what Pillow gives', ({ to: [width, height], expected }) => {
    const result = resize(source, 7, 5, width, height)
    expect(result.length).toBe(expected.length)
    expected.forEach((value, i) => expect(Math.abs(result[i]! - value)).toBeLessThan(2e-6))
  })

  test('the same size is the same picture, in a copy', () => {
    const result = resize(source, 7, 5, 7, 5)
    expect(result).toEqual(source)
    expect(result).not.toBe(source)
  })

  test('never leaves the range of the source, and keeps a constant constant', () => {
    const side = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(side, side, side, side, fc.float({ min: 0, max: 1, noNaN: true }), (width, height, toWidth, toHeight, level) => {
        const plane = Float32Array.from({ length: width * height }, (_, i) => ((i * 7919) % 13) / 13)
        for (const value of resize(plane, width, height, toWidth, toHeight)) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(12 / 13 + 1e-6)
        }
        for (const value of resize(plane.fill(level), width, height, toWidth, toHeight)) expect(value).toBeCloseTo(level, 5)
      }),
    )
  })

  test('halving averages away a checkerboard instead of aliasing it', () => {
    const board = Float32Array.from({ length: 64 * 64 }, (_, i) => ((i % 64) + Math.floor(i / 64)) % 2)
    const small = resize(board, 64, 64, 16, 16)
    for (let y = 1; y < 15; y++) for (let x = 1; x < 15; x++) expect(small[y * 16 + x]!).toBeCloseTo(0.5, 5)
  })
})
