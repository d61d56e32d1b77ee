/** Undoes broadcasting: the gradient of a broadcast operand is the sum over the axes along which it was repeated. */
import type { GraphBuilder, Value } from '../onnx/builder'
import { reduceSum, reshape } from '../onnx/ops'
import type { Shape } from '../tensor/tensor'

export function sumTo(g: GraphBuilder, gradient: Value, shape: Shape): Value {
  const extra = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []))
  return reshape(g, axes.length ? reduceSum(g, gradient, axes, true) : gradient, shape)
}
