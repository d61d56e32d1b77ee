/**
 * Resize as ONNX defines it: along every axis each output pixel is a weighted sum of input pixels, so that the gradient
 * is a product with the transposed matrix of weights, axis by axis. Whole-factor nearest enlargement is a sum over
 * blocks.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { floats, matMul, reduceSum, reshape } from '../../onnx/ops'
import { nodeRefusal } from '../../onnx/refusal'
import { keptScale } from '../../onnx/shape-rules/windows'
import { normaliseAxis } from '../../onnx/shapes'
import type { Rule, VjpContext } from '../primitive'
import { around, constants, float, integer, range, text } from './helpers'

interface AxisSettings {
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
  const all = range(Math.ceil(p + reach) - first).map((i): [number, number] => [first + i, kernel(Math.abs(first + i - p) * squeeze, s.cubic)])
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

function settings(node: BuiltNode): AxisSettings {
  const mode = text(node, 'mode', 'nearest')
  const coordinates = text(node, 'coordinate_transformation_mode', 'half_pixel')
  const rounding = text(node, 'nearest_mode', 'round_prefer_floor')
  if (coordinates === 'tf_crop_and_resize') throw nodeRefusal('onnx-operator-not-differentiable', node, 'with crop, which Assay cannot differentiate')
  const antialias = mode !== 'nearest' && integer(node, 'antialias', 0) === 1
  return {
    mode,
    coordinates,
    rounding,
    cubic: float(node, 'cubic_coeff_a', -0.75),
    excludeOutside: (mode === 'cubic' || antialias) && integer(node, 'exclude_outside', 0) === 1,
    antialias,
  }
}

/** Scale of every axis: as given, or by the sizes. */
function scalesOf(node: BuiltNode): number[] {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const axes = attribute(node, 'axes', 'ints')?.map((a) => normaliseAxis(a, x.shape.length)) ?? range(x.shape.length)
  const sizes = constants(node, 3)
  const policy = text(node, 'keep_aspect_ratio_policy', 'stretch')
  const kept = sizes && policy !== 'stretch' ? keptScale(axes.map((axis, i) => sizes[i]! / x.shape[axis]!), policy) : undefined
  const given = sizes ? undefined : constants(node, 2)
  return x.shape.map((d, axis) => {
    const i = axes.indexOf(axis)
    if (i < 0) return 1
    return given?.[i] ?? kept ?? Math.fround(y.shape[axis]! / d)
  })
}

const mostWeights = 1 << 26

function resizeVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, y, dy } = c
  const s = settings(node)
  const scales = scalesOf(node)
  const factors = y.shape.map((d, i) => d / x.shape[i]!)
  if (s.mode === 'nearest' && s.coordinates === 'asymmetric' && s.rounding === 'floor' && factors.every((f, i) => Number.isInteger(f) && f === scales[i])) {
    const blocks = reshape(g, dy, x.shape.flatMap((d, i) => [d, factors[i]!]))
    const repeated = factors.flatMap((f, i) => (f > 1 ? [2 * i + 1] : []))
    return [repeated.length ? reshape(g, reduceSum(g, blocks, repeated), x.shape) : dy]
  }
  return [weighted(c, dy, true)]
}

/** Every resized axis of v times its weights, or their transposes. */
function weighted({ g, node }: { g: GraphBuilder; node: BuiltNode }, v: Value, backwards: boolean): Value {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const s = settings(node)
  const scales = scalesOf(node)
  let result = v
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const [from, to] = [x.shape[axis]!, y.shape[axis]!]
    if (from === to && scales[axis] === 1) continue
    if (from * to > mostWeights) throw nodeRefusal('onnx-operator-not-differentiable', node, `from ${from} to ${to} pixels, which is more than Assay can differentiate`)
    const weights = resizeWeights(from, to, scales[axis]!, s)
    const turned = () => Float64Array.from(weights, (_, i) => weights[(i % to) * from + Math.floor(i / to)]!)
    const [rows, columns] = backwards ? [from, to] : [to, from]
    const matrix = (transposed: boolean) => g.constant(floats(v.dtype, transposed ? [columns, rows] : [rows, columns], transposed === backwards ? weights : turned()))
    const [before, , after] = around(result.shape, axis)
    const shape = result.shape.map((d, i) => (i === axis ? rows : d))
    result = reshape(g, after === 1 ? matMul(g, reshape(g, result, [before, columns]), matrix(true)) : matMul(g, matrix(false), reshape(g, result, [before, columns, after])), shape)
  }
  return result
}

/** The resized image itself, as the products that its gradient is the transpose of. */
export const resized = (g: GraphBuilder, node: BuiltNode): Value => weighted({ g, node }, node.inputs[0]!, false)

export const resizing: Rule[] = [{ op: 'Resize', forward: 'interpolation: nearest, linear or cubic, along any axes, of the whole', vjp: resizeVjp }]
