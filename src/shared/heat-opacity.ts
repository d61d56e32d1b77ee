/**
 * How strongly the heat covers the scan, the same on screen and in exported pictures: what is usual for untouched scans
 * is let through, what is not is covered.
 */
import type { HeatmapScale } from './types'

/** 0 up to half of `usual`, about a quarter at `usual`, 1 from twice `usual` (or from `hot`, where that comes first). */
export function heatOpacity(share: number, { hot, usual }: HeatmapScale): number {
  const solidAt = Math.min(hot, Math.max(usual * 2, hot / 5))
  const clearTo = Math.min(usual, solidAt) / 2
  const t = Math.min(1, Math.max(0, (share - clearTo) / (solidAt - clearTo))) || 0
  return t * t * (3 - 2 * t)
}
