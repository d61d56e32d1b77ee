/** Moves onto hyperplanes within the box, against a search that knows nothing of pieces. */
import { describe, expect, it } from 'vitest'
import { HyperplaneMoves } from '../../../../src/engine/attacks/autoattack/hyperplane'
import { Random } from '../../../../src/engine/tensor/random'

const pixels = 40

describe.each(['linf', 'l2'] as const)('the shortest move in %s', (norm) => {
  const moves = new HyperplaneMoves(norm, pixels)
  const size = (d: ArrayLike<number>) => (norm === 'linf' ? Math.max(...Array.from(d, Math.abs)) : Math.hypot(...Array.from(d)))
  const draw = (seed: number) => {
    const random = new Random(`moves ${seed}`)
    // Some pixels at the edge of the box, some weights zero.
    const x = Float32Array.from({ length: pixels }, () => Math.min(1, Math.max(0, random.uniform(-0.2, 1.2))))
    const w = Float32Array.from({ length: pixels }, () => (random.next() < 0.1 ? 0 : random.normal()))
    return { random, x, w }
  }
  /** The move by bisection of how far each axis may go. */
  function bisected(x: Float32Array, w: Float32Array, gap: number): number[] {
    const away = gap < 0 ? 1 : -1
    const at = (t: number) => Array.from(w, (v, i) => (v === 0 ? 0 : away * Math.sign(v) * Math.min(t * (norm === 'linf' ? 1 : Math.abs(v)), v * away > 0 ? 1 - x[i]! : x[i]!)))
    let [low, high] = [0, 100]
    for (let k = 0; k < 200; k++) {
      const t = (low + high) / 2
      if (at(t).reduce((sum, d, i) => sum + Math.abs(d * w[i]!), 0) < Math.abs(gap)) low = t
      else high = t
    }
    return at(high)
  }

  it('reaches the plane, stays in the box, and is the one that bisection finds', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { random, x, w } = draw(seed)
      const gap = random.uniform(-4, 4)
      const d = new Float64Array(pixels)
      const length = moves.find(d, x, w, 0, gap)
      expect(d.reduce((sum, v, i) => sum + v * w[i]!, 0)).toBeCloseTo(-gap, 6)
      expect(d.every((v, i) => x[i]! + v >= -1e-12 && x[i]! + v <= 1 + 1e-12)).toBe(true)
      expect(length).toBeCloseTo(size(d), 12)
      bisected(x, w, gap).forEach((v, i) => expect(d[i]).toBeCloseTo(v, 6))
    }
  })

  it('goes as far as the box allows where the plane lies beyond it', () => {
    const { x, w } = draw(99)
    const d = new Float64Array(pixels)
    moves.find(d, x, w, 0, -1e4)
    d.forEach((v, i) => expect(x[i]! + v).toBeCloseTo(w[i]! > 0 ? 1 : w[i]! < 0 ? 0 : x[i]!, 6))
  })

  it('is none where the point lies on the plane', () => {
    const { x, w } = draw(7)
    const d = new Float64Array(pixels).fill(1)
    expect(moves.find(d, x, w, 0, 0)).toBe(0)
    expect(d.every((v) => Math.abs(v) === 0)).toBe(true)
  })
})
