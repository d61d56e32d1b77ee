/**
 * The verdict in words that a radiologist can act on and a statistician can sign.
 */
import { alphaText, probabilityText } from '../../shared/percent'
import type { Answer } from '../../shared/types'
import { verdictWords } from '../../shared/verdict-words'

/** "3 times in 1,000", "once in 20,000": p as a count in the smallest power of ten that shows it to a third. */
export function timesIn(p: number): string {
  if (p >= 0.995) return 'nearly always'
  let denominator = 100
  // One in 320 is 3 in 1,000, not 0 in 100; and 2 in 100 would be too coarse for 16 in 1,000.
  while (Math.round(p * denominator) < 3 && denominator < 1e9) denominator *= 10
  const count = Math.round(p * denominator)
  const [times, base] = count % 10 === 0 && denominator > 100 ? [count / 10, denominator / 10] : [count, denominator]
  return `${times === 1 ? 'once' : `${times} times`} in ${base.toLocaleString('en-US')}`
}

export interface VerdictInput {
  pValue: number
  alpha: number
  before: Answer
  after: Answer
  /** Calibration scans behind the p-value. */
  calibrationCount: number
}

const sureness = ({ label, probabilities }: Answer): string => {
  const share = Math.max(...probabilities)
  return `${label} (${probabilityText(share, share < 0.1 ? 1 : 0)})`
}

/** What purification did to the classifier's answer; empty when it kept it. */
function changeOf(before: Answer, after: Answer): string {
  return before.label === after.label
    ? ''
    : ` ${verdictWords.change.replace('{before}', () => sureness(before)).replace('{after}', () => sureness(after))}`
}

/**
 * Headline and detail. Suspicious exactly when p ≤ α. Neither of the two ever says that the picture is fine.
 */
export function verdictOf({ pValue, alpha, before, after, calibrationCount }: VerdictInput): { headline: string; detail: string } {
  const change = changeOf(before, after)
  if (pValue <= alpha) {
    const limit = pValue <= 1 / (calibrationCount + 1) ? ` ${calibrationCount.toLocaleString('en-US')} calibration scans can show no smaller share.` : ''
    return {
      headline: `Suspicious: an untouched scan looks this unusual ${timesIn(pValue)}.`,
      detail: `${verdictWords.compare.replace('{share}', alphaText(alpha))}${change}${limit}`,
    }
  }
  return {
    headline: 'No perturbation found',
    detail: `An untouched scan looks this unusual ${timesIn(pValue)}.${change} ${verdictWords.notUnaltered}`,
  }
}
