/**
 * Lung vessels: a tree from each hilum, branching and thinning towards the pleura, painted into its own plane.
 */
import type { Random } from '../tensor/random'

/** A straight piece of vessel with the half widths at its ends; anatomy units. */
export interface VesselSegment {
  x0: number
  y0: number
  x1: number
  y1: number
  from: number
  to: number
}

export function growVessels(random: Random): VesselSegment[] {
  const segments: VesselSegment[] = []
  for (const side of [-1, 1]) {
    const trunks = 9 + random.integer(3)
    for (let i = 0; i < trunks; i++) {
      // From straight up, past the flank, to straight down; more and stronger vessels towards the base.
      const share = (i + random.uniform(0.2, 0.8)) / trunks
      const angle = -1.35 + 2.75 * share
      const width = 0.0105 + 0.006 * share * random.uniform(0.6, 1.2)
      branch(random, segments, { x: side * random.uniform(0.13, 0.19), y: -0.17 + 0.24 * share + random.uniform(-0.03, 0.03), angle, width, side, length: 0.16, depth: 0 })
    }
  }
  return segments
}

interface Tip {
  x: number
  y: number
  /** 0 points to the flank, positive down. */
  angle: number
  width: number
  side: number
  length: number
  depth: number
}

function branch(random: Random, segments: VesselSegment[], tip: Tip): void {
  if (tip.width < 0.0022 || tip.depth > 6) return
  const length = tip.length * random.uniform(0.55, 1.1)
  const angle = tip.angle + random.uniform(-0.22, 0.22)
  const x = tip.x + tip.side * Math.cos(angle) * length
  const y = tip.y + Math.sin(angle) * length
  segments.push({ x0: tip.x, y0: tip.y, x1: x, y1: y, from: tip.width, to: tip.width * 0.85 })
  const spread = random.uniform(0.25, 0.6)
  const next = { x, y, side: tip.side, length: tip.length * 0.86, depth: tip.depth + 1 }
  branch(random, segments, { ...next, angle: angle + spread * 0.45, width: tip.width * random.uniform(0.68, 0.88) })
  if (random.next() < 0.72) branch(random, segments, { ...next, angle: angle - spread, width: tip.width * random.uniform(0.45, 0.72) })
}

/**
 * Adds each vessel's attenuation, a Gaussian across its width, to `plane`.
 * @param toPixel anatomy units to pixel positions. @param pixelsPerUnit pixels in one anatomy unit.
 */
export function paintVessels(
  plane: Float32Array,
  width: number,
  height: number,
  segments: readonly VesselSegment[],
  toPixel: (x: number, y: number) => { x: number; y: number },
  pixelsPerUnit: number,
): void {
  for (const segment of segments) {
    const a = toPixel(segment.x0, segment.y0)
    const b = toPixel(segment.x1, segment.y1)
    // Thinner than a pixel still leaves its mass behind, spread over one.
    const widest = Math.max(0.6, segment.from * pixelsPerUnit)
    const margin = widest * 2.6
    const dx = b.x - a.x
    const dy = b.y - a.y
    const lengthSquared = dx * dx + dy * dy || 1
    const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - margin))
    const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + margin))
    const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - margin))
    const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + margin))
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) {
        const t = Math.min(1, Math.max(0, ((x + 0.5 - a.x) * dx + (y + 0.5 - a.y) * dy) / lengthSquared))
        const ex = x + 0.5 - a.x - t * dx
        const ey = y + 0.5 - a.y - t * dy
        const thickness = segment.from + (segment.to - segment.from) * t
        const sigma = Math.max(0.6, thickness * pixelsPerUnit * 0.75)
        const distance = (ex * ex + ey * ey) / (sigma * sigma)
        if (distance > 9) continue
        const shown = thickness * 11.5 * Math.min(1, (thickness * pixelsPerUnit * 0.75) / sigma)
        const value = shown * Math.exp(-distance / 2)
        const at = y * width + x
        // The larger of overlapping pieces, so that joints do not glow.
        if (value > plane[at]!) plane[at] = value
      }
  }
}
