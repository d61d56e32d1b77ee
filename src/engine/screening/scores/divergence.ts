/**
 * How different the classifier's probabilities are over the purification: ln of the Jensen–Shannon divergence. Unlike
 * log-odds it is quiet where a sure answer becomes a little surer, and loud where the answer itself changes.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { add, exp, log, logSoftmax, maximum, mul, reduceSum, sub } from '../../onnx/ops'
import type { Score } from './score'

/** Divergences below are all "the same answer". */
const floor = 1e-4

/** ln((eᵃ + eᵇ) / 2), without underflow. */
const logMean = (a: number, b: number): number => {
  const highest = Math.max(a, b)
  return highest === -Infinity ? highest : highest + Math.log((Math.exp(a - highest) + Math.exp(b - highest)) / 2)
}

export const divergence: Score = {
  name: 'divergence',
  title: "how much the classifier's probabilities change over the purification",
  looksAt: 'answers',
  of({ logBefore, logAfter }) {
    const from = (logP: number, logM: number): number => (logP === -Infinity ? 0 : Math.exp(logP) * (logP - logM))
    const total = logBefore.reduce((sum, before, i) => {
      const after = logAfter[i] ?? before
      const mean = logMean(before, after)
      return sum + from(before, mean) + from(after, mean)
    }, 0)
    return Math.log(floor + Math.max(0, total) / 2)
  },
  graph(g, { before, after }) {
    const [p, q] = [logSoftmax(g, before), logSoftmax(g, after)]
    const mean = logMeanGraph(g, p, q)
    const from = (logP: Value): Value => mul(g, exp(g, logP), sub(g, logP, mean))
    return log(g, add(g, maximum(g, mul(g, reduceSum(g, add(g, from(p), from(q)), [1]), 0.5), 0), floor))
  },
}

function logMeanGraph(g: GraphBuilder, a: Value, b: Value): Value {
  const highest = maximum(g, a, b)
  const sum = add(g, exp(g, sub(g, a, highest)), exp(g, sub(g, b, highest)))
  return add(g, highest, log(g, mul(g, sum, 0.5)))
}
