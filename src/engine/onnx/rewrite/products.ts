/** Products that ONNX Runtime's optimiser fuses with what stands around them (domain com.microsoft). */
import type { Value } from '../builder'
import { attribute } from '../model'
import { add, clip, leakyRelu, matMul, mul, relu, sigmoid, tanh, transpose } from '../ops'
import { without, type Rewrite, type RewriteContext } from './rewrite'

function activated(c: RewriteContext, y: Value, name: string, parameters: readonly number[]): Value {
  const { g } = c
  switch (name) {
    case '':
      return y
    case 'Relu':
      return relu(g, y)
    case 'LeakyRelu':
      return leakyRelu(g, y, parameters[0] ?? 0.01)
    case 'Tanh':
      return tanh(g, y)
    case 'Sigmoid':
      return sigmoid(g, y)
    case 'Clip':
      return clip(g, y, parameters[0] ?? -Infinity, parameters[1] ?? Infinity)
    case 'HardSigmoid':
      return clip(g, add(g, mul(g, y, parameters[0] ?? 0.2), parameters[1] ?? 0.5), 0, 1)
    default:
      throw c.refuse(`fused with ${name}, which Assay cannot follow`)
  }
}

const swapped = (c: RewriteContext, v: Value): Value => {
  const rank = v.shape.length
  if (rank < 2) return v
  return transpose(c.g, v, v.shape.map((_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i)))
}

/** The first axis is the rows, and the batches are between it and the columns. */
const rowsBehindBatches = (c: RewriteContext, v: Value): Value => {
  const rank = v.shape.length
  return transpose(c.g, v, v.shape.map((_, i) => (i < rank - 2 ? i + 1 : i === rank - 2 ? 0 : i)))
}

function fusedMatMul(c: RewriteContext): Value[] {
  const oriented = (v: Value, side: 'A' | 'B') => {
    const batched = c.int(`transBatch${side}`, 0) ? rowsBehindBatches(c, v) : v
    return c.int(`trans${side}`, 0) ? swapped(c, batched) : batched
  }
  const product = matMul(c.g, oriented(c.x, 'A'), oriented(c.required(1), 'B'))
  const alpha = c.float('alpha', 1)
  return [alpha === 1 ? product : mul(c.g, product, alpha)]
}

export const microsoftProducts: Rewrite[] = [
  { op: 'FusedMatMul', forward: 'α·op(A)·op(B)', write: fusedMatMul },
  { op: 'TransposeMatMul', forward: 'α·op(A)·op(B)', write: fusedMatMul },
  {
    op: 'FusedGemm',
    forward: 'activation of Gemm',
    write: (c) => {
      const y = c.emit('Gemm', c.inputs, without(c.attributes, 'activation', 'activation_alpha', 'activation_beta', 'activation_gamma'), 1)[0]!
      const parameters = ['activation_alpha', 'activation_beta'].flatMap((name) => attribute(c.node, name, 'float') ?? [])
      return [activated(c, y, c.string('activation', ''), parameters)]
    },
  },
  {
    op: 'FusedConv',
    forward: 'activation of Conv plus a summand',
    write: (c) => {
      const y = c.emit('Conv', [c.x, c.required(1), c.inputs[2]], without(c.attributes, 'activation', 'activation_params'), 1)[0]!
      return [activated(c, c.inputs[3] ? add(c.g, y, c.inputs[3]) : y, c.string('activation', ''), c.floats('activation_params') ?? [])]
    },
  },
]
