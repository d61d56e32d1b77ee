/** Operators that move elements about without changing them; their products move the gradient back. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute, int } from '../../onnx/model'
import { normaliseAxis, sliceRanges } from '../../onnx/shapes'
import { concat, depthToSpace, expand, pad, reshape, slice, spaceToDepth, transpose } from '../../onnx/ops'
import { sizeOf, toNumbers, type Shape } from '../../tensor/tensor'
import { sumTo } from '../sum-to'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { AssayError } from '../../../shared/errors'

const reshaping = (op: string): Primitive => ({ op, forward: 'x in another shape', vjp: ({ g, x, dy }) => [reshape(g, dy, x.shape)] })

const zerosLike = (g: GraphBuilder, shape: Shape, dtype: Value['dtype']): Value => expand(g, g.scalar(0, dtype), shape)
const constants = (c: VjpContext, i: number): number[] | undefined => c.inputs[i]?.constant && toNumbers(c.inputs[i].constant)

/** Puts `gap` zeros between neighbours along an axis. */
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
  const { g, x } = c
  const ranges = sliceRanges(x.shape, constants(c, 1)!, constants(c, 2)!, constants(c, 3), constants(c, 4))
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

function gatherVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, dy } = c
  const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
  const indices = c.inputs[1]!
  const before = sizeOf(x.shape.slice(0, axis))
  const after = sizeOf(x.shape.slice(axis + 1))
  const count = sizeOf(indices.shape)
  const spreadIndices = expand(g, reshape(g, indices, [1, count, 1]), [before, count, after])
  const zero = zerosLike(g, [before, x.shape[axis]!, after], x.dtype)
  const added = g.op('ScatterElements', [zero, spreadIndices, reshape(g, dy, [before, count, after])], { axis: int(1), reduction: { type: 'string', value: 'add' } })
  return [reshape(g, added, x.shape), undefined]
}

const isColumnRowDepth = (c: { node: VjpContext['node'] }) => attribute(c.node, 'mode', 'string') === 'CRD'

export const shapeOps: Rule[] = [
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
    op: 'Concat',
    forward: 'inputs side by side',
    vjp: (c) => {
      const axis = normaliseAxis(attribute(c.node, 'axis', 'int') ?? 0, c.y.shape.length)
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
      const axis = attribute(node, 'axis', 'int') ?? 0
      return [concat(g, node.outputs.map((y, i) => gradients[i] ?? zerosLike(g, y.shape, y.dtype)), axis)]
    },
  },
  { op: 'Slice', forward: 'x[start:end:step]', vjp: sliceVjp },
  {
    op: 'Pad',
    forward: 'x with a border',
    vjp: (c) => {
      const mode = attribute(c.node, 'mode', 'string') ?? 'constant'
      if (mode !== 'constant')
        throw new AssayError('onnx-operator-not-differentiable', `The node ${c.node.name} (Pad, mode ${mode}) cannot be differentiated yet; black-box attacks still work.`, { node: c.node.name, operator: 'Pad' })
      const rank = c.x.shape.length
      const given = constants(c, 1)!
      const axes = constants(c, 3)?.map((a) => normaliseAxis(a, rank)) ?? c.x.shape.map((_, i) => i)
      const pads = Array<number>(2 * rank).fill(0)
      axes.forEach((axis, i) => {
        pads[axis] = -given[i]!
        pads[rank + axis] = -given[axes.length + i]!
      })
      return [pad(c.g, c.dy, pads)]
    },
  },
  { op: 'Gather', forward: 'x at indices along an axis', vjp: gatherVjp },
  {
    op: 'GatherElements',
    forward: 'x at an index per element',
    vjp: ({ g, node, x, dy, inputs }) => [
      g.op('ScatterElements', [zerosLike(g, x.shape, x.dtype), inputs[1], dy], { axis: int(attribute(node, 'axis', 'int') ?? 0), reduction: { type: 'string', value: 'add' } }),
      undefined,
    ],
  },
  {
    op: 'DepthToSpace',
    forward: 'channels into blocks of pixels',
    vjp: (c) => {
      const b = attribute(c.node, 'blocksize', 'int')!
      if (!isColumnRowDepth(c)) return [spaceToDepth(c.g, c.dy, b)]
      const [n, ch, h, w] = c.x.shape as [number, number, number, number]
      const blocks = reshape(c.g, c.dy, [n, ch / (b * b), h, b, w, b])
      return [reshape(c.g, transpose(c.g, blocks, [0, 1, 3, 5, 2, 4]), c.x.shape)]
    },
  },
  { op: 'SpaceToDepth', forward: 'blocks of pixels into channels', vjp: ({ g, node, dy }) => [depthToSpace(g, dy, attribute(node, 'blocksize', 'int')!)] },
]
