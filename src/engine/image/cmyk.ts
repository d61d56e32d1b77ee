/**
 * Four inks to RGB, by the plain formula that PIL and browsers use without a colour profile.
 */

/** @param inks [pixels, 4]: cyan, magenta, yellow, black; 255 is full ink. @returns [pixels, 3] */
export function cmykToRgb(inks: Uint8Array): Uint8Array {
  const out = new Uint8Array((inks.length / 4) * 3)
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!
    for (let ink = 0; ink < 3; ink++) out[to++] = Math.round(((255 - inks[from + ink]!) * light) / 255)
  }
  return out
}
