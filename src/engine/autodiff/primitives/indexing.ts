/** Elements chosen, and put, by indices: gathering adds up where scattering puts, and the other way round. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { int, text as textAttribute } from '../../onnx/model'
import { add, cast, concat, div, equal, expand, mul, pad, reshape } from '../../onnx/ops'
import { normaliseAxis } from '../../onnx/shapes'
import { int64, sizeOf, toNumbers } from '../../tensor/tensor'
import type { Rule, VjpContext } from '../primitive'
import { around, integer, text, zeros } from './helpers'

const adding = { reduction: textAttribute('add') }

function gatherVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, dy } = c
  const axis = normaliseAxis(integer(node, 'axis', 0), x.shape.length)
  const indices = c.inputs[1]!
  const [before, extent, after] = around(x.shape, axis)
  const count = sizeOf(indices.shape)
  const block = reshape(g, dy, [before, count, after])
  const run = indices.constant && runOf(toNumbers(indices.constant).map((i) => (i < 0 ? i + extent : i)))
  // Neighbours in a row, a class token for instance, go back to their place as they are.
  if (run !== undefined) return [reshape(g, pad(g, block, [0, run, 0, 0, extent - run - count, 0]), x.shape), undefined]
  const spreadIndices = expand(g, reshape(g, indices, [1, count, 1]), [before, count, after])
  const added = g.op('ScatterElements', [zeros(g, [before, extent, after], dy.dtype), spreadIndices, block], { axis: int(1), ...adding })
  return [reshape(g, added, x.shape), undefined]
}

/** First of consecutive indices. */
function runOf(indices: readonly number[]): number | undefined {
  const [first] = indices
  return first !== undefined && indices.every((v, i) => v === first + i) ? first : undefined
}

/** Indices of GatherND with its batch dimensions written out as further indices. */
function wholeIndices(g: GraphBuilder, indices: Value, batch: number): Value {
  if (!batch) return indices
  const outer = indices.shape.slice(0, batch)
  const places = Array.from({ length: sizeOf(outer) }, (_, p) => outer.map((d, i) => Math.floor(p / sizeOf(outer.slice(i + 1))) % d)).flat()
  const lead = reshape(g, g.constant(int64([...outer, batch], places)), [...outer, ...indices.shape.slice(batch, -1).map(() => 1), batch])
  return concat(g, [expand(g, lead, [...indices.shape.slice(0, -1), batch]), indices], indices.shape.length - 1)
}

interface Scattering {
  /** The elements of a tensor of x's shape that stand at the indices. */
  at: (v: Value) => Value
  /** A tensor with the updates put at the indices. */
  put: (onto: Value, updates: Value, reduction: string) => Value
}

/** Both scattering operators, given how they read and write at their indices. */
function scatterVjp(c: VjpContext, { at, put }: Scattering): (Value | undefined)[] {
  const { g, x, y, dy } = c
  const updates = c.inputs[2]!
  const dtype = dy.dtype
  const filled = (value: number, shape: readonly number[]) => expand(g, g.scalar(value, dtype), shape)
  switch (text(c.node, 'reduction', 'none')) {
    case 'add':
      return [dy, undefined, c.needs(2) ? at(dy) : undefined]
    case 'none':
      return [c.needs(0) ? put(dy, filled(0, updates.shape), 'none') : undefined, undefined, c.needs(2) ? at(dy) : undefined]
    case 'mul':
      return [
        c.needs(0) ? mul(g, dy, put(filled(1, x.shape), updates, 'mul')) : undefined,
        undefined,
        c.needs(2) ? div(g, at(mul(g, dy, y)), updates) : undefined,
      ]
    default: {
      // The largest or smallest: those that attain it share the gradient.
      const kept = cast(g, equal(g, x, y), dtype)
      const taken = cast(g, equal(g, updates, at(y)), dtype)
      const share = div(g, dy, put(kept, taken, 'add'))
      return [c.needs(0) ? mul(g, share, kept) : undefined, undefined, c.needs(2) ? mul(g, at(share), taken) : undefined]
    }
  }
}

export const indexing: Rule[] = [
  { op: 'Gather', forward: 'x at indices along an axis', vjp: gatherVjp },
  {
    op: 'GatherElements',
    forward: 'x at an index per element',
    vjp: ({ g, node, x, dy, inputs }) => [g.op('ScatterElements', [zeros(g, x.shape, dy.dtype), inputs[1], dy], { axis: int(integer(node, 'axis', 0)), ...adding }), undefined],
  },
  {
    op: 'GatherND',
    forward: 'x at places given by indices',
    vjp: ({ g, node, x, dy, inputs }) => [g.op('ScatterND', [zeros(g, x.shape, dy.dtype), wholeIndices(g, inputs[1]!, integer(node, 'batch_dims', 0)), dy], adding), undefined],
  },
  {
    op: 'ScatterElements',
    forward: 'x with updates put at an index per element',
    vjp: (c) => {
      const axis = { axis: int(integer(c.node, 'axis', 0)) }
      return scatterVjp(c, {
        at: (v) => c.g.op('GatherElements', [v, c.inputs[1]], axis),
        put: (onto, updates, reduction) => c.g.op('ScatterElements', [onto, c.inputs[1], updates], { ...axis, reduction: textAttribute(reduction) }),
      })
    },
  },
  {
    op: 'ScatterND',
    forward: 'x with updates put at places given by indices',
    vjp: (c) =>
      scatterVjp(c, {
        at: (v) => c.g.op('GatherND', [v, c.inputs[1]]),
        put: (onto, updates, reduction) => c.g.op('ScatterND', [onto, c.inputs[1], updates], { reduction: textAttribute(reduction) }),
      }),
  },
  {
    op: 'TopK',
    forward: 'the k largest or smallest, and where they stand',
    vjp: ({ g, node, x, gradients }) => {
      const dy = gradients[0]
      if (!dy) return [undefined]
      const indices = g.extend(node, 2)[1]!
      return [g.op('ScatterElements', [zeros(g, x.shape, dy.dtype), indices, dy], { axis: int(integer(node, 'axis', -1)) })]
    },
  },
  {
    op: 'OneHot',
    forward: 'rows of on and off values',
    // Linear in the pair of values; the indices are discrete.
    vjp: (c) => [undefined, undefined, c.needs(2) ? c.through(() => [oneHotOf(c)])[2] : undefined],
  },
]

function oneHotOf(c: VjpContext): Value {
  const { g, node } = c
  const axis = normaliseAxis(integer(node, 'axis', -1), c.y.shape.length)
  const [off, on] = [0, 1].map((i) => reshape(g, g.op('Gather', [c.inputs[2]!, g.integers([i])], { axis: int(0) }), []))
  const mask = g.op('OneHot', [c.inputs[0], c.inputs[1], g.constant({ dtype: 'float32', shape: [2], data: Float32Array.of(0, 1) })], { axis: int(axis) })
  const hot = cast(g, mask, c.y.dtype)
  return add(g, mul(g, hot, on!), mul(g, add(g, mul(g, hot, -1), 1), off!))
}
