/**
 * The colours of heatmaps, one table for the interface and for exported pictures: black over violet, red and orange to
 * pale yellow. Lightness rises in equal steps (OKLab, Björn Ottosson 2020), so that more looks like more in grey print
 * and to colour-blind eyes too.
 */

/** Lightness, chroma and hue (degrees) in OKLCH at equal distances from cold to hot. */
const controlPoints = [
  [0.14, 0.03, 285],
  [0.35, 0.14, 300],
  [0.56, 0.19, 5],
  [0.77, 0.155, 60],
  [0.98, 0.09, 105],
] as const

/** 256 entries of red, green and blue, 0 to 255. */
export const heatColormap: Uint8Array = buildTable()

function buildTable(): Uint8Array {
  const table = new Uint8Array(256 * 3)
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (controlPoints.length - 1)
    const from = Math.min(Math.floor(position), controlPoints.length - 2)
    const a = oklchToOklab(controlPoints[from]!)
    const b = oklchToOklab(controlPoints[from + 1]!)
    const share = position - from
    table.set(oklabToSrgb(a.map((value, k) => value + (b[k]! - value) * share)), i * 3)
  }
  return table
}

function oklchToOklab([lightness, chroma, hue]: readonly [number, number, number]): number[] {
  const angle = (hue * Math.PI) / 180
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]
}

function oklabToSrgb(lab: number[]): number[] {
  const [L = 0, a = 0, b = 0] = lab
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((linear) => {
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
    return Math.round(255 * Math.min(1, Math.max(0, encoded)))
  })
}
