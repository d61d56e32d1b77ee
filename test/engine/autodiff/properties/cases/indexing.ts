/** Choosing and putting elements by random indices. */
import { int, text } from '../../../../../src/engine/onnx/model'
import { int64, sizeOf, type Shape, type Tensor } from '../../../../../src/engine/tensor/tensor'
import { between, distinct, node, normal, scalar, vector, type Case, type Cases, type Draw } from '../draw'
import type { Free } from '../harness'

/** Distinct places [count, depth] in a shape. */
function places(d: Draw, shape: Shape, count: number): number[][] {
  return d.order(sizeOf(shape)).slice(0, count).map((p) => shape.map((n, i) => Math.floor(p / sizeOf(shape.slice(i + 1))) % n))
}

/** Indices along an axis that meet no element twice. */
function distinctAlong(d: Draw, shape: Shape, axis: number, count: number): Tensor {
  const own = shape.map((n, i) => (i === axis ? count : n))
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))]
  const columns = d.list(outer * inner, () => d.order(shape[axis]!))
  return int64(own, d.list(sizeOf(own), (p) => columns[Math.floor(p / (inner * count)) * inner + (p % inner)]![Math.floor(p / inner) % count]!))
}

const reductionOf = (d: Draw, opset: number): string => (opset >= 18 ? d.pick('none', 'add', 'mul', 'max', 'min') : opset >= 16 ? d.pick('none', 'add') : 'none')

/** Values of data and updates: for extremes all of them a step apart. */
function valuesFor(reduction: string, data: Shape, updates: Shape): [Free, Free] {
  if (reduction === 'mul') return [between(0.5, 1.5)(data), between(0.5, 1.5)(updates)]
  if (reduction !== 'max' && reduction !== 'min') return [normal(data), normal(updates)]
  const fine = distinct(updates)
  return [distinct(data), { shape: updates, values: (r, i) => fine.values!(r, i) + 0.065 }]
}

const scatterElements = (op: string, since: number, until?: number): Case => (d) => {
  const shape = d.shape(1, 3)
  const at = d.int(0, shape.length - 1)
  const opset = d.opset(since, until)
  const reduction = reductionOf(d, opset)
  const count = d.int(1, reduction === 'none' ? shape[at]! : 5)
  const indices = reduction === 'none' ? distinctAlong(d, shape, at, count) : d.indices(shape.map((n, i) => (i === at ? count : n)), shape[at]!)
  const [data, updates] = valuesFor(reduction, shape, indices.shape)
  return node(d, op, opset, [data, indices, updates], { axis: int(opset >= 11 && d.bool() ? at - shape.length : at), ...(reduction === 'none' ? {} : { reduction: text(reduction) }) })
}

export const indexing: Cases = {
  Gather: (d) => {
    const shape = d.shape(1, 4)
    const opset = d.opset(7)
    const axis = opset >= 11 ? d.axis(shape.length) : d.int(0, shape.length - 1)
    return node(d, 'Gather', opset, [normal(shape), d.indices(d.shape(0, 2, 3), shape.at(axis)!, opset >= 11)], d.bool() || axis ? { axis: int(axis) } : {})
  },
  GatherElements: (d) => {
    const shape = d.shape(1, 3)
    const axis = d.axis(shape.length)
    const at = axis < 0 ? axis + shape.length : axis
    return node(d, 'GatherElements', d.opset(11), [normal(shape), d.indices(shape.map((n, i) => (i === at ? d.int(1, 5) : d.int(1, n))), shape[at]!)], { axis: int(axis) })
  },
  GatherND: (d) => {
    const shape = d.shape(1, 4, 3)
    const opset = d.opset(11)
    const batch = opset >= 12 ? d.int(0, shape.length - 1) : 0
    const depth = d.int(1, shape.length - batch)
    const outer = [...shape.slice(0, batch), ...d.shape(batch ? 0 : 1, 2, 3)]
    const indices = int64([...outer, depth], d.list(sizeOf(outer) * depth, (i) => { const n = shape[batch + (i % depth)]!; return d.int(-n, n - 1) }))
    return node(d, 'GatherND', opset, [normal(shape), indices], batch ? { batch_dims: int(batch) } : {})
  },
  ScatterElements: scatterElements('ScatterElements', 11),
  ScatterND: (d) => {
    const shape = d.shape(1, 4, 3)
    const opset = d.opset(11)
    const reduction = reductionOf(d, opset)
    const depth = d.int(1, shape.length)
    const reached = shape.slice(0, depth)
    const count = d.int(1, sizeOf(reached))
    const chosen = reduction === 'none' ? places(d, reached, count) : d.list(count, () => reached.map((n) => d.int(-n, n - 1)))
    const [data, updates] = valuesFor(reduction, shape, [count, ...shape.slice(depth)])
    return node(d, 'ScatterND', opset, [data, int64([count, depth], chosen.flat()), updates], reduction === 'none' ? {} : { reduction: text(reduction) })
  },
  TopK: (d) => {
    const shape = d.shape(1, 3)
    const opset = d.opset(7)
    const axis = d.axis(shape.length)
    const k = d.int(1, shape.at(axis)!)
    if (opset < 10) return node(d, 'TopK', opset, [distinct(shape)], { axis: int(axis), k: int(k) }, { count: 2 })
    return node(d, 'TopK', opset, [distinct(shape), vector(k)], { axis: int(axis), ...(opset >= 11 ? { largest: int(d.int(0, 1)) } : {}) }, { count: 2 })
  },
  OneHot: (d) => {
    const rank = d.int(1, 2)
    const depth = d.int(1, 4)
    return node(d, 'OneHot', d.opset(9), [d.indices(d.list(rank, () => d.int(1, 3)), depth, false), scalar(depth), normal([2])], d.bool() ? { axis: int(d.int(-rank - 1, rank)) } : {})
  },
}

export const scatterOfOld = scatterElements('Scatter', 9, 10)
