/** Matrix products. */
import { attribute } from '../../onnx/model'
import { add, matMul, mul, reshape, transpose } from '../../onnx/ops'
import type { GraphBuilder, Value } from '../../onnx/builder'
import { sumTo } from '../sum-to'
import type { Rule } from '../primitive'

const swapLast = (g: GraphBuilder, v: Value): Value => {
  const rank = v.shape.length
  return transpose(g, v, v.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2)))
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
]
