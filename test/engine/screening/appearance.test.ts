import { describe, expect, it } from 'vitest'
import { appearanceOf, featuresOf, fewestForAppearance, setWarning, strangeness } from '../../../src/engine/screening/appearance'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { Random } from '../../../src/engine/tensor/random'

const size = { width: 64, height: 64, channels: 1 as const }
const made = new Map<number, Float32Array>()
function radiograph(seed: number): Float32Array {
  const image = made.get(seed) ?? Float32Array.from(makePhantom({ seed, width: 64, height: 64, kind: 'normal' }).pixels)
  made.set(seed, image)
  return image
}
const featuresFrom = (first: number, count: number, change: (image: Float32Array) => Float32Array = (image) => image) =>
  Array.from({ length: count }, (_, i) => featuresOf(change(radiograph(first + i)), size))

const known = appearanceOf(featuresFrom(0, 100))!
const unfamiliar = (rows: ReturnType<typeof featuresFrom>): number => rows.filter((row) => strangeness(row, known) > 1).length

/** A bright disc on black, as a fundus photograph has it. */
const disc = Float32Array.from({ length: 64 * 64 }, (_, i) => (Math.hypot((i % 64) - 31.5, Math.floor(i / 64) - 31.5) < 26 ? 0.6 : 0))

describe('how images look at large', () => {
  it('is familiar of others like them, and of the same under an attack of 8/255', () => {
    const random = new Random('attack')
    const attacked = (image: Float32Array) => image.map((v) => Math.min(1, Math.max(0, v + (random.next() < 0.5 ? -8 : 8) / 255)))
    expect(unfamiliar(featuresFrom(1000, 60))).toBeLessThanOrEqual(2)
    expect(unfamiliar(featuresFrom(1000, 40, attacked))).toBeLessThanOrEqual(3)
  })

  it('is unfamiliar of another kind of image, of the negative and of what lies on its side', () => {
    expect(strangeness(featuresOf(disc, size), known)).toBeGreaterThan(1)
    expect(strangeness(featuresOf(new Float32Array(64 * 64).fill(0.5), size), known)).toBeGreaterThan(1)
    expect(unfamiliar(featuresFrom(1000, 10, (image) => image.map((v) => 1 - v)))).toBe(10)
    expect(unfamiliar(featuresFrom(1000, 10, (image) => image.map((_, i) => image[(i % 64) * 64 + Math.floor(i / 64)]!)))).toBeGreaterThanOrEqual(8)
  })

  it('warns of a set that differs as a whole, though each of its images would pass', () => {
    expect(setWarning(featuresFrom(1000, 40), known)).toBeUndefined()
    // A device that renders everything darker.
    expect(setWarning(featuresFrom(1000, 40, (image) => image.map((v) => 0.8 * v)), known)).toMatch(/unlike those that the models learned from .*lower by \d\.\d standard deviations/)
    expect(setWarning(featuresFrom(1000, 40, (image) => image.map((v) => 1 - v)), known)).toContain('40 of 40 are unfamiliar')
  })

  it('says nothing on the ground of a handful of images', () => {
    expect(appearanceOf(featuresFrom(0, fewestForAppearance - 1))).toBeUndefined()
    expect(appearanceOf(featuresFrom(0, fewestForAppearance))).toBeDefined()
  })

  it('is judged by patients that the fit has not seen, where several images are of one', () => {
    // Five nearly equal images of each of twelve people.
    const rows = Array.from({ length: 12 }, (_, person) => featuresFrom(person, 1)[0]!).flatMap((row, person) => Array.from({ length: 5 }, (_, i) => row.map((feature) => ({ ...feature, value: feature.value + 1e-5 * (i + person) }))))
    const apart = appearanceOf(rows)!
    const together = appearanceOf(rows, undefined, rows.map((_, i) => `p${Math.floor(i / 5)}`))!
    // People that no fit has seen lie beyond what copies of the fitted ones make of the border.
    expect(together.threshold).toBeGreaterThan(2 * apart.threshold)
    expect(together.features).toEqual(apart.features)
    expect(appearanceOf(rows, undefined, rows.map(() => 'one'))).toEqual(apart)
  })

  it('is unfamiliar where no distance can be told', () => {
    const row = featuresFrom(0, 1)[0]!
    expect(strangeness(row.map((feature, f) => (f === 3 ? { ...feature, value: NaN } : feature)), known)).toBe(Infinity)
    expect(strangeness(row, { ...known, features: known.features.slice(1), precision: known.precision.slice(1).map((each) => each.slice(1)) })).toBe(Infinity)
  })

  it('measures what its features are named after', () => {
    const value = (image: Float32Array, name: string, channels: 1 | 3 = 1): number => featuresOf(image, { ...size, channels }).find((feature) => feature.name === name)!.value
    expect(value(disc, 'level of the corners')).toBeLessThan(0.01)
    expect(value(disc, 'level of the centre')).toBeCloseTo(0.6, 3)
    expect(value(disc, 'difference of left and right')).toBeCloseTo(0, 5)
    expect(value(disc, 'bright tones')).toBeCloseTo(0.6, 2)
    const red = Float32Array.from([...disc, ...disc.map((v) => v / 2), ...disc.map((v) => v / 4)])
    const share = disc.reduce((sum, v) => sum + v, 0) / disc.length
    expect(value(red, 'red against green', 3)).toBeCloseTo(share / 2, 5)
    expect(value(red, 'blue against green', 3)).toBeCloseTo(-share / 4, 5)
    expect(value(red, 'colourfulness', 3)).toBeCloseTo(0.75 * share, 5)
  })
})
