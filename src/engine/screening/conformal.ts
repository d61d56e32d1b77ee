/**
 * Split-conformal p-values (Vovk, Gammerman & Shafer 2005; Bates et al., Testing for Outliers with Conformal
 * p-values, Annals of Statistics 2023): if an untouched scan is exchangeable with the calibration scans, its p-value
 * is at most α with a probability of at most α, whatever the score is.
 */
import type { FalseAlarms } from '../../shared/calibration'
import { AssayError } from '../../shared/errors'

/** Number of elements of an ascending array that are at least `value`. */
function countAtLeast(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! >= value) high = middle
    else low = middle + 1
  }
  return ascending.length - low
}

/** (1 + #{calibration ≥ score}) / (n + 1), in (0, 1]. @param calibration ascending */
export const pValue = (score: number, calibration: readonly number[]): number =>
  (1 + countAtLeast(calibration, score)) / (calibration.length + 1)

/** Suspicious exactly when p ≤ α. */
export const isSuspicious = (p: number, alpha: number): boolean => p <= alpha

/** Fewest calibration scans with which p can reach α: the smallest n with 1 / (n + 1) ≤ α. */
export function scansNeeded(alpha: number): number {
  let n = Math.max(1, Math.floor(1 / alpha) - 2)
  while (1 / (n + 1) > alpha) n++
  return n
}

/** P(Binomial(n, p) ≥ k) for p in (0, 1). */
function binomialAtLeast(k: number, n: number, p: number): number {
  let term = n * Math.log1p(-p)
  let below = 0
  for (let j = 0; j < k; j++) {
    below += Math.exp(term)
    term += Math.log((n - j) / (j + 1)) + Math.log(p) - Math.log1p(-p)
  }
  return 1 - below
}

/** Where 19 in 20 lie: quantiles of the rest. */
const tails = [0.025, 0.975] as const

/** The share of untouched scans that figures of a calibration are told for. */
export const usualAlpha = 0.05

/**
 * The share of untouched scans that a calibration on n of them flags at α. Over calibrations it has a beta distribution
 * with parameters k and n + 1 − k, k = ⌊α(n + 1)⌋ (Vovk, Conditional validity of inductive conformal predictors, 2012).
 * @returns null where k is 0 and nothing can be flagged
 */
export function falseAlarms(calibrationCount: number, alpha: number): FalseAlarms | null {
  const n = calibrationCount
  let k = Math.round(alpha * (n + 1))
  while (!isSuspicious(k / (n + 1), alpha)) k--
  if (k < 1) return null
  // A beta variable of whole parameters is at most x as often as n draws of probability x have k hits.
  const quantile = (share: number): number => {
    let [low, high] = [0, 1]
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2
      if (binomialAtLeast(k, n, middle) < share) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return { alpha, mean: k / (n + 1), low: quantile(tails[0]), high: quantile(tails[1]) }
}

/** @throws AssayError invalid-arguments when no scan could ever be suspicious, however bad */
export function assertReachable(alpha: number, calibrationCount: number): void {
  if (calibrationCount >= scansNeeded(alpha)) return
  throw new AssayError(
    'invalid-arguments',
    `With ${calibrationCount} calibration scans nothing can be flagged at an alpha of ${alpha}; choose at least ${(1 / (calibrationCount + 1)).toPrecision(2)} or calibrate on ${scansNeeded(alpha)} scans.`,
    { alpha, calibrationScans: calibrationCount, needed: scansNeeded(alpha) },
  )
}
