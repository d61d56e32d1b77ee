/** Slopes of functions whose slope is known, at smooth points, beside kinks, at kinks, and under noise. */
import { describe, expect, it } from 'vitest'
import { judge, slopeAlong } from '../../../src/engine/tools/finite-differences'

const slopeOf = (f: (x: number) => number, x = 0, rounding = Number.EPSILON) =>
  slopeAlong((h) => Promise.resolve({ right: f(x + h) - f(x), left: f(x) - f(x - h) }), 1, rounding * Math.abs(f(x)), 1e-5)
const verdict = async (f: (x: number) => number, x: number, claimed: number, rounding?: number) => judge(claimed, await slopeOf(f, x, rounding), 1e-3)

describe('finite differences', () => {
  it('find the slope of a smooth function, and are not further off than they say', async () => {
    for (const x of [-2, 0.3, 5]) {
      const { value, uncertainty } = await slopeOf(Math.exp, x)
      expect(Math.abs(value - Math.exp(x))).toBeLessThanOrEqual(uncertainty)
      expect(uncertainty).toBeLessThan(1e-3)
    }
  })
  it('pass a right claim and fail one that is 1 % off', async () => {
    expect(await verdict(Math.sin, 0.5, Math.cos(0.5))).toEqual({ outcome: 'passed' })
    expect(await verdict(Math.sin, 0.5, 1.01 * Math.cos(0.5))).toEqual({ outcome: 'failed' })
  })
  it('see past a kink that is very near', async () => {
    const kinkAt = (k: number) => (x: number) => x + 5 * Math.max(0, x - k)
    for (const k of [2e-9, 2e-8, 4e-7]) {
      expect(await verdict(kinkAt(k), 0, 1), String(k)).toEqual({ outcome: 'passed' })
      expect(await verdict(kinkAt(k), 0, 1.1), String(k)).toEqual({ outcome: 'failed' })
    }
  })
  it('fail a slope that is claimed of a constant', async () => {
    expect(await verdict(() => 7, 0, 0.1)).toEqual({ outcome: 'failed' })
    expect(await verdict(() => 7, 0, 0)).toEqual({ outcome: 'passed' })
  })
  it('say nothing at a kink, except of what neither side has', async () => {
    for (const claimed of [-1, 0, 1]) expect(await verdict(Math.abs, 0, claimed)).toEqual({ outcome: 'inconclusive', why: 'kink' })
    expect(await verdict(Math.abs, 0, 5)).toEqual({ outcome: 'failed' })
  })
  it('take larger steps where the function is noisy, and say nothing where no step helps', async () => {
    const noisy = (f: (x: number) => number) => (x: number) => Math.fround(f(x))
    const single = 2 ** -23
    expect((await verdict(noisy((x) => 3 * x + 1), 0.5, 3, single)).outcome).not.toBe('failed')
    expect((await verdict(noisy((x) => 3 * x + 1), 0.5, 4, single)).outcome).toBe('failed')
    expect(await verdict(noisy((x) => x + 1e9), 0.5, 1, single)).toEqual({ outcome: 'inconclusive', why: 'rounding' })
  })
})
