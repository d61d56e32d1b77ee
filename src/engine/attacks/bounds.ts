/** The promise of every attack, checked on what it returned. */
import { AssayError } from '../../shared/errors'
import type { Norm } from '../../shared/audit'

/** ‖δ‖ of each image in both norms. @param x [count, …] */
export function distances(x: Float32Array, adversarial: Float32Array, count: number): { linf: Float64Array; l2: Float64Array } {
  const pixels = x.length / count
  const [linf, l2] = [new Float64Array(count), new Float64Array(count)]
  for (let image = 0; image < count; image++) {
    let [largest, sum] = [0, 0]
    for (let i = image * pixels; i < (image + 1) * pixels; i++) {
      const d = Math.abs(adversarial[i]! - x[i]!)
      if (d > largest) largest = d
      sum += d * d
    }
    linf[image] = largest
    l2[image] = Math.sqrt(sum)
  }
  return { linf, l2 }
}

/** ε with the rounding that float32 pixels bring: a unit in the last place of each of them. */
export const withinEpsilon = (distance: number, epsilon: number): boolean => distance <= epsilon * (1 + 1e-6) + 2 ** -23

/** @throws AssayError `invalid-arguments` for what is mostly 255ths that were typed without their "/255" */
export function assertPossible(epsilon: number, norm: Norm): void {
  if (norm === 'linf' && epsilon > 1) throw new AssayError('invalid-arguments', `An ε of ${epsilon} in L∞ is beyond the whole range of a pixel; give fractions such as 4/255.`, { eps: epsilon })
}

/** @throws AssayError `internal` for values outside [0, 1], or changes larger than ε where there is one */
export function assertWithinBounds(adversarial: Float32Array, ball?: { norm: Norm; epsilon: number; linf: Float64Array; l2: Float64Array }): void {
  const outside = ball && ball[ball.norm].some((d) => !withinEpsilon(d, ball.epsilon))
  if (outside || adversarial.some((v) => !(v >= 0 && v <= 1)))
    throw new AssayError('internal', 'The attack left its bounds; this is a defect of Assay, and nothing was written.', ball ? { epsilon: ball.epsilon, norm: ball.norm } : {})
}

/**
 * Takes back what single precision let an L2 attack go beyond ε by rounding alone; more than that stays, for
 * `assertWithinBounds` to find.
 */
export function withoutRounding(x: Float32Array, adversarial: Float32Array, count: number, norm: Norm, epsilon: number): void {
  if (norm !== 'l2') return
  const pixels = x.length / count
  const { l2 } = distances(x, adversarial, count)
  l2.forEach((length, image) => {
    if (length <= epsilon || length > epsilon * (1 + 1e-4)) return
    // A little less than the radius, since the pixels are rounded once more.
    const factor = (epsilon * (1 - 1e-7)) / length
    for (let i = image * pixels; i < (image + 1) * pixels; i++) adversarial[i] = Math.min(1, Math.max(0, x[i]! + factor * (adversarial[i]! - x[i]!)))
  })
}
