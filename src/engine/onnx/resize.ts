/**
 * What Resize computes: along every axis each output pixel is a weighted sum of input pixels. Source: the operator Resize
 * of the ONNX operator specification, and ONNX Runtime where that is silent.
 */
import { toNumbers, type Shape, type Tensor } from '../tensor/tensor'
import { attribute, type Attributes } from './model'
import { keptScale } from './shape-rules/windows'
import { normaliseAxis } from './shapes'

export interface AxisSettings {
  mode: string
  coordinates: string
  rounding: string
  cubic: number
  excludeOutside: boolean
  antialias: boolean
}

/** Position in the input of output pixel i. */
function sourcePosition(i: number, from: number, to: number, scale: number, coordinates: string): number {
  switch (coordinates) {
    case 'align_corners':
      return to === 1 ? 0 : (i * (from - 1)) / (to - 1)
    case 'asymmetric':
      return i / scale
    case 'tf_half_pixel_for_nn':
      return (i + 0.5) / scale
    case 'pytorch_half_pixel':
      return to > 1 ? (i + 0.5) / scale - 0.5 : 0
    case 'half_pixel_symmetric': {
      const adjustment = to / (scale * from)
      return (from / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5
    }
    default:
      return (i + 0.5) / scale - 0.5
  }
}

const roundings: Record<string, (p: number) => number> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_ceil: (p) => Math.floor(p + 0.5),
  round_prefer_floor: (p) => Math.ceil(p - 0.5),
}

/** Weight of a pixel at a distance, in units of pixels. */
const kernels: Record<string, (d: number, a: number) => number> = {
  linear: (d) => Math.max(0, 1 - d),
  cubic: (d, a) => (d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0),
}

/** Weights of the input pixels for output pixel at position p: [pixel, weight]. */
function taps(p: number, scale: number, s: AxisSettings): [number, number][] {
  if (s.mode === 'nearest') return [[(roundings[s.rounding] ?? roundings.round_prefer_floor!)(p), 1]]
  const kernel = kernels[s.mode]!
  // Against aliasing the kernel is as wide in output pixels as it else is in input pixels.
  const squeeze = s.antialias ? Math.min(1, scale) : 1
  const reach = (s.mode === 'cubic' ? 2 : 1) / squeeze
  const first = Math.floor(p - reach) + 1
  const all = Array.from({ length: Math.ceil(p + reach) - first }, (_, i): [number, number] => [first + i, kernel(Math.abs(first + i - p) * squeeze, s.cubic)])
  return s.antialias ? normalised(all) : all
}

function normalised(all: readonly [number, number][]): [number, number][] {
  const sum = all.reduce((total, [, w]) => total + w, 0)
  return all.map(([k, w]) => [k, w / sum])
}

/** Weights [to, from] of one axis, row by row. */
export function resizeWeights(from: number, to: number, scale: number, s: AxisSettings): Float64Array {
  const data = new Float64Array(to * from)
  for (let i = 0; i < to; i++) {
    // Positions are of single precision: half a pixel more or less decides which one is nearest.
    const p = Math.fround(sourcePosition(i, from, to, scale, s.coordinates))
    let all = taps(p, scale, s)
    if (s.excludeOutside) all = normalised(all.filter(([k]) => k >= 0 && k < from))
    for (const [k, w] of all) data[i * from + Math.min(from - 1, Math.max(0, k))]! += w
  }
  return data
}

/** How a node resizes, its defaults filled in. */
export function resizeSettings(node: { attributes: Attributes }): AxisSettings {
  const mode = attribute(node, 'mode', 'string') ?? 'nearest'
  const antialias = mode !== 'nearest' && attribute(node, 'antialias', 'int') === 1
  return {
    mode,
    coordinates: attribute(node, 'coordinate_transformation_mode', 'string') ?? 'half_pixel',
    rounding: attribute(node, 'nearest_mode', 'string') ?? 'round_prefer_floor',
    cubic: attribute(node, 'cubic_coeff_a', 'float') ?? -0.75,
    excludeOutside: (mode === 'cubic' || antialias) && attribute(node, 'exclude_outside', 'int') === 1,
    antialias,
  }
}

/** Scale of every axis: as given, or by the sizes. */
export function resizeScales(node: { attributes: Attributes }, from: Shape, to: Shape, given: Tensor | undefined, wanted: Tensor | undefined): number[] {
  const axes = attribute(node, 'axes', 'ints')?.map((a) => normaliseAxis(a, from.length)) ?? from.map((_, i) => i)
  const sizes = wanted && toNumbers(wanted)
  const policy = attribute(node, 'keep_aspect_ratio_policy', 'string') ?? 'stretch'
  const kept = sizes && policy !== 'stretch' ? keptScale(axes.map((axis, i) => sizes[i]! / from[axis]!), policy) : undefined
  const scales = sizes || !given ? undefined : toNumbers(given)
  return from.map((d, axis) => {
    const i = axes.indexOf(axis)
    if (i < 0) return 1
    return scales?.[i] ?? kept ?? Math.fround(to[axis]! / d)
  })
}
