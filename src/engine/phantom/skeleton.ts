/**
 * Ribs, clavicles and spine as attenuation at a point.
 */
import type { Anatomy } from './anatomy'
import { lateralBorder } from './lungs'
import { bone, edge, smoothstep } from './shapes'

/** Posterior arcs run outwards and down from the spine; anterior arcs come back medially, lower and fainter. */
export function ribDensity(anatomy: Anatomy, x: number, y: number): number {
  const { first, spacing, drop, halfWidth, density, jitter } = anatomy.ribs
  const side = Math.abs(x)
  // The cage is widest at the base; arcs are measured in shares of its half width.
  const cage = 0.045 + Math.max(0.4, lateralBorder(anatomy, Math.max(y, -0.6)))
  const s = side / cage
  if (s > 1.06 || s < 0.06) return 0
  const sides = jitter[x < 0 ? 0 : 1]!
  const within = edge(1.01 - s, 0.012)
  // Towards the flank the beam runs along the rib.
  const tangent = 1 + 0.45 * smoothstep(0.7, 1, s)
  const posterior = -0.07 * Math.sin(Math.PI * Math.min(1, s / 0.75)) + drop * s * s
  const anterior = drop + 0.42 * Math.max(0, 1 - s)
  let sum = 0
  for (let pass = 0; pass < 2; pass++) {
    const front = pass === 1
    const arc = front ? anterior : posterior
    // Ribs are thinner than the spaces between them, so only the nearest can cover a point.
    const k = Math.round((y - first - arc) / spacing)
    const rib = sides[k]
    if (!rib || (front && k > 6)) continue
    const distance = (y - (first + k * spacing + arc + rib.shift)) * 0.93
    const width = halfWidth * (front ? 1.12 : 1) * (k === 0 ? 0.8 : 1)
    const profile = bone(distance, width, 0.0045)
    if (profile === 0) continue
    // Cartilage does not show: anterior arcs fade before the breastbone.
    const visible = front ? 0.62 * smoothstep(0.42, 0.66, s) : smoothstep(0.06, 0.16, s)
    sum += profile * visible * rib.density
  }
  return sum * density * within * tangent
}

export function clavicleDensity(anatomy: Anatomy, x: number, y: number): number {
  const { height, rise, density, tilt } = anatomy.clavicles
  const side = Math.abs(x)
  if (side < 0.05 || side > 1.1 || Math.abs(y - height) > 0.45) return 0
  const s = (side - 0.09) / 0.75
  const axis = height - rise * s + 0.035 * Math.sin(2 * Math.PI * Math.max(0, s)) + tilt * Math.sign(x)
  const halfWidth = 0.027 + 0.016 * Math.exp(-s * 9)
  return density * bone((y - axis) * 0.97, halfWidth, 0.006) * edge(side - 0.085, 0.01)
}

/** Vertebral bodies with the thinner discs between them. */
export function spineDensity(anatomy: Anatomy, x: number, y: number): number {
  if (Math.abs(x) > 0.25) return 0
  const { x: offset, curve, density, spacing } = anatomy.spine
  const axis = offset + curve * Math.sin(y * 2.2)
  const phase = Math.cos((2 * Math.PI * y) / spacing)
  const halfWidth = 0.082 + 0.012 * smoothstep(-0.4, 0.9, y) + 0.006 * phase
  const body = edge(halfWidth - Math.abs(x - axis), 0.009)
  if (body < 1e-3) return 0
  const disc = 0.86 + 0.14 * smoothstep(-0.75, 0.1, phase)
  const pedicles = 0.13 * Math.exp(-(((Math.abs(x - axis) - 0.05) / 0.014) ** 2)) * smoothstep(0.2, 0.9, phase)
  const spinous = 0.12 * Math.exp(-(((x - axis) / 0.012) ** 2)) * smoothstep(-0.3, 0.5, -phase)
  return density * body * (disc + pedicles + spinous)
}
