/**
 * Split-conformal p-values (Vovk, Gammerman & Shafer 2005; Bates et al., Testing for Outliers with Conformal
 * p-values, Annals of Statistics 2023): if an untouched scan is exchangeable with the calibration scans, its p-value
 * is at most α with a probability of at most α, whatever the score is.
 */
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

/** @throws AssayError invalid-arguments when no scan could ever be suspicious, however bad */
export function assertReachable(alpha: number, calibrationCount: number): void {
  if (calibrationCount >= scansNeeded(alpha)) return
  throw new AssayError(
    'invalid-arguments',
    `With ${calibrationCount} calibration scans nothing can be flagged at an alpha of ${alpha}; choose at least ${(1 / (calibrationCount + 1)).toPrecision(2)} or calibrate on ${scansNeeded(alpha)} scans.`,
    { alpha, calibrationScans: calibrationCount, needed: scansNeeded(alpha) },
  )
}
