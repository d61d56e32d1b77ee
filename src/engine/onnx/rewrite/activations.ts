/**
 * Activations that came after operator set 18, and those that ONNX Runtime's optimiser and the exporters of its
 * transformers tools write (domain com.microsoft; source: ONNX Runtime, docs/ContribOperators.md).
 */
import type { GraphBuilder, Value } from '../builder'
import { add, div, erf, mul, sigmoid, tanh } from '../ops'
import type { Rewrite } from './rewrite'

/** x·Φ(x) in the order in which ONNX Runtime recognises it and runs it as one kernel. */
export const gelu = (g: GraphBuilder, x: Value): Value => mul(g, mul(g, x, add(g, erf(g, div(g, x, Math.SQRT2)), 1)), 0.5)

/** The approximation by a hyperbolic tangent: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export function tanhGelu(g: GraphBuilder, x: Value): Value {
  const cubic = mul(g, mul(g, mul(g, x, x), x), 0.044715)
  return mul(g, mul(g, x, 0.5), add(g, tanh(g, mul(g, add(g, x, cubic), Math.sqrt(2 / Math.PI))), 1))
}

const swish = (g: GraphBuilder, x: Value, alpha: number): Value => mul(g, x, sigmoid(g, alpha === 1 ? x : mul(g, x, alpha)))

export const activations: Rewrite[] = [
  { op: 'Gelu', forward: 'x·Φ(x), exactly or approximated by tanh', write: (c) => [c.string('approximate', 'none') === 'tanh' ? tanhGelu(c.g, c.x) : gelu(c.g, c.x)] },
  { op: 'Swish', forward: 'x / (1 + e^{−αx})', write: (c) => [swish(c.g, c.x, c.float('alpha', 1))] },
]

export const microsoftActivations: Rewrite[] = [
  { op: 'Gelu', forward: 'x·Φ(x)', write: (c) => [gelu(c.g, c.x)] },
  { op: 'BiasGelu', forward: 'Gelu(x + bias)', write: (c) => [gelu(c.g, add(c.g, c.x, c.required(1)))] },
  { op: 'FastGelu', forward: 'Gelu(x + bias), approximated by tanh', write: (c) => [tanhGelu(c.g, c.inputs[1] ? add(c.g, c.x, c.inputs[1]) : c.x)] },
  { op: 'QuickGelu', forward: 'x / (1 + e^{−αx})', write: (c) => [swish(c.g, c.x, c.float('alpha', 1.702))] },
]
