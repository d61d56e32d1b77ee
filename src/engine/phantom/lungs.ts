/**
 * The air in the lungs: between ribs, mediastinum and diaphragm, thinner towards the rim.
 */
import type { Anatomy } from './anatomy'
import { edge, smoothstep } from './shapes'

/** Distance of the lateral lung border from the midline at height y. */
export function lateralBorder(anatomy: Anatomy, y: number): number {
  const { apex, lateral } = anatomy.lung
  const centre = 0.16
  if (y >= centre) return lateral + 0.025 * Math.sin(((y - centre) / 0.6) * 1.6)
  const t = Math.min(1, (centre - y) / (centre - apex))
  return 0.31 + (lateral - 0.31) * Math.sqrt(1 - t * t * (0.75 + 0.25 * t))
}

/** Height of the diaphragm under x; negative x is the patient's right. */
export function diaphragmHeight(anatomy: Anatomy, x: number): number {
  const { right, left, height } = anatomy.diaphragm
  const side = Math.min(Math.abs(x), anatomy.lung.lateral + 0.02)
  const distance = Math.abs(side - 0.34) / 0.42
  // Domes fall slowly towards the midline and steeply into the costophrenic angle, where they end.
  return (x < 0 ? right : left) + height * (side > 0.34 ? distance * distance * distance : distance * distance * 0.35)
}

/** Share of lung in front of the beam at a point, 0 to 1. */
export function lungShare(anatomy: Anatomy, x: number, y: number): number {
  const side = Math.abs(x)
  const { apex, medial } = anatomy.lung
  if (y < apex - 0.1 || y > 0.95 || side > 0.9 || side < 0.02) return 0
  const lateral = lateralBorder(anatomy, y) - side
  // Above the aortic arch the apices lean away from the midline.
  const inner = side - (medial + 0.16 * smoothstep(-0.42, apex, y))
  const base = diaphragmHeight(anatomy, x) - y
  const outline = edge(lateral, 0.012) * edge(inner, 0.02) * edge(y - apex, 0.012)
  // Behind the dome the lung goes on for a while, thinly.
  const floor = 0.84 * edge(base, 0.011) + 0.16 * edge(base + 0.12, 0.05)
  const roundness = 0.62 + 0.38 * Math.sqrt(Math.min(1, Math.max(0, lateral) / 0.25))
  const apical = 0.55 + 0.45 * smoothstep(apex, apex + 0.4, y)
  return outline * floor * roundness * apical
}
