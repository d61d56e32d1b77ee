/**
 * How fast a function rises along a line, by central differences, and how well that is known.
 *
 * A large step sees curvature and the kinks of Relu and MaxPool, a small one drowns in rounding. Steps that lie ten times
 * apart are compared with each other: where two agree, neither matters. The analytic value that is to be judged has no
 * say in it. Where the function has a kink at the very point, left and right slope differ however small the step is.
 */

/** What a step to either side changes: f(x + h) − f(x) and f(x) − f(x − h). */
export interface Sides {
  right: number
  left: number
}

export interface Slope {
  value: number
  /** The value lies within this of the slope, as far as the steps can tell. */
  uncertainty: number
  /** Both one-sided slopes, where the function has a kink at the point. */
  kink?: [number, number]
}

/** Root mean square change of an element, as a share of the input's range, in the order in which they are tried. */
export const shares = [1e-8, 1e-9, 1e-10, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2] as const

interface Estimate {
  share: number
  left: number
  right: number
  /** Of a slope, by the rounding of the two values behind it. */
  rounding: number
}

/**
 * @param sides of a step of a given length along the line
 * @param unitStep length of the step of share 1
 * @param rounding of a difference of two values of the function
 * @param precise an uncertainty that is small enough not to look further
 */
export async function slopeAlong(sides: (step: number) => Promise<Sides>, unitStep: number, rounding: number, precise: number): Promise<Slope> {
  const found: Estimate[] = []
  let best: Slope = { value: 0, uncertainty: Infinity }
  for (const share of shares) {
    const step = share * unitStep
    const { right, left } = await sides(step)
    const here: Estimate = { share, right: right / step, left: left / step, rounding: rounding / step }
    const neighbour = found.find((other) => Math.abs(Math.log10(other.share / share)) < 1.5)
    found.push(here)
    // A function that does not move at all says that the step is below what its values can be stored with.
    if (!neighbour || still(here) || still(neighbour)) continue
    const slope = compared(here, neighbour)
    if (slope.uncertainty < best.uncertainty) best = slope
    if (best.uncertainty <= precise) break
  }
  return found.every(still) ? { value: 0, uncertainty: Math.min(...found.map((e) => e.rounding)) } : best
}

const still = ({ left, right }: Estimate): boolean => left === 0 && right === 0
const middle = ({ left, right }: Estimate): number => (left + right) / 2
const gap = ({ left, right }: Estimate): number => Math.abs(right - left)

function compared(a: Estimate, b: Estimate): Slope {
  const [fine, coarse] = a.share < b.share ? [a, b] : [b, a]
  const apart = Math.abs(middle(fine) - middle(coarse))
  // Curvature would make the gap ten times smaller with the step, rounding ten times larger; a kink leaves it.
  const kinked = gap(fine) > gap(coarse) / 2 && gap(fine) < 2 * gap(coarse) && apart < gap(fine) / 4
  return { value: middle(fine), uncertainty: apart + gap(fine) / 2 + fine.rounding, ...(kinked ? { kink: [Math.min(fine.left, fine.right), Math.max(fine.left, fine.right)] } : {}) }
}

export type Outcome = 'passed' | 'failed' | 'inconclusive'

/** @param tolerance largest absolute difference of a right value */
export function judge(analytic: number, { value, uncertainty, kink }: Slope, tolerance: number): { outcome: Outcome; why?: 'kink' | 'rounding' } {
  const difference = Math.abs(analytic - value)
  if (difference > tolerance + 3 * uncertainty) return { outcome: 'failed' }
  if (uncertainty <= tolerance && difference <= tolerance + uncertainty) return { outcome: 'passed' }
  return { outcome: 'inconclusive', why: kink ? 'kink' : 'rounding' }
}
