/**
 * How much the classifier's mind changes over the purification: ln(1 + largest change of any class's log-odds). On
 * log-odds a step from 0.99 to 0.999 counts as much as one from 0.5 to 0.91, so that sure classifiers are not blind;
 * ln(1 + ·) keeps the long tail of unsure ones in bounds.
 */
import { logOdds } from '../../bundle/classifier'
import type { GraphBuilder, Value } from '../../onnx/builder'
import { abs, add, cast, concat, exp, log, logSoftmax, oneHot, reduceMax, reduceSum, sub, where } from '../../onnx/ops'
import type { Score } from './score'

export const disagreement: Score = {
  name: 'disagreement',
  title: "how much the classifier's log-odds change over the purification",
  looksAt: 'answers',
  of({ logBefore, logAfter }) {
    const after = logOdds(logAfter)
    return Math.log1p(logOdds(logBefore).reduce((largest, value, i) => Math.max(largest, Math.abs(value - (after[i] ?? value))), 0))
  },
  graph(g, { before, after }) {
    const change = abs(g, sub(g, logOddsGraph(g, before), logOddsGraph(g, after)))
    return log(g, add(g, reduceMax(g, change, [1]), 1))
  },
}

/** ln(p / (1 − p)) of each class: its log-probability less the log of the sum of the others', [N, classes]. */
function logOddsGraph(g: GraphBuilder, logits: Value): Value {
  const [n, classes] = logits.shape as [number, number]
  const logP = logSoftmax(g, logits)
  const columns = Array.from({ length: classes }, (_, c) => {
    const own = cast(g, oneHot(g, g.integers(Array.from({ length: n }, () => c)), classes), 'bool')
    const others = where(g, own, -1e30, logP)
    const highest = reduceMax(g, others, [1], true)
    const rest = add(g, log(g, reduceSum(g, exp(g, sub(g, others, highest)), [1], true)), highest)
    return sub(g, reduceSum(g, where(g, own, logP, 0), [1], true), rest)
  })
  return concat(g, columns, 1)
}
