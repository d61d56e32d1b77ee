/** What tells the classes apart without a look at the picture, on made-up features. */
import { describe, expect, it } from 'vitest'
import { chanceError, giveawayOf, patientsPerClass, type Described } from '../../../src/engine/data-check/giveaway'
import { giveawayFindings } from '../../../src/engine/data-check/picture-findings'
import { binned, growTree } from '../../../src/engine/data-check/tree'
import { Random } from '../../../src/engine/tensor/random'

/** 300 images; the features of each by its label. */
function made(featuresOf: (label: number, random: Random) => Described['features'], classes = 2, groupOf = (i: number) => `p${i}`): Described[] {
  const random = new Random('giveaway')
  return Array.from({ length: 300 }, (_, i) => ({ label: i % classes, group: groupOf(i), features: featuresOf(i % classes, random) }))
}

describe('the giveaway', () => {
  it('is found where one class is larger, and named', () => {
    const images = made((label, random) => ({ width: 300 + 60 * label + 30 * random.normal(), noise: random.next() }))
    const found = giveawayOf(images, 2, 0)!
    // Two normal distributions two standard deviations apart: the best possible is Φ(1) = 84.1 %.
    expect(found.balancedAccuracy).toBeGreaterThan(0.76)
    expect(found.balancedAccuracy).toBeLessThan(0.9)
    expect(found.features.map(({ name }) => name)).toEqual(['width'])
    const [warning] = giveawayFindings(found, null, images.length, patientsPerClass(images, 2))
    expect(warning).toMatchObject({ level: 'warning', code: 'giveaway', message: expect.stringContaining('width (') })
  })

  it('is found in words, and in two numbers together that tell nothing alone', () => {
    const stations = made((label, random) => ({ station: random.next() < 0.9 ? `CR${label}` : 'CR2' }), 3)
    expect(giveawayOf(stations, 3, 0)!.balancedAccuracy).toBeGreaterThan(0.85)
    const apart = made((label, random) => {
      const [a, b] = [random.next() < 0.7 ? 1 : 0, random.next()]
      return { a, b: (a === label ? 0.5 : 0) + 0.5 * b }
    })
    expect(giveawayOf(apart, 2, 0)!.balancedAccuracy).toBeGreaterThan(0.95)
  })

  it.each([0, 1, 2, 3, 4])('is not found where features and labels have nothing to do with each other (seed %i)', (seed) => {
    const random = new Random(seed)
    const labels = random.shuffle(Array.from({ length: 240 }, (_, i) => (i % 4 === 0 ? 1 : 0)))
    const images = labels.map((label, i): Described => ({ label, group: `p${i}`, features: { width: 200 + Math.round(200 * random.next()), height: random.normal(), bytes: random.next(), format: random.next() < 0.5 ? 'png' : 'jpeg' } }))
    const found = giveawayOf(images, 2, seed)
    expect(Math.abs(found!.balancedAccuracy - 0.5)).toBeLessThan(3 * chanceError(patientsPerClass(images, 2)))
    expect(giveawayFindings(found, found, images.length, patientsPerClass(images, 2))).toEqual([])
  })

  it('is not what tells patients apart: theirs are in one fold', () => {
    // Ten images each of thirty patients, every patient with a size of their own.
    const images = made(() => ({}), 2, (i) => `p${i % 30}`).map((image, i) => ({ ...image, features: { width: 1000 * new Random(i % 30).next() } }))
    const alone = images.map((image, i) => ({ ...image, group: `image ${i}` }))
    expect(giveawayOf(alone, 2, 0)!.balancedAccuracy).toBeGreaterThan(0.7)
    expect(giveawayOf(images, 2, 0)!.balancedAccuracy).toBeLessThan(0.6)
  })

  it('is hardly ever found among few patients, whose images are right or wrong together', () => {
    let found = 0
    for (let seed = 0; seed < 60; seed++) {
      // Five patients of each class with twenty images each, every patient with a size of their own that nothing decides.
      const random = new Random(`few/${seed}`)
      const sizes = Array.from({ length: 10 }, () => 1000 * random.next())
      const images = Array.from({ length: 200 }, (_, i): Described => ({ label: i % 2, group: `p${i % 10}`, features: { width: sizes[i % 10]! } }))
      found += giveawayFindings(giveawayOf(images, 2, seed), null, 200, patientsPerClass(images, 2)).length
    }
    expect(found).toBeLessThanOrEqual(3)
  })

  it('is a note that says so where few patients show it, however clearly', () => {
    const images = made((label, random) => ({ width: 300 + 200 * label + 10 * random.normal() }), 2, (i) => `p${i % 24}`)
    const found = giveawayOf(images, 2, 0)!
    expect(found.balancedAccuracy).toBeGreaterThan(0.95)
    expect(giveawayFindings(found, found, 300, patientsPerClass(images, 2))).toMatchObject([
      { level: 'note', code: 'giveaway', message: expect.stringContaining('With 12 patients in a class that may be chance') },
      { level: 'note', code: 'giveaway-tone' },
    ])
  })

  it('of file sizes alone is a note, since what pictures show decides them too', () => {
    const images = made((label, random) => ({ 'file size': 30 + 10 * label + 5 * random.normal(), width: 100 }))
    expect(giveawayFindings(giveawayOf(images, 2, 0), null, images.length, patientsPerClass(images, 2))).toMatchObject([{ level: 'note', code: 'giveaway' }])
  })

  it('is the same for the same seed, and not asked for where a class has hardly any images', () => {
    const images = made((label, random) => ({ width: 10 * label + 10 * random.normal() }))
    expect(giveawayOf(images, 2, 7)).toEqual(giveawayOf(images, 2, 7))
    expect(giveawayOf(images.filter(({ label }, i) => label === 0 || i < 10), 2, 0)).toBeNull()
  })
})

describe('the tree', () => {
  it('counts a rare class as much as a common one', () => {
    const values = Array.from({ length: 200 }, (_, i) => (i < 190 ? i % 19 : 12 + (i % 7)))
    const labels = Int32Array.from({ length: 200 }, (_, i) => Number(i >= 190))
    const classify = growTree({ columns: [binned(values)], labels, classes: 2 }, Array.from(values, (_, i) => i), { depth: 1, leaf: 5 })
    // By numbers alone the rare class would never be answered.
    expect(values.map((value, i) => value >= 12 === (classify(i) === 1)).every(Boolean)).toBe(true)
  })

  it('puts values into at most 32 bins in their order, and what is no number with the smallest', () => {
    const values = Array.from({ length: 1000 }, (_, i) => Math.sqrt(i))
    const bins = [...binned(values)]
    expect(Math.max(...bins)).toBe(31)
    expect(bins).toEqual([...bins].sort((a, b) => a - b))
    expect([...binned([3, NaN, 1, 2, 1])]).toEqual([3, 0, 1, 2, 1])
  })
})
