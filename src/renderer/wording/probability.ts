/** Probabilities as people say them. Numbers near a threshold keep enough digits not to look equal to it. */

/** "3 in 1,000", "41 in 100": a p-value in (0, 1] as a count of untouched scans. */
export function inWords(p: number): string {
  const of = p >= 0.1 ? 100 : p >= 0.001 ? 1000 : 10_000
  const count = Math.round(p * of)
  if (count === 0) return `fewer than 1 in ${of.toLocaleString('en')}`
  return `${count.toLocaleString('en')} in ${of.toLocaleString('en')}`
}

/** A p-value spelled out. */
export const pValueInWords = (p: number): string => `${inWords(p)} untouched scans look at least this unusual`

/** α as a rate of false alarms: "1 in 20", "3 in 100". */
export function alphaInWords(alpha: number): string {
  const one = 1 / alpha
  if (Math.abs(one - Math.round(one)) < 1e-6) return `1 in ${Math.round(one).toLocaleString('en')}`
  return inWords(alpha)
}

/** "97.3 %": one digit, except that certainty is never claimed by rounding. */
export function percent(share: number): string {
  const value = share * 100
  if (value >= 99.95 && share < 1) return '> 99.9 %'
  if (value < 0.05 && share > 0) return '< 0.1 %'
  return `${value.toFixed(1)} %`
}

/** Position on a log axis from 1 (0) to `smallest` (1); what lies beyond is held at the end. */
export function unusualness(p: number, smallest = 0.001): number {
  return Math.min(1, Math.max(0, Math.log(p) / Math.log(smallest)))
}
