/** Matrix products, and sums of products in Einstein's notation, which are matrix products of rearranged operands. */
import { einsumOf } from '../../onnx/einsum'
import { attribute } from '../../onnx/model'
import { add, floats, matMul, mul, reduceSum, reshape, transpose } from '../../onnx/ops'
import { sizeOf } from '../../tensor/tensor'
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { sumTo } from '../sum-to'
import type { Rule } from '../primitive'
import { text } from './helpers'

const swapLast = (g: GraphBuilder, v: Value): Value => {
  const rank = v.shape.length
  return transpose(g, v, v.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2)))
}

/** An operand of an Einsum with a label per axis, each label once. */
interface Labelled {
  v: Value
  labels: string[]
}

const lengthOf = ({ v, labels }: Labelled, label: string): number => v.shape[labels.indexOf(label)]!

function ordered(g: GraphBuilder, { v, labels }: Labelled, order: readonly string[]): Value {
  return transpose(g, v, order.map((label) => labels.indexOf(label)))
}

function summed(g: GraphBuilder, { v, labels }: Labelled, gone: readonly string[]): Labelled {
  const axes = labels.flatMap((label, i) => (gone.includes(label) ? [i] : []))
  return axes.length ? { v: reduceSum(g, v, axes), labels: labels.filter((label) => !gone.includes(label)) } : { v, labels }
}

/** A label that stands twice in one term means the diagonal: what lies beside it counts zero. */
function diagonal(g: GraphBuilder, { v, labels }: Labelled): Labelled {
  const twice = labels.findIndex((label, i) => labels.indexOf(label) !== i)
  if (twice < 0) return { v, labels }
  const [first, length] = [labels.indexOf(labels[twice]!), v.shape[twice]!]
  const eye = floats(v.dtype, v.shape.map((d, i) => (i === first || i === twice ? d : 1)), Array.from({ length: length * length }, (_, i) => Number(i % (length + 1) === 0)))
  return diagonal(g, { v: reduceSum(g, mul(g, v, g.constant(eye)), [twice]), labels: labels.filter((_, i) => i !== twice) })
}

/** Axes of length 1 that stand for longer ones broadcast: without them, the other operands' lengths hold. */
function withoutBroadcast(g: GraphBuilder, { v, labels }: Labelled, lengths: Map<string, number>): Labelled {
  const kept = labels.flatMap((label, i) => (v.shape[i] === lengths.get(label) ? [i] : []))
  return { v: reshape(g, v, kept.map((i) => v.shape[i]!)), labels: kept.map((i) => labels[i]!) }
}

/** The product of two operands, summed over the labels that are not kept. */
function contracted(g: GraphBuilder, left: Labelled, right: Labelled, keep: ReadonlySet<string>): Labelled {
  const a = summed(g, left, left.labels.filter((l) => !right.labels.includes(l) && !keep.has(l)))
  const b = summed(g, right, right.labels.filter((l) => !left.labels.includes(l) && !keep.has(l)))
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const [batch, over] = [shared.filter((l) => keep.has(l)), shared.filter((l) => !keep.has(l))]
  const [rows, columns] = [a.labels.filter((l) => !shared.includes(l)), b.labels.filter((l) => !shared.includes(l))]
  const size = (from: Labelled, labels: readonly string[]) => sizeOf(labels.map((l) => lengthOf(from, l)))
  const matrixA = reshape(g, ordered(g, a, [...batch, ...rows, ...over]), [size(a, batch), size(a, rows), size(a, over)])
  const matrixB = reshape(g, ordered(g, b, [...batch, ...over, ...columns]), [size(b, batch), size(b, over), size(b, columns)])
  const shape = [...batch.map((l) => lengthOf(a, l)), ...rows.map((l) => lengthOf(a, l)), ...columns.map((l) => lengthOf(b, l))]
  return { v: reshape(g, matMul(g, matrixA, matrixB), shape), labels: [...batch, ...rows, ...columns] }
}

function einsum(g: GraphBuilder, node: BuiltNode): Value {
  const values = node.inputs as Value[]
  const { operands, output, lengths } = einsumOf(text(node, 'equation', ''), values.map((v) => v.shape))
  const terms = operands.map((labels, i) => withoutBroadcast(g, diagonal(g, { v: values[i]!, labels }), lengths))
  let product = terms[0]!
  terms.slice(1).forEach((term, i) => (product = contracted(g, product, term, new Set([...output, ...terms.slice(i + 2).flatMap((t) => t.labels)]))))
  const rest = summed(g, product, product.labels.filter((l) => !output.includes(l)))
  return ordered(g, rest, output)
}

export const linear: Rule[] = [
  {
    op: 'MatMul',
    forward: 'A·B over the last two axes',
    vjp: (c) => {
      const { g } = c
      const [a, b] = c.inputs as [Value, Value]
      // Vectors are matrices of one row or one column.
      const left = a.shape.length === 1 ? reshape(g, a, [1, a.shape[0]!]) : a
      const right = b.shape.length === 1 ? reshape(g, b, [b.shape[0]!, 1]) : b
      const batch = c.y.shape.slice(0, c.y.shape.length - (a.shape.length > 1 ? 1 : 0) - (b.shape.length > 1 ? 1 : 0))
      const dy = reshape(g, c.dy, [...batch, left.shape.at(-2)!, right.shape.at(-1)!])
      const da = () => reshape(g, sumTo(g, matMul(g, dy, swapLast(g, right)), left.shape), a.shape)
      const db = () => reshape(g, sumTo(g, matMul(g, swapLast(g, left), dy), right.shape), b.shape)
      return [c.needs(0) ? da() : undefined, c.needs(1) ? db() : undefined]
    },
  },
  {
    op: 'Gemm',
    forward: 'α·op(A)·op(B) + β·C',
    lower: (g, node) => {
      const [a, b, c] = node.inputs as [Value, Value, Value | undefined]
      const left = attribute(node, 'transA', 'int') ? transpose(g, a, [1, 0]) : a
      const right = attribute(node, 'transB', 'int') ? transpose(g, b, [1, 0]) : b
      const alpha = attribute(node, 'alpha', 'float') ?? 1
      const beta = attribute(node, 'beta', 'float') ?? 1
      const product = matMul(g, left, right)
      const scaled = alpha === 1 ? product : mul(g, product, alpha)
      return [c ? add(g, scaled, beta === 1 ? c : mul(g, c, beta)) : scaled]
    },
  },
  { op: 'Einsum', forward: 'sums of products of operands with labelled axes', lower: (g, node) => [einsum(g, node)] },
]
