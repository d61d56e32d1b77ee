/**
 * Resize as ONNX defines it: each output pixel is a weighted sum of input pixels along every axis, so that Y = A·X·Bᵀ
 * with two small matrices, and the gradient is Aᵀ·dY·B. Whole-factor nearest enlargement is a sum over blocks.
 */
import type { BuiltNode, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { matMul, reduceSum, reshape } from '../../onnx/ops'
import { float32, type Tensor } from '../../tensor/tensor'
import { AssayError } from '../../../shared/errors'
import type { Rule, VjpContext } from '../primitive'

interface AxisSettings {
  mode: string
  coordinates: string
  rounding: string
  cubic: number
  excludeOutside: boolean
}

/** Position in the input of output pixel i. */
function sourcePosition(i: number, from: number, to: number, scale: number, coordinates: string): number {
  switch (coordinates) {
    case 'align_corners':
      return to === 1 ? 0 : (i * (from - 1)) / (to - 1)
    case 'asymmetric':
      return i / scale
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

/** Weights of the input pixels for output pixel at position p: [pixel, weight]. */
function taps(p: number, s: AxisSettings): [number, number][] {
  if (s.mode === 'nearest') return [[(roundings[s.rounding] ?? roundings.round_prefer_floor!)(p), 1]]
  const base = Math.floor(p)
  const t = p - base
  if (s.mode === 'linear') return [[base, 1 - t], [base + 1, t]]
  const a = s.cubic
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  return [[base - 1, far(1 + t)], [base, near(t)], [base + 1, near(1 - t)], [base + 2, far(2 - t)]]
}

/** [to, from] matrix of one axis. */
export function resizeMatrix(from: number, to: number, scale: number, s: AxisSettings): Tensor {
  const data = new Float32Array(to * from)
  for (let i = 0; i < to; i++) {
    let all = taps(sourcePosition(i, from, to, scale, s.coordinates), s)
    if (s.mode === 'cubic' && s.excludeOutside) {
      all = all.filter(([k]) => k >= 0 && k < from)
      const sum = all.reduce((total, [, w]) => total + w, 0)
      all = all.map(([k, w]) => [k, w / sum])
    }
    for (const [k, w] of all) data[i * from + Math.min(from - 1, Math.max(0, k))]! += w
  }
  return float32([to, from], data)
}

function settings(node: BuiltNode): AxisSettings {
  const value = (name: string, otherwise: string) => attribute(node, name, 'string') ?? otherwise
  const result = {
    mode: value('mode', 'nearest'),
    coordinates: value('coordinate_transformation_mode', 'half_pixel'),
    rounding: value('nearest_mode', 'round_prefer_floor'),
    cubic: attribute(node, 'cubic_coeff_a', 'float') ?? -0.75,
    excludeOutside: attribute(node, 'exclude_outside', 'int') === 1,
  }
  if (result.coordinates === 'tf_crop_and_resize' || attribute(node, 'antialias', 'int') === 1)
    throw new AssayError('onnx-operator-not-differentiable', `The node ${node.name} (Resize with crop or antialias) cannot be differentiated yet; black-box attacks still work.`, { node: node.name, operator: 'Resize' })
  return result
}

function resizeVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, y } = c
  const s = settings(node)
  const rank = x.shape.length
  const scaleOf = (axis: number) => Number(node.inputs[2]?.constant?.data[axis] ?? y.shape[axis]! / x.shape[axis]!)
  const factors = y.shape.map((d, i) => d / x.shape[i]!)
  if (s.mode === 'nearest' && s.coordinates === 'asymmetric' && s.rounding === 'floor' && factors.every(Number.isInteger)) {
    const blocks = reshape(g, c.dy, x.shape.flatMap((d, i) => [d, factors[i]!]))
    return [reshape(g, reduceSum(g, blocks, factors.flatMap((f, i) => (f > 1 ? [2 * i + 1] : []))), x.shape)]
  }
  if (x.shape.slice(0, -2).some((d, i) => d !== y.shape[i]))
    throw new AssayError('onnx-operator-not-differentiable', `The node ${node.name} (Resize over batch or channels) cannot be differentiated; black-box attacks still work.`, { node: node.name, operator: 'Resize' })
  let dx = c.dy
  const [rows, columns] = [rank - 2, rank - 1]
  if (x.shape[columns] !== y.shape[columns])
    dx = matMul(g, dx, g.constant(resizeMatrix(x.shape[columns]!, y.shape[columns]!, scaleOf(columns), s)))
  if (x.shape[rows] !== y.shape[rows]) {
    const matrix = resizeMatrix(x.shape[rows]!, y.shape[rows]!, scaleOf(rows), s)
    dx = matMul(g, g.op('Transpose', [g.constant(matrix)]), dx)
  }
  return [dx]
}

export const resizing: Rule[] = [{ op: 'Resize', forward: 'A·x·Bᵀ with interpolation matrices', vjp: resizeVjp }]
