/** Averages over dilated windows, and sampling on grids, in forms that operator set 18 has. */
import { sizeOf } from '../../tensor/tensor'
import { text } from '../model'
import { averageCounts } from '../average'
import { conv, div, floats, matMul, pad, reshape, transpose } from '../ops'
import { reachBehind, windowGeometry } from '../windows'
import { moderate, without, type Rewrite, type RewriteContext } from './rewrite'
import type { Value } from '../builder'

/** Padding counts as zeros, so that windows that hang over the edge are windows of an image with more zeros around it. */
function normPool(c: RewriteContext): Value[] {
  const { x } = c
  const at = windowGeometry(c.node, x.shape.slice(2), c.ints('kernel_shape') ?? [])
  const n = at.kernel.length
  const reach = reachBehind(x.shape.slice(2), at)
  const rest = without(c.attributes, 'auto_pad', 'ceil_mode')
  if (reach.every((d, i) => d <= at.pads[n + i]!)) return c.emit('LpPool', [x], { ...rest, pads: { type: 'ints', value: at.pads } })
  const padded = pad(c.g, x, [0, 0, ...at.pads.slice(0, n), 0, 0, ...reach])
  return c.emit('LpPool', [padded], { ...rest, pads: { type: 'ints', value: Array<number>(2 * n).fill(0) } })
}

/**
 * Operator set 19 brought dilation, and another way of counting the pixels of windows that hang over the edge. Both are
 * sums by a convolution with ones, divided by the number of pixels that count.
 */
function averagePool(c: RewriteContext): Value[] {
  const { g, x } = c
  const [, channels, ...spatial] = x.shape as [number, number, ...number[]]
  const at = windowGeometry(c.node, spatial, c.ints('kernel_shape') ?? [])
  const n = spatial.length
  const reach = reachBehind(spatial, at)
  const overhang = reach.some((d, i) => d > at.pads[n + i]!)
  if (at.dilations.every((d) => d === 1) && !overhang)
    return c.emit('AveragePool', [x], { ...without(c.attributes, 'auto_pad', 'dilations', 'ceil_mode'), pads: { type: 'ints', value: at.pads } })
  moderate(c, channels * sizeOf(at.kernel))
  const ones = g.constant(floats(x.dtype, [channels, 1, ...at.kernel], Array<number>(channels * sizeOf(at.kernel)).fill(1)))
  const sums = conv(g, x, ones, undefined, { strides: at.strides, dilations: at.dilations, pads: [...at.pads.slice(0, n), ...reach], group: channels })
  return [div(g, sums, g.constant(floats(x.dtype, [1, 1, ...at.output], averageCounts(spatial, at, c.int('count_include_pad', 0) === 1))))]
}

const gridModes: Record<string, string> = { linear: 'bilinear', cubic: 'bicubic' }

/** Positions −1 … 1 of the output's pixels, times the affine map of each image. */
function affineGrid(c: RewriteContext): Value[] {
  const { g } = c
  const size = c.inputs[1]?.constant
  if (!size) throw c.refuse('whose size is computed at run time, which Assay cannot follow')
  const [n, , ...spatial] = Array.from(size.data as ArrayLike<number | bigint>, Number) as [number, number, ...number[]]
  moderate(c, sizeOf(spatial))
  const corners = c.int('align_corners', 0) === 1
  const along = spatial.map((d) => Array.from({ length: d }, (_, i) => (corners ? (d === 1 ? 0 : -1 + (2 * i) / (d - 1)) : -1 + (2 * i + 1) / d)))
  const points = along.reduce<number[][]>((all, axis) => all.flatMap((p) => axis.map((v) => [v, ...p])), [[]])
  const grid = g.constant(floats(c.x.dtype, [points.length, spatial.length + 1], points.flatMap((p) => [...p, 1])))
  return [reshape(g, matMul(g, grid, transpose(g, c.x, [0, 2, 1])), [n, ...spatial, spatial.length])]
}

export const windowRewrites: Rewrite[] = [
  { op: 'AveragePool', write: averagePool },
  { op: 'LpPool', write: normPool },
  {
    op: 'GridSample',
    write: (c) => {
      if (c.x.shape.length !== 4) throw c.refuse('over volumes, which Assay cannot follow')
      const mode = c.string('mode', 'bilinear')
      return c.emit('GridSample', c.inputs, { ...c.attributes, mode: text(gridModes[mode] ?? mode) })
    },
  },
  { op: 'AffineGrid', forward: 'positions mapped by a matrix per image', write: affineGrid },
]
