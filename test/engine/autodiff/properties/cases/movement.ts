/** Shapes, orders, cuts, borders and blocks of random tensors. */
import { float, int, ints, text } from '../../../../../src/engine/onnx/model'
import { sizeOf } from '../../../../../src/engine/tensor/tensor'
import { node, normal, real, scalar, vector, type Cases } from '../draw'

export const movement: Cases = {
  Reshape: (d) => {
    const shape = d.shape(1, 4)
    const split = d.int(0, shape.length)
    const target = d.pick(
      [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))],
      [-1, ...shape.slice(split)],
      [0, -1],
      [...shape.slice(0, split).map(() => 0), 1, -1],
      [1, ...shape.slice().reverse()],
    )
    const opset = d.opset(7)
    return node(d, 'Reshape', opset, [normal(shape), vector(...target)], opset >= 14 && !target.includes(0) && d.bool() ? { allowzero: int(1) } : {})
  },
  Flatten: (d) => {
    const shape = d.shape(1, 4)
    const opset = d.opset(7)
    return node(d, 'Flatten', opset, [normal(shape)], d.bool() ? { axis: int(opset >= 11 && d.bool() ? d.axis(shape.length) : d.int(0, shape.length)) } : {})
  },
  Squeeze: (d) => {
    const shape = d.shape(1, 5, 2)
    const opset = d.opset(7)
    const ones = shape.flatMap((n, i) => (n === 1 ? [opset >= 11 && d.bool() ? i - shape.length : i] : []))
    const axes = ones.length && d.bool() ? ones.slice(0, d.int(1, ones.length)) : undefined
    if (opset < 13) return node(d, 'Squeeze', opset, [normal(shape)], axes ? { axes: ints(axes) } : {})
    return node(d, 'Squeeze', opset, [normal(shape), ...(axes ? [vector(...axes)] : [])])
  },
  Unsqueeze: (d) => {
    const shape = d.shape(0, 3)
    const count = d.int(1, 2)
    const opset = d.opset(7)
    const axes = d.order(shape.length + count).slice(0, count).map((a) => (opset >= 11 && d.bool() ? a - shape.length - count : a))
    return opset < 13 ? node(d, 'Unsqueeze', opset, [normal(shape)], { axes: ints(axes) }) : node(d, 'Unsqueeze', opset, [normal(shape), vector(...axes)])
  },
  Transpose: (d) => {
    const shape = d.shape(1, 5, 3)
    return node(d, 'Transpose', d.opset(7), [normal(shape)], d.bool() ? { perm: ints(d.order(shape.length)) } : {})
  },
  Expand: (d) => {
    const whole = d.shape(1, 4)
    const from = d.broadcast(whole)
    return node(d, 'Expand', d.opset(8), [normal(from), vector(...(d.bool() ? whole : d.broadcast(whole)))])
  },
  Tile: (d) => {
    const shape = d.shape(1, 3)
    return node(d, 'Tile', d.opset(7), [normal(shape), vector(...shape.map(() => d.int(1, 3)))])
  },
  Concat: (d) => {
    const shape = d.shape(1, 4)
    const opset = d.opset(7)
    const axis = opset >= 11 ? d.axis(shape.length) : d.int(0, shape.length - 1)
    const at = axis < 0 ? axis + shape.length : axis
    return node(d, 'Concat', opset, d.list(d.int(1, 4), () => normal(shape.map((n, i) => (i === at ? d.int(1, 4) : n)))), { axis: int(axis) })
  },
  Split: (d) => {
    const shape = d.shape(1, 3)
    const at = d.int(0, shape.length - 1)
    const opset = d.opset(7)
    const axis = { axis: int(opset >= 11 && d.bool() ? at - shape.length : at) }
    const sizes = d.list(d.int(1, 4), () => d.int(1, 3))
    const total = sizes.reduce((a, b) => a + b, 0)
    const count = sizes.length
    if (d.bool()) {
      const x = normal(shape.map((n, i) => (i === at ? total : n)))
      return opset < 13 ? node(d, 'Split', opset, [x], { ...axis, split: ints(sizes) }, { count }) : node(d, 'Split', opset, [x, vector(...sizes)], axis, { count })
    }
    // Without sizes: equal parts, of which the last may be smaller since operator set 18.
    const chunk = d.int(1, 3)
    const extent = opset >= 18 ? chunk * count - d.int(0, chunk - 1) : chunk * count
    const x = normal(shape.map((n, i) => (i === at ? extent : n)))
    const parts = Math.ceil(extent / Math.ceil(extent / count))
    return node(d, 'Split', opset, [x], { ...axis, ...(opset >= 18 ? { num_outputs: int(parts) } : {}) }, { count: parts })
  },
  Slice: (d) => {
    const shape = d.shape(1, 4, 6)
    const opset = d.opset(7)
    const axes = d.order(shape.length).slice(0, d.int(1, shape.length))
    const cuts = axes.map((a) => {
      const n = shape[a]!
      if (opset >= 10 && d.bool()) {
        const from = d.int(0, n - 1)
        return d.pick({ start: from, end: -n - 9, step: -d.int(1, 3) }, { start: from - n, end: 2 ** 40, step: d.int(1, 3) })
      }
      const from = d.int(0, n - 1)
      return { start: d.bool() ? from : from - n, end: d.pick(from + 1, n, n + 5), step: 1 }
    })
    const [starts, ends] = [cuts.map((c) => c.start), cuts.map((c) => c.end)]
    if (opset < 10) return node(d, 'Slice', opset, [normal(shape)], { starts: ints(starts), ends: ints(ends), axes: ints(axes) })
    const steps = cuts.map((c) => c.step)
    const signed = axes.map((a) => (d.bool() ? a : a - shape.length))
    return node(d, 'Slice', opset, [normal(shape), vector(...starts), vector(...ends), vector(...signed), ...(steps.some((s) => s !== 1) ? [vector(...steps)] : [])])
  },
  Pad: (d) => {
    const shape = d.shape(1, 4).map((n) => n + 2)
    const opset = d.opset(7)
    const mode = opset >= 19 ? d.pick('constant', 'reflect', 'edge', 'wrap') : d.pick('constant', 'reflect', 'edge')
    const some = opset >= 18 && d.bool() ? d.order(shape.length).slice(0, d.int(1, shape.length)) : undefined
    // ONNX Runtime mixes cutting and reflecting up within one node; exporters write one of them.
    const cuts = mode === 'constant'
    const side = () => d.int(cuts ? -1 : 0, 2)
    const count = (some ?? shape).length
    const pads = [...d.list(count, side), ...d.list(count, side)]
    const attributes = mode === 'constant' && d.bool() ? {} : { mode: text(mode) }
    if (opset < 11) return node(d, 'Pad', opset, [normal(shape)], { ...attributes, pads: ints(pads), value: float(0.5) })
    const value = [undefined, real([], [1.5]), normal([])][d.int(0, 2)]
    return node(d, 'Pad', opset, [normal(shape), vector(...pads), ...(some ? [value, vector(...some.map((a) => (d.bool() ? a : a - shape.length)))] : value ? [value] : [])], attributes)
  },
  Trilu: (d) => {
    const shape = [...d.shape(0, 2, 2), d.int(1, 5), d.int(1, 5)]
    return node(d, 'Trilu', d.opset(14), [normal(shape), ...(d.bool() ? [scalar(d.int(-3, 3))] : [])], d.bool() ? { upper: int(d.int(0, 1)) } : {})
  },
  ReverseSequence: (d) => {
    const [time, batch] = [d.int(1, 5), d.int(1, 4)]
    const batchFirst = d.bool()
    const shape = [...(batchFirst ? [batch, time] : [time, batch]), ...d.shape(0, 2, 2)]
    const axes = batchFirst ? { time_axis: int(1), batch_axis: int(0) } : d.bool() ? { time_axis: int(0), batch_axis: int(1) } : {}
    return node(d, 'ReverseSequence', d.opset(10), [normal(shape), vector(...d.list(batch, () => d.int(1, time)))], axes)
  },
  DepthToSpace: (d) => {
    const b = d.int(1, 3)
    const opset = d.opset(7)
    return node(d, 'DepthToSpace', opset, [normal([d.int(1, 2), d.int(1, 2) * b * b, d.int(1, 3), d.int(1, 3)])], { blocksize: int(b), ...(opset >= 11 && d.bool() ? { mode: text(d.pick('DCR', 'CRD')) } : {}) })
  },
  SpaceToDepth: (d) => {
    const b = d.int(1, 3)
    return node(d, 'SpaceToDepth', d.opset(7), [normal([d.int(1, 2), d.int(1, 2), b * d.int(1, 3), b * d.int(1, 3)])], { blocksize: int(b) })
  },
}
