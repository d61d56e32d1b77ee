/** Projections on a hyperplane within [0, 1]: what FAB steps with. */
import type { Norm } from '../../../shared/audit'

/** ‖a − b‖ in the norm. */
export function deltaNorm(a: ArrayLike<number>, b: ArrayLike<number>, norm: Norm): number {
  let [largest, sum] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    if (d > largest) largest = d
    sum += d * d
  }
  return norm === 'linf' ? largest : Math.sqrt(sum)
}

/** Newton's method ends exactly on one of the pieces; this many pieces are never met. */
const mostIterations = 60

/**
 * The smallest δ with ⟨w, δ⟩ = gap and x + δ in [0, 1]; as far as the box lets go where the hyperplane lies beyond it.
 *
 * Each pixel moves by min(t·weight, room) against the gap, with weight 1 in L∞ and |w| in L2. What that gains is
 * concave and piecewise linear in t, so that Newton's method from 0 climbs to the solution and never passes it, without
 * the sorting of the closed form.
 * @param out δ, overwritten
 * @returns ‖δ‖
 */
export function ontoBoxedHyperplane(x: Float32Array, w: Float32Array, gap: number, norm: Norm, out: Float64Array): number {
  const towards = Math.sign(gap)
  const wanted = Math.abs(gap)
  if (wanted === 0) {
    out.fill(0)
    return 0
  }
  const weighted = norm === 'l2'
  let t = 0
  let gained = 0
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    let [gain, slope] = [0, 0]
    for (let i = 0; i < w.length; i++) {
      const size = Math.abs(w[i]!)
      if (size === 0) continue
      const room = w[i]! * towards > 0 ? 1 - x[i]! : x[i]!
      const weight = weighted ? size : 1
      const way = t * weight
      if (way < room) {
        gain += size * way
        slope += size * weight
      } else gain += size * room
    }
    gained = gain
    if (slope === 0 || gained >= wanted * (1 - 1e-12)) break
    t += (wanted - gained) / slope
  }
  let [largest, sum] = [0, 0]
  for (let i = 0; i < w.length; i++) {
    const size = Math.abs(w[i]!)
    let way = 0
    if (size > 0) {
      const up = w[i]! * towards > 0
      const room = up ? 1 - x[i]! : x[i]!
      way = Math.min(t * (weighted ? size : 1), room)
      if (!up) way = -way
    }
    out[i] = way
    const d = Math.abs(way)
    if (d > largest) largest = d
    sum += d * d
  }
  return norm === 'linf' ? largest : Math.sqrt(sum)
}
