/** Probabilities as people say them. Numbers near a threshold keep enough digits not to look equal to it. */
import { fixed, t } from '../language'

/** "3 in 1,000", "41 in 100": a p-value in (0, 1] as a count of untouched scans. */
export function inWords(p: number): string {
  const of = p >= 0.1 ? 100 : p >= 0.001 ? 1000 : 10_000
  const count = Math.round(p * of)
  return count === 0 ? t('probability.fewer', { of }) : t('probability.of', { count, of })
}

/** A p-value spelled out. */
export const pValueInWords = (p: number): string => t('probability.pValue', { share: inWords(p) })

/** α as a rate of false alarms: "1 in 20", "3 in 100". */
export function alphaInWords(alpha: number): string {
  const one = 1 / alpha
  if (Math.abs(one - Math.round(one)) < 1e-6) return t('probability.of', { count: 1, of: Math.round(one) })
  return inWords(alpha)
}

/** "97.3 %": one digit, except that certainty is never claimed by rounding. */
export function percent(share: number): string {
  const value = share * 100
  if (value >= 99.95 && share < 1) return `> ${fixed(99.9, 1)} %`
  if (value < 0.05 && share > 0) return `< ${fixed(0.1, 1)} %`
  return `${fixed(value, 1)} %`
}

/** Position on a log axis from 1 (0) to `smallest` (1); what lies beyond is held at the end. */
export function unusualness(p: number, smallest = 0.001): number {
  return Math.min(1, Math.max(0, Math.log(p) / Math.log(smallest)))
}
