/**
 * Whether an image looks like those that a bundle was calibrated on, at large: levels, contrast, borders, energy of its
 * structures, colour. A p-value compares an image with scans of one kind; shown another kind, it means nothing.
 *
 * All is measured on the purified image and without its finest detail, so that an attack does not make a scan
 * unfamiliar: that is for the detector to find.
 */
import type { Appearance, Origins } from '../../shared/bundle'
import { noOrigins } from './origins'
import { blurred, difference, energyFloor, meanAbsolute } from './scores/detail'
import type { ImageSize } from './scores/score'

/** Edges of the bands of structure, standard deviations in pixels. */
const bandEdges = [1.5, 3, 6, 12] as const
/** Share of each side that counts as its border. */
const borderShare = 1 / 12

interface Feature {
  name: string
  value: number
}

const mean = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length ? sum / values.length : 0
}

/** Mean over the channels: [height, width]. */
function greyOf(image: Float32Array, { width, height, channels }: ImageSize): Float32Array {
  const size = width * height
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0
    for (let c = 0; c < channels; c++) sum += image[c * size + i]!
    return sum / channels
  })
}

/** The pixels of a plane for which `wanted` holds. */
function where({ width, height }: ImageSize, plane: Float32Array, wanted: (x: number, y: number) => boolean): number[] {
  const found: number[] = []
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (wanted(x, y)) found.push(plane[y * width + x]!)
  return found
}

/** @param purified [channels, height, width] in [0, 1] */
export function featuresOf(purified: Float32Array, size: ImageSize): Feature[] {
  const { width, height, channels } = size
  const plane = { ...size, channels: 1 as const }
  const grey = greyOf(purified, size)
  const levels = bandEdges.map((sigma) => blurred(grey, plane, sigma))
  const smooth = levels[0]!
  const sorted = smooth.slice().sort()
  const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!
  const [bx, by] = [Math.max(1, Math.round(borderShare * width)), Math.max(1, Math.round(borderShare * height))]
  const border = where(plane, smooth, (x, y) => x < bx || y < by || x >= width - bx || y >= height - by)
  const corners = where(plane, smooth, (x, y) => (x < 2 * bx || x >= width - 2 * bx) && (y < 2 * by || y >= height - 2 * by))
  const centre = where(plane, smooth, (x, y) => Math.abs(x - width / 2) < width / 6 && Math.abs(y - height / 2) < height / 6)
  const mirrored = smooth.map((value, i) => Math.abs(value - smooth[i - (i % width) + (width - 1 - (i % width))]!))
  const upper = mean(smooth.subarray(0, Math.floor(height / 2) * width))
  const lower = mean(smooth.subarray(Math.ceil(height / 2) * width))
  const channel = (c: number): Float32Array => purified.subarray(c * width * height, (c + 1) * width * height)
  return [
    { name: 'dark tones', value: quantile(0.05) },
    { name: 'lower tones', value: quantile(0.25) },
    { name: 'middle tones', value: quantile(0.5) },
    { name: 'upper tones', value: quantile(0.75) },
    { name: 'bright tones', value: quantile(0.95) },
    { name: 'level of the border', value: mean(border) },
    { name: 'unevenness of the border', value: Math.sqrt(mean(border.map((v) => (v - mean(border)) ** 2))) },
    { name: 'level of the corners', value: mean(corners) },
    { name: 'level of the centre', value: mean(centre) },
    { name: 'difference of left and right', value: mean(mirrored) },
    { name: 'difference of top and bottom', value: upper - lower },
    ...levels.slice(1).map((level, i) => ({ name: `structures of ${bandEdges[i]} to ${bandEdges[i + 1]} pixels`, value: Math.log(energyFloor + meanAbsolute(difference(levels[i]!, level))) })),
    ...(channels === 3
      ? [
          { name: 'red against green', value: mean(channel(0)) - mean(channel(1)) },
          { name: 'blue against green', value: mean(channel(2)) - mean(channel(1)) },
          { name: 'colourfulness', value: mean(channel(0).map((v, i) => Math.max(v, channel(1)[i]!, channel(2)[i]!) - Math.min(v, channel(1)[i]!, channel(2)[i]!))) },
        ]
      : []),
  ]
}

/** Correlations between features are believed to this share, less where few images tell of them. */
const believed = (images: number): number => 1 - 2 / images
/** Smallest scale of a feature: a set that has no variety in something must not call the rest of the world strange over a rounding. */
const scaleFloor = 0.005
/** Standard normal quantile of 0.999: one in a thousand images like these lies beyond. */
const oneInThousand = 3.0902
const folds = 5

/** Images needed before anything is said. */
export const fewestForAppearance = 25

type Fitted = Pick<Appearance, 'features' | 'precision'>

function fit(rows: readonly Feature[][]): Fitted {
  const features = rows[0]!.map(({ name }, f) => {
    const values = rows.map((row) => row[f]!.value)
    const center = mean(values)
    return { name, mean: center, scale: Math.max(scaleFloor, Math.sqrt(mean(values.map((v) => (v - center) ** 2)))) }
  })
  const standardised = rows.map((row) => row.map(({ value }, f) => (value - features[f]!.mean) / features[f]!.scale))
  const correlation = features.map((_, a) => features.map((_, b) => (a === b ? 1 : believed(rows.length) * mean(standardised.map((row) => row[a]! * row[b]!)))))
  return { features, precision: inverse(correlation) }
}

/** Mahalanobis distance, as a root mean square over the features: about 1 for an image like those behind it. */
function distance(row: readonly Feature[], { features, precision }: Fitted): number {
  const z = row.map(({ value }, f) => (value - features[f]!.mean) / features[f]!.scale)
  const square = z.reduce((sum, a, i) => sum + a * z.reduce((inner, b, j) => inner + precision[i]![j]! * b, 0), 0)
  return Math.sqrt(Math.max(0, square) / z.length)
}

/** Gauss–Jordan with pivots; the matrix is positive definite. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    const own = rows[column]!.map((value) => value / rows[column]![column]!)
    rows[column] = own
    for (let i = 0; i < n; i++) {
      const factor = rows[i]![column]!
      if (i !== column) rows[i] = rows[i]!.map((value, j) => value - factor * own[j]!)
    }
  }
  return rows.map((row) => row.slice(n))
}

/** Of each image: the groups in turn. */
function foldsOf(groups: readonly string[]): number[] {
  const place = new Map([...new Set(groups)].map((group, i) => [group, i % folds]))
  return groups.map((group) => place.get(group)!)
}

/**
 * What these images look like, with the distance beyond which about one in a thousand like them lies. The distances are of
 * images that the fit has not seen (five folds, whole patients in each), and their logarithms taken for normal; no image of
 * the set lies beyond.
 * @param groups the same for images of one patient; each by itself where they are not given
 * @returns undefined for too few images to say
 */
export function appearanceOf(rows: readonly Feature[][], origins: Origins = noOrigins, groups?: readonly string[]): Appearance | undefined {
  if (rows.length < fewestForAppearance) return undefined
  const foldOf = foldsOf(groups && new Set(groups).size > 1 ? groups : rows.map((_, i) => String(i)))
  const held = [...new Set(foldOf)].flatMap((fold) => {
    const fitted = fit(rows.filter((_, i) => foldOf[i] !== fold))
    return rows.filter((_, i) => foldOf[i] === fold).map((row) => distance(row, fitted))
  })
  const logs = held.map((d) => Math.log(Math.max(d, 1e-6)))
  const center = mean(logs)
  const deviation = Math.sqrt(mean(logs.map((v) => (v - center) ** 2)))
  return {
    ...fit(rows),
    threshold: Math.max(Math.exp(center + oneInThousand * deviation), ...held),
    images: rows.length,
    ...origins,
  }
}

export type Features = ReturnType<typeof featuresOf>

/** Distance of an image as a multiple of the distance beyond which it is unfamiliar; infinite where there is none, since nobody can say then that it is familiar. */
export function strangeness(features: Features, appearance: Appearance): number {
  if (features.length !== appearance.features.length) return Infinity
  const far = distance(features, appearance) / appearance.threshold
  return Number.isFinite(far) ? far : Infinity
}

/** Share of a set that may be unfamiliar before the set is, and the shift of a mean in standard deviations. */
const mostUnfamiliar = 0.05
const mostShifted = 1

/** One sentence where images as a whole look unlike those behind an appearance; undefined where they do not. */
export function setWarning(rows: readonly Features[], appearance: Appearance): string | undefined {
  if (rows.length === 0) return undefined
  const strange = rows.filter((row) => strangeness(row, appearance) > 1).length
  const shifts = appearance.features
    .map(({ name, mean: usual, scale }, f) => ({ name, by: (mean(rows.map((row) => row[f]?.value ?? NaN)) - usual) / scale }))
    // Half of what a handful of images is off by chance is no shift.
    .filter(({ by }) => Math.abs(by) > mostShifted + 2 / Math.sqrt(rows.length))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
  if (strange <= Math.max(1, mostUnfamiliar * rows.length) && shifts.length === 0) return undefined
  const told = shifts.slice(0, 3).map(({ name, by }) => `${name} ${by > 0 ? 'higher' : 'lower'} by ${Math.abs(by).toFixed(1)} standard deviations`)
  return `These images look unlike those that the models learned from (${[`${strange} of ${rows.length} are unfamiliar`, ...told].join(', ')}): another modality, another device or another preparation. The models may not be fit for them.`
}
