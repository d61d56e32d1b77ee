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

/**
 * Where APGD and the restarts of FAB begin: x + r·t/‖t‖ in the given norm, clipped to [0, 1], with t uniform in
 * [−1, 1] for L∞ and normal for L2.
 * @param radius r of each image
 * @param draw which of several draws this is
 */
export function startAtRadius(request: Pick<AttackRequest, 'x' | 'norm' | 'seed' | 'numbers'>, radius: (image: number) => number, draw: string): Float32Array {
  const { x, norm, numbers } = request
  const pixels = x.length / numbers.length
  const out = new Float32Array(x.length)
  const direction = new Float64Array(pixels)
  for (let image = 0; image < numbers.length; image++) {
    const random = randomOf(request, image, draw)
    let [largest, sum] = [0, 0]
    for (let i = 0; i < pixels; i++) {
      const t = norm === 'linf' ? random.uniform(-1, 1) : random.normal()
      direction[i] = t
      largest = Math.max(largest, Math.abs(t))
      sum += t * t
    }
    const scale = radius(image) / Math.max(norm === 'linf' ? largest : Math.sqrt(sum), 1e-12)
    for (let i = 0, at = image * pixels; i < pixels; i++, at++) out[at] = clamp(x[at]! + scale * direction[i]!)
  }
  return out
}
