/** Reductions over random axes, by attribute and by input; cumulative sums. */
import { int, ints } from '../../../../../src/engine/onnx/model'
import type { Shape } from '../../../../../src/engine/tensor/tensor'
import { away, between, distinct, newest, node, normal, scalar, vector, type Case, type Cases } from '../draw'
import type { Free } from '../harness'

const reduction = (op: string, axesInputSince: number, values: (shape: Shape) => Free): Case => (d) => {
  const shape = d.shape(1, 4, 3)
  const opset = d.int(7, newest)
  const axes = d.bool() ? d.axes(shape.length, 1).map((a) => (opset < 11 && a < 0 ? a + shape.length : a)) : undefined
  const keepdims = d.bool() ? { keepdims: int(d.int(0, 1)) } : {}
  if (opset < axesInputSince) return node(d, op, opset, [values(shape)], { ...keepdims, ...(axes ? { axes: ints(axes) } : {}) })
  const noop = !axes && d.bool() ? { noop_with_empty_axes: int(1) } : {}
  return node(d, op, opset, [values(shape), ...(axes ? [vector(...axes)] : [])], { ...keepdims, ...noop })
}

/** Some factors are zero, and no difference is taken of a product that is rounded away. */
const factors = (shape: Shape): Free => ({ shape, values: (r) => (r.integer(5) === 0 ? 0 : r.uniform(0.5, 1.5)) })

export const reductions: Cases = {
  ReduceSum: reduction('ReduceSum', 13, normal),
  ReduceMean: reduction('ReduceMean', 18, normal),
  ReduceProd: reduction('ReduceProd', 18, factors),
  ReduceMax: reduction('ReduceMax', 18, distinct),
  ReduceMin: reduction('ReduceMin', 18, distinct),
  ReduceL1: reduction('ReduceL1', 18, away(0)),
  ReduceL2: reduction('ReduceL2', 18, away(0)),
  ReduceSumSquare: reduction('ReduceSumSquare', 18, normal),
  ReduceLogSum: reduction('ReduceLogSum', 18, between(0.5, 2)),
  ReduceLogSumExp: reduction('ReduceLogSumExp', 18, normal),
  CumSum: (d) => {
    const shape = d.shape(1, 3)
    return node(d, 'CumSum', d.opset(11), [normal(shape), scalar(d.axis(shape.length))], { exclusive: int(d.int(0, 1)), reverse: int(d.int(0, 1)) })
  },
}
