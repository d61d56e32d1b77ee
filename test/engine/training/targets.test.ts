/** What a classifier is taught: smoothed, weighted and mixed targets. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { classWeights, mix, weightedTargets } from '../../../src/engine/training/targets'

describe('class weights', () => {
  const labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
  it('have mean 1 over the images, and make classes count alike when balanced', () => {
    for (const kind of ['none', 'root', 'balanced'] as const) {
      const w = classWeights(labels, 2, kind)
      expect(labels.reduce((sum, c) => sum + w[c]!, 0) / labels.length).toBeCloseTo(1, 6)
      expect(w[1]! / w[0]!).toBeCloseTo({ none: 1, root: 3, balanced: 9 }[kind], 5)
    }
  })
  it('leave a class without images out', () => {
    expect(classWeights([0, 0], 2, 'balanced')[1]).toBe(0)
  })
})

it('smoothed rows sum to the weight of their class, most of it on the class', () => {
  const targets = weightedTargets([1, 0], Float32Array.of(0.5, 2, 1), 0.3)
  expect(targets.shape).toEqual([2, 3])
  const rows = [targets.data.slice(0, 3), targets.data.slice(3)]
  const close = (row: Float32Array, wanted: number[]) => wanted.forEach((v, i) => expect(row[i]).toBeCloseTo(v, 6))
  close(rows[0]!, [0.2, 1.6, 0.2])
  close(rows[1]!, [0.4, 0.05, 0.05])
})

describe('mixed images', () => {
  const made = (seed: number, alpha: number) => {
    // The pixels of image i are all i, so that shares can be read off.
    const x = float32([4, 1, 1, 2], Float32Array.from({ length: 8 }, (_, i) => Math.floor(i / 2)))
    const targets = weightedTargets([0, 1, 2, 3], Float32Array.of(1, 1, 1, 1), 0)
    mix(x, targets, alpha, new Random(seed))
    return { x: x.data, targets: targets.data }
  }
  it('keep the larger share of themselves, with targets in the same shares', () => {
    for (let seed = 0; seed < 30; seed++) {
      const { x, targets } = made(seed, 1)
      for (let i = 0; i < 4; i++) {
        const row = targets.slice(4 * i, 4 * i + 4)
        expect(row[i]!).toBeGreaterThanOrEqual(0.5)
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
        expect(x[2 * i]!).toBeCloseTo(row.reduce((sum, share, k) => sum + share * k, 0), 4)
      }
    }
  })
  it('come out the same from the same seed, and less mixed with a smaller alpha', () => {
    expect(made(3, 0.4)).toEqual(made(3, 0.4))
    const kept = (alpha: number) => Array.from({ length: 60 }, (_, seed) => made(seed, alpha).targets[0]!).reduce((a, b) => a + b, 0) / 60
    expect(kept(0.1)).toBeGreaterThan(kept(2))
  })
})
