/** Matrix products, reductions, and the orders of elements. */
import { attribute } from '../model'
import { einsumOf } from '../einsum'
import { matMulShape, normaliseAxis } from '../shapes'
import type { Shape } from '../../tensor/tensor'
import { each, input, integers, requiredIntegers, type Rule, type Rules } from './rule'

const reduction: Rule = (node) => {
  const x = input(node, 0)
  const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
  const axes = integers(node, 1)
  const reduced = axes?.length ? axes.map((a) => normaliseAxis(a, x.shape.length)) : attribute(node, 'noop_with_empty_axes', 'int') ? [] : x.shape.map((_, i) => i)
  return [{ dtype: x.dtype, shape: keep ? x.shape.map((d, i) => (reduced.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !reduced.includes(i)) }]
}

const argReduction: Rule = (node) => {
  const x = input(node, 0)
  const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
  const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
  return [{ dtype: 'int64', shape: keep ? x.shape.map((d, i) => (i === axis ? 1 : d)) : x.shape.filter((_, i) => i !== axis) }]
}

/** Outputs: every step's state, the last one's, and for LSTM the last cell. */
const recurrent: Rule = (node) => {
  const [x, r] = [input(node, 0), input(node, 2)]
  if (attribute(node, 'layout', 'int')) throw new RangeError('batches come first')
  const [length, batch] = x.shape as [number, number]
  const [directions, , hidden] = r.shape as [number, number, number]
  const last = { dtype: x.dtype, shape: [directions, batch, hidden] }
  return [{ dtype: x.dtype, shape: [length, directions, batch, hidden] }, last, last].slice(0, node.outputCount)
}

export const products: Rules = {
  MatMul: (node) => [{ dtype: input(node, 0).dtype, shape: matMulShape(input(node, 0).shape, input(node, 1).shape) }],
  Gemm: (node) => {
    const a = input(node, 0)
    const b = input(node, 1)
    const oriented = (shape: Shape, turned: number | undefined) => (turned ? [shape[1]!, shape[0]!] : shape)
    return [{ dtype: a.dtype, shape: matMulShape(oriented(a.shape, attribute(node, 'transA', 'int')), oriented(b.shape, attribute(node, 'transB', 'int'))) }]
  },
  Einsum: (node) => {
    const { output, lengths } = einsumOf(attribute(node, 'equation', 'string') ?? '', node.inputs.map((_, i) => input(node, i).shape))
    return [{ dtype: input(node, 0).dtype, shape: output.map((label) => lengths.get(label)!) }]
  },
  ...each(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'], reduction),
  ...each(['ArgMax', 'ArgMin'], argReduction),
  ...each(['LSTM', 'GRU', 'RNN'], recurrent),
  TopK: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? -1, shape.length)
    const [k] = requiredIntegers(node, 1)
    if (k === undefined || k < 0 || k > shape[axis]!) throw new RangeError(`${k} of ${shape[axis]} elements are asked for`)
    const kept = shape.map((d, i) => (i === axis ? k : d))
    return [{ dtype, shape: kept }, { dtype: 'int64' as const, shape: kept }].slice(0, node.outputCount)
  },
}
