/** What an attack changed, as colour: blue where it took away, orange where it added, dark where it left things alone. */

/**
 * RGBA, four bytes a pixel.
 * @param difference attacked − clean, share of full range
 * @param magnification what the difference is multiplied by; ±1 are the ends of the colours
 */
export function differencePixels(difference: ArrayLike<number>, magnification: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * difference.length)
  for (let i = 0; i < difference.length; i++) {
    const value = Math.max(-1, Math.min(1, difference[i]! * magnification))
    const strength = Math.abs(value)
    const [r, g, b] = value < 0 ? [86, 180, 255] : [255, 150, 40]
    out[4 * i] = 8 + (r - 8) * strength
    out[4 * i + 1] = 10 + (g - 10) * strength
    out[4 * i + 2] = 13 + (b - 13) * strength
    out[4 * i + 3] = 255
  }
  return out
}

/** A magnification of 1, 2, 5, 10, … with which the largest change comes near the ends of the colours. */
export function fittingMagnification(largest: number): number {
  if (!(largest > 0)) return 1
  const wanted = 1 / largest
  const magnitude = 10 ** Math.floor(Math.log10(wanted))
  return Math.max(1, [5, 2, 1].map((factor) => factor * magnitude).find((factor) => factor <= wanted) ?? 1)
}
