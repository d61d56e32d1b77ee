/** Where iterative attacks begin, and what an attacker without a model does: random points of the ball. */
import { randomOf, type AttackRequest } from './attack'

const clamp = (v: number): number => Math.min(1, Math.max(0, v))

/**
 * A point of the ball around each image, clipped to [0, 1]: x + U(−ε, ε) in L∞; a random direction, r·ε long with r
 * uniform in [0, 1], in L2.
 * @param draw which of several draws this is
 */
export function randomStart(request: Pick<AttackRequest, 'x' | 'norm' | 'epsilon' | 'seed' | 'numbers'>, draw: string): Float32Array {
  const { x, norm, epsilon, numbers } = request
  const pixels = x.length / numbers.length
  const out = new Float32Array(x.length)
  for (let image = 0; image < numbers.length; image++) {
    const random = randomOf(request, image, draw)
    const at = image * pixels
    if (norm === 'linf') {
      for (let i = at; i < at + pixels; i++) out[i] = clamp(x[i]! + random.uniform(-epsilon, epsilon))
      continue
    }
    const direction = Float64Array.from({ length: pixels }, () => random.normal())
    const scale = (random.next() * epsilon) / Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0))
    for (let i = 0; i < pixels; i++) out[at + i] = clamp(x[at + i]! + scale * direction[i]!)
  }
  return out
}

/** A point on the surface of the ball before clipping: ε·t / ‖t‖ with t uniform in L∞, normal in L2. */
export function randomPoint({ x, norm, epsilon, seed, numbers }: Pick<AttackRequest, 'x' | 'norm' | 'epsilon' | 'seed' | 'numbers'>, draw: string): Float32Array {
  const pixels = x.length / numbers.length
  const out = new Float32Array(x.length)
  for (let image = 0; image < numbers.length; image++) {
    const random = randomOf({ seed, numbers }, image, draw)
    const t = Float64Array.from({ length: pixels }, () => (norm === 'linf' ? random.uniform(-1, 1) : random.normal()))
    let length = 0
    if (norm === 'linf') for (const v of t) length = Math.max(length, Math.abs(v))
    else length = Math.sqrt(t.reduce((sum, v) => sum + v * v, 0))
    for (let i = 0; i < pixels; i++) out[image * pixels + i] = clamp(x[image * pixels + i]! + (epsilon * t[i]!) / length)
  }
  return out
}
