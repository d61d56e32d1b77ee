/** Images read at positions that are computed: gradients by the image and by the positions. */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { int } from '../../onnx/model'
import { abs, add, and, cast, clip, div, expand, greaterOrEqual, lessOrEqual, mul, reshape, sub } from '../../onnx/ops'
import { nodeRefusal } from '../../onnx/refusal'
import type { Rule } from '../primitive'
import { integer, text } from './helpers'

interface Sampling {
  corners: boolean
  padding: string
}

const floor = (g: GraphBuilder, v: Value): Value => g.op('Floor', [v])

/** Position −1 … 1 as a pixel's, moved into the image as the padding says. */
function pixelPosition(g: GraphBuilder, v: Value, length: number, { corners, padding }: Sampling): Value {
  const p = corners ? mul(g, add(g, v, 1), (length - 1) / 2) : sub(g, mul(g, add(g, v, 1), length / 2), 0.5)
  if (padding === 'border') return clip(g, p, 0, length - 1)
  if (padding !== 'reflection') return p
  const [low, span] = corners ? [0, length - 1] : [-0.5, length]
  if (span === 0) return mul(g, p, 0)
  // Distance from the lower edge, folded: up one span, down the next.
  const distance = abs(g, sub(g, p, low))
  const round = sub(g, distance, mul(g, floor(g, div(g, distance, 2 * span)), 2 * span))
  const folded = sub(g, span, abs(g, sub(g, round, span)))
  return clip(g, add(g, folded, low), 0, length - 1)
}

/** Pixels of x [N, C, H, W] at whole positions [N, points]; 0 outside. */
function pixelsAt(g: GraphBuilder, x: Value, row: Value, column: Value): Value {
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const points = row.shape[1]!
  const inside = and(g, and(g, greaterOrEqual(g, row, 0), lessOrEqual(g, row, h - 1)), and(g, greaterOrEqual(g, column, 0), lessOrEqual(g, column, w - 1)))
  const place = add(g, mul(g, clip(g, row, 0, h - 1), w), clip(g, column, 0, w - 1))
  const indices = expand(g, reshape(g, cast(g, place, 'int64'), [n, 1, points]), [n, c, points])
  const found = g.op('GatherElements', [reshape(g, x, [n, c, h * w]), indices], { axis: int(2) })
  return mul(g, found, reshape(g, cast(g, inside, x.dtype), [n, 1, points]))
}

function gridSample(g: GraphBuilder, node: BuiltNode): Value {
  const [x, grid] = node.inputs as [Value, Value]
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const points = grid.shape[1]! * grid.shape[2]!
  const s: Sampling = { corners: integer(node, 'align_corners', 0) === 1, padding: text(node, 'padding_mode', 'zeros') }
  const coordinate = (i: number) => reshape(g, g.op('Gather', [grid, g.integers([i])], { axis: int(3) }), [n, points])
  const [column, row] = [pixelPosition(g, coordinate(0), w, s), pixelPosition(g, coordinate(1), h, s)]
  const shape = [n, c, grid.shape[1]!, grid.shape[2]!]
  if (text(node, 'mode', 'bilinear') === 'nearest') return reshape(g, pixelsAt(g, x, g.op('Round', [row]), g.op('Round', [column])), shape)
  const [top, left] = [floor(g, row), floor(g, column)]
  const [down, right] = [sub(g, row, top), sub(g, column, left)]
  const weighted = (r: Value, k: Value, weight: Value) => mul(g, pixelsAt(g, x, r, k), reshape(g, weight, [n, 1, points]))
  const [bottom, next] = [add(g, top, 1), add(g, left, 1)]
  const corners = [
    weighted(top, left, mul(g, sub(g, 1, down), sub(g, 1, right))),
    weighted(top, next, mul(g, sub(g, 1, down), right)),
    weighted(bottom, left, mul(g, down, sub(g, 1, right))),
    weighted(bottom, next, mul(g, down, right)),
  ]
  return reshape(g, corners.reduce((a, b) => add(g, a, b)), shape)
}

export const sampling: Rule[] = [
  {
    op: 'GridSample',
    forward: 'x at computed positions, nearest or bilinear',
    lower: (g, node) => {
      if (text(node, 'mode', 'bilinear') !== 'bicubic') return [gridSample(g, node)]
      throw nodeRefusal('onnx-operator-not-differentiable', node, 'with cubic interpolation, which Assay cannot differentiate')
    },
  },
]
