/** Shares as the engine says them, in English. */

/** A probability, or a share of many: "97.3 %". Certainty is never claimed by rounding, nor that something is out of the question. */
export function probabilityText(share: number, digits: number): string {
  const step = 10 ** -digits
  const shown = (100 * share).toFixed(digits)
  if (share < 1 && Number(shown) >= 100) return `> ${(100 - step).toFixed(digits)} %`
  if (share > 0 && Number(shown) === 0) return `< ${step.toFixed(digits)} %`
  return `${shown} %`
}

/** α as a share of untouched scans, to three digits however small it is: "5 %", "12.5 %", "0.04 %". */
export const alphaText = (alpha: number): string => `${Number((100 * alpha).toPrecision(3))} %`
