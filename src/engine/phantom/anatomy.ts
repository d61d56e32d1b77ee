/**
 * One person's chest, drawn from a seed: where the organs lie and how dense they are. Lengths in anatomy units
 * (y down, x to the image's right, which is the patient's left), densities as attenuation.
 */
import type { Random } from '../tensor/random'

export interface Anatomy {
  /** Size, turn (radians) and place of the whole body in the picture. */
  pose: { scaleX: number; scaleY: number; rotation: number; x: number; y: number }
  depth: number
  waist: number
  lung: { apex: number; lateral: number; air: number; medial: number }
  diaphragm: { right: number; left: number; height: number }
  heart: { size: number; x: number; tilt: number; density: number; aorta: number }
  spine: { x: number; curve: number; density: number; spacing: number }
  trachea: { x: number; width: number }
  ribs: { first: number; spacing: number; drop: number; halfWidth: number; density: number; jitter: { shift: number; density: number }[][] }
  clavicles: { height: number; rise: number; density: number; tilt: number }
  breast: { density: number; y: number; size: number }
  stomachBubble: { x: number; y: number; size: number; density: number }
  /** Film or detector curve: where its middle lies and how steep it is. */
  exposure: { middle: number; contrast: number; falloff: { x: number; y: number; radial: number }; noise: number }
}

const ribCount = 11

export function drawAnatomy(random: Random): Anatomy {
  const vary = (mean: number, spread: number) => mean + spread * Math.max(-2, Math.min(2, random.normal()))
  const build = vary(1, 0.035)
  return {
    pose: { scaleX: vary(0.98, 0.035) * build, scaleY: vary(0.98, 0.035) * build, rotation: vary(0, 0.028), x: vary(0, 0.03), y: vary(0.02, 0.035) },
    depth: vary(1.0, 0.07),
    waist: vary(0.93, 0.03),
    lung: { apex: vary(-0.79, 0.025), lateral: vary(0.75, 0.02), air: vary(0.6, 0.045), medial: vary(0.12, 0.012) },
    diaphragm: { right: vary(0.46, 0.05), left: vary(0.52, 0.05), height: vary(0.25, 0.03) },
    heart: { size: vary(1, 0.08), x: vary(0.0, 0.018), tilt: vary(0.55, 0.09), density: vary(0.46, 0.05), aorta: vary(1, 0.12) },
    spine: { x: vary(0, 0.008), curve: vary(0, 0.02), density: vary(0.26, 0.04), spacing: vary(0.128, 0.006) },
    trachea: { x: vary(-0.012, 0.012), width: vary(0.042, 0.004) },
    ribs: {
      first: vary(-0.86, 0.02),
      spacing: vary(0.128, 0.005),
      drop: vary(0.25, 0.03),
      halfWidth: vary(0.029, 0.002),
      density: vary(0.17, 0.025),
      jitter: [0, 1].map(() => Array.from({ length: ribCount }, () => ({ shift: vary(0, 0.006), density: vary(1, 0.1) }))),
    },
    clavicles: { height: vary(-0.55, 0.03), rise: vary(0.17, 0.035), density: vary(0.24, 0.035), tilt: vary(0, 0.025) },
    breast: { density: random.next() < 0.45 ? random.uniform(0.05, 0.16) : 0, y: vary(0.36, 0.05), size: vary(0.34, 0.03) },
    stomachBubble: { x: vary(0.38, 0.04), y: vary(0.7, 0.03), size: vary(0.1, 0.02), density: random.next() < 0.6 ? random.uniform(0.1, 0.35) : 0 },
    exposure: {
      middle: vary(0.98, 0.085),
      contrast: vary(2.5, 0.2),
      falloff: { x: vary(0, 0.035), y: vary(0, 0.035), radial: Math.abs(vary(0.03, 0.02)) },
      noise: random.uniform(0.6, 1.2),
    },
  }
}
