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
