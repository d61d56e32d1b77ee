/** Operators that move elements about without changing them; their products move the gradient back. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { concat, depthToSpace, mul, pad, reduceSum, reshape, slice, spaceToDepth, transpose } from '../../onnx/ops'
import { paddedByChoice, padsOf } from '../../onnx/rewrite/padding'
import { normaliseAxis, sliceRanges } from '../../onnx/shapes'
import { sizeOf } from '../../tensor/tensor'
import type { BuiltNode } from '../../onnx/builder'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { sumTo } from '../sum-to'
import { constants, integer, text, zeros } from './helpers'

const reshaping = (op: string): Primitive => ({ op, forward: 'x in another shape', vjp: ({ g, x, dy }) => [reshape(g, dy, x.shape)] })

/** Puts `step − 1` zeros between neighbours along an axis. */
function spaceOut(g: GraphBuilder, v: Value, axis: number, step: number): Value {
  const rank = v.shape.length
  const length = v.shape[axis]!
  const lifted = reshape(g, v, [...v.shape.slice(0, axis + 1), 1, ...v.shape.slice(axis + 1)])
  const pads = Array<number>(2 * (rank + 1)).fill(0)
  pads[rank + 1 + axis + 1] = step - 1
  const padded = reshape(g, pad(g, lifted, pads), v.shape.map((d, i) => (i === axis ? d * step : d)))
  return slice(g, padded, [0], [(length - 1) * step + 1], [axis])
}

function sliceVjp(c: VjpContext): (Value | undefined)[] {
  const { g, x, node } = c
  const ranges = sliceRanges(x.shape, constants(node, 1)!, constants(node, 2)!, constants(node, 3), constants(node, 4))
  if (sizeOf(c.dy.shape) === 0) return [zeros(g, x.shape, c.dy.dtype)]
  let dx = c.dy
  const pads = Array<number>(2 * x.shape.length).fill(0)
  ranges.forEach(({ start, step, length }, axis) => {
    let first = start
    if (step < 0) {
      dx = slice(g, dx, [-1], [-(length + 1)], [axis], [-1])
      first = start + (length - 1) * step
    }
    const stride = Math.abs(step)
    if (stride > 1 && length > 1) dx = spaceOut(g, dx, axis, stride)
    pads[axis] = first
    pads[x.shape.length + axis] = x.shape[axis]! - first - ((length - 1) * stride + 1)
  })
  return [pad(g, dx, pads)]
}

const padNode = (node: BuiltNode): [number, number][] => padsOf(node.inputs[0]!.shape.length, constants(node, 1)!, constants(node, 3))

const isColumnRowDepth = (c: { node: BuiltNode }) => text(c.node, 'mode', 'DCR') === 'CRD'

export const movement: Rule[] = [
  reshaping('Reshape'),
  reshaping('Flatten'),
  reshaping('Squeeze'),
  reshaping('Unsqueeze'),
  {
    op: 'Transpose',
    forward: 'x with its axes in another order',
    vjp: ({ g, node, x, dy }) => {
      const perm = attribute(node, 'perm', 'ints') ?? x.shape.map((_, i) => x.shape.length - 1 - i)
      return [transpose(g, dy, perm.map((_, i) => perm.indexOf(i)))]
    },
  },
  { op: 'Expand', forward: 'x repeated', vjp: ({ g, x, dy }) => [sumTo(g, dy, x.shape)] },
  {
    op: 'Tile',
    forward: 'x repeated as a whole',
    vjp: ({ g, node, x, dy }) => {
      const repeats = constants(node, 1)!
      const parted = reshape(g, dy, x.shape.flatMap((d, i) => [repeats[i]!, d]))
      return [reshape(g, reduceSum(g, parted, x.shape.map((_, i) => 2 * i)), x.shape)]
    },
  },
  {
    op: 'Concat',
    forward: 'inputs side by side',
    vjp: (c) => {
      const axis = normaliseAxis(integer(c.node, 'axis', 0), c.y.shape.length)
      let at = 0
      return c.inputs.map((x, i) => {
        const start = at
        at += x!.shape[axis]!
        return c.needs(i) ? slice(c.g, c.dy, [start], [at], [axis]) : undefined
      })
    },
  },
  {
    op: 'Split',
    forward: 'pieces of x',
    vjp: ({ g, node, gradients }) => {
      const dtype = gradients.find(Boolean)!.dtype
      return [concat(g, node.outputs.map((y, i) => gradients[i] ?? zeros(g, y.shape, dtype)), integer(node, 'axis', 0))]
    },
  },
  { op: 'Slice', forward: 'x[start:end:step]', vjp: sliceVjp },
  {
    op: 'Pad',
    forward: 'x with a border: constant, reflected, repeated or wrapped',
    vjp: (c) => {
      const mode = text(c.node, 'mode', 'constant')
      if (mode !== 'constant') return c.through(() => [paddedByChoice(c.g, c.x, padNode(c.node), mode)])
      const pads = padNode(c.node)
      const dx = () => pad(c.g, c.dy, [...pads.map(([before]) => -before), ...pads.map(([, after]) => -after)])
      const border = () => c.g.op('Pad', [zeros(c.g, c.x.shape, c.dy.dtype), c.inputs[1], c.g.scalar(1, c.dy.dtype), c.inputs[3]])
      const value = () => reshape(c.g, reduceSum(c.g, mul(c.g, c.dy, border())), c.inputs[2]!.shape)
      return [c.needs(0) ? dx() : undefined, undefined, c.needs(2) ? value() : undefined]
    },
  },
  { op: 'Trilu', forward: 'x above or below a diagonal', vjp: ({ g, node, inputs, dy }) => [g.op('Trilu', [dy, inputs[1]], node.attributes)] },
  { op: 'ReverseSequence', forward: 'x with the beginnings of its rows turned round', vjp: ({ g, node, inputs, dy }) => [g.op('ReverseSequence', [dy, inputs[1]], node.attributes)] },
  {
    op: 'DepthToSpace',
    forward: 'channels into blocks of pixels',
    vjp: (c) => {
      const b = integer(c.node, 'blocksize', 1)
      if (!isColumnRowDepth(c)) return [spaceToDepth(c.g, c.dy, b)]
      const [n, ch, h, w] = c.x.shape as [number, number, number, number]
      const blocks = reshape(c.g, c.dy, [n, ch / (b * b), h, b, w, b])
      return [reshape(c.g, transpose(c.g, blocks, [0, 1, 3, 5, 2, 4]), c.x.shape)]
    },
  },
  { op: 'SpaceToDepth', forward: 'blocks of pixels into channels', vjp: ({ g, node, dy }) => [depthToSpace(g, dy, integer(node, 'blocksize', 1))] },
]
