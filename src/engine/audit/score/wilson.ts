/** Shares with their 95 % confidence intervals. */
import type { Share } from '../../../shared/audit'

/** 97.5th percentile of the normal distribution. */
const z = 1.959963984540054

/**
 * Wilson's score interval (Wilson 1927), which keeps within [0, 1] and holds for small counts too. A share of nothing is
 * 0, and anything is possible.
 */
export function share(count: number, of: number): Share {
  if (of === 0) return { value: 0, low: 0, high: 1, count, of }
  const p = count / of
  const scale = 1 + z ** 2 / of
  const center = (p + z ** 2 / (2 * of)) / scale
  const half = (z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2))) / scale
  // At the ends the interval ends there, whatever rounding says.
  return { value: p, low: count === 0 ? 0 : Math.max(0, center - half), high: count === of ? 1 : Math.min(1, center + half), count, of }
}
