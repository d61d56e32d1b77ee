/** What an attack changed, as colour. */
import { describe, expect, it } from 'vitest'
import { differencePixels, fittingMagnification } from '../../../src/renderer/viewer/difference-colours'

describe('the change in colour', () => {
  it('is orange where something was added and blue where it was taken away, the same for both signs', () => {
    const [added, taken, none] = [0, 1, 2].map((i) => [...differencePixels([0.01, -0.01, 0], 100).subarray(4 * i, 4 * i + 4)])
    expect(added![0]!).toBeGreaterThan(added![2]!)
    expect(taken![2]!).toBeGreaterThan(taken![0]!)
    expect(none).toEqual([8, 10, 13, 255])
  })
  it('is magnified by a round number with which it stays within the colours', () => {
    for (const largest of [1 / 255, 2 / 255, 4 / 255, 8 / 255, 0.3, 1]) {
      const factor = fittingMagnification(largest)
      expect(factor * largest).toBeLessThanOrEqual(1 + 1e-9)
      expect(factor * largest).toBeGreaterThan(0.3)
    }
    expect(fittingMagnification(0)).toBe(1)
  })
})
