/** Softmax and its logarithm along an axis. */
import { attribute } from '../../onnx/model'
import { exp, mul, reduceSum, sub } from '../../onnx/ops'
import type { Rule, VjpContext } from '../primitive'

const axisOf = (c: VjpContext): number => attribute(c.node, 'axis', 'int') ?? -1

export const softmaxes: Rule[] = [
  {
    op: 'Softmax',
    forward: 'eˣ / Σ eˣ',
    vjp: (c) => {
      const weighted = mul(c.g, c.dy, c.y)
      return [sub(c.g, weighted, mul(c.g, c.y, reduceSum(c.g, weighted, [axisOf(c)], true)))]
    },
  },
  {
    op: 'LogSoftmax',
    forward: 'x − ln Σ eˣ',
    vjp: (c) => [sub(c.g, c.dy, mul(c.g, exp(c.g, c.y), reduceSum(c.g, c.dy, [axisOf(c)], true)))],
  },
]
