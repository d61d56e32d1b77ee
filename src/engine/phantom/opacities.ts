/**
 * Consolidations: soft, ragged clouds inside the lung fields, of varied strength.
 */
import type { Random } from '../tensor/random'
import type { Anatomy } from './anatomy'
import { diaphragmHeight, lateralBorder, lungShare } from './lungs'
import { makeTexture } from './texture'

export interface Cloud {
  x: number
  y: number
  radius: number
  /** Attenuation in its middle. */
  strength: number
  puffs: { x: number; y: number; radius: number }[]
}

/** One to three clouds in anatomy units, each mostly over lung. */
export function drawClouds(random: Random, anatomy: Anatomy): Cloud[] {
  const count = 1 + (random.next() < 0.4 ? 1 : 0) + (random.next() < 0.15 ? 1 : 0)
  const clouds: Cloud[] = []
  while (clouds.length < count) {
    const x = random.uniform(-0.75, 0.75)
    const y = random.uniform(-0.6, 0.65)
    const radius = random.uniform(0.1, 0.2)
    const clearance = Math.min(lateralBorder(anatomy, y) - Math.abs(x), diaphragmHeight(anatomy, x) - y)
    if (lungShare(anatomy, x, y) < 0.45 || clearance < radius * 0.45 || (x > 0 && x < 0.34 && y > 0)) continue
    const puffs = Array.from({ length: 5 }, () => ({
      x: x + random.normal() * radius * 0.42,
      y: y + random.normal() * radius * 0.42,
      radius: radius * random.uniform(0.35, 0.7),
    }))
    clouds.push({ x, y, radius, strength: random.uniform(0.45, 1), puffs })
  }
  return clouds
}

/** Attenuation of all clouds at a point that is fully over lung. */
export function cloudDensity(random: Random, clouds: readonly Cloud[]): (x: number, y: number) => number {
  const ragged = makeTexture(random, 14, 3)
  return (x, y) => {
    let sum = 0
    for (const cloud of clouds) {
      if (Math.abs(x - cloud.x) > cloud.radius * 3 || Math.abs(y - cloud.y) > cloud.radius * 3) continue
      let clear = 1
      for (const puff of cloud.puffs) clear *= 1 - 0.75 * Math.exp(-((x - puff.x) ** 2 + (y - puff.y) ** 2) / (2 * puff.radius * puff.radius))
      sum += cloud.strength * (1 - clear)
    }
    return sum === 0 ? 0 : sum * Math.max(0, 1 + 0.75 * ragged(x, y))
  }
}
