/**
 * JPEG's four components to inks: CMYK, or YCCK where Adobe's marker says transform 2.
 */

/** In place. @param pixels [pixels, 4] as the stream holds them. @returns the same, 255 is full ink. */
export function toInks(pixels: Uint8Array, adobeTransform: number | undefined): Uint8Array {
  if (adobeTransform === 2) ycckToCmyk(pixels)
  // Adobe stores full ink as 0, and marks its files.
  if (adobeTransform !== undefined) for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - pixels[i]!
  return pixels
}

/** The first three are RGB as YCbCr (JFIF), and ink is what white has more than RGB. */
function ycckToCmyk(pixels: Uint8Array): void {
  const inks = new Uint8ClampedArray(3)
  for (let i = 0; i < pixels.length; i += 4) {
    const y = pixels[i]!
    const cb = pixels[i + 1]! - 128
    const cr = pixels[i + 2]! - 128
    inks[0] = 255 - (y + 1.402 * cr)
    inks[1] = 255 - (y - 0.344136 * cb - 0.714136 * cr)
    inks[2] = 255 - (y + 1.772 * cb)
    pixels.set(inks, i)
  }
}
