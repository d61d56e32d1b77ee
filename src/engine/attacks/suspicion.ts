/**
 * The detector's score as a graph, so that an attacker who knows it can ascend the loss and hide at the same time. It
 * computes what `screening/detector.ts` computes; a test holds the two against each other.
 */
import type { Detector } from '../../shared/bundle'
import type { GraphBuilder, Value } from '../onnx/builder'
import { text } from '../onnx/model'
import { abs, add, concat, conv, div, log, logSoftmax, maximum, oneHot, reduceMax, reduceMean, reshape, sub, where, cast, exp, reduceSum } from '../onnx/ops'
import { float32 } from '../tensor/tensor'

export interface Looks {
  /** [N, C, H, W]. */
  x: Value
  purified: Value
  /** Logits [N, classes] on each. */
  before: Value
  after: Value
}

/** The same constants as the detector's. */
const residualFloor = 0.01 / 255
const fineDetail = 2

/** Standardised, the larger decides. @returns [N] */
export function suspicionOf(g: GraphBuilder, looks: Looks, { scores }: Detector): Value {
  const raw = { residual: () => residual(g, looks), disagreement: () => disagreement(g, looks) }
  return scores.map(({ name, median, scale }) => div(g, sub(g, raw[name](), median), scale)).reduce((a, b) => maximum(g, a, b))
}

/** ln of the mean absolute fine detail of what was removed, [N]. */
function residual(g: GraphBuilder, { x, purified }: Looks): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number]
  const removed = reshape(g, sub(g, x, purified), [n * channels, 1, height, width])
  const detail = abs(g, sub(g, removed, blurred(g, removed)))
  return log(g, add(g, reduceMean(g, reshape(g, detail, [n, channels * height * width]), [1]), residualFloor))
}

/** Gaussian blur, the border's value going on beyond it, cut off at four standard deviations: [N, 1, H, W]. */
function blurred(g: GraphBuilder, x: Value): Value {
  const radius = Math.floor(4 * fineDetail + 0.5)
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * fineDetail * fineDetail)))
  const total = weights.reduce((a, b) => a + b, 0)
  const kernel = weights.map((w) => w / total)
  const extended = g.op('Pad', [x, g.integers([0, 0, radius, radius, 0, 0, radius, radius])], { mode: text('edge') })
  const rows = conv(g, extended, g.constant(float32([1, 1, 1, kernel.length], kernel)))
  return conv(g, rows, g.constant(float32([1, 1, kernel.length, 1], kernel)))
}

/** ln(1 + largest change of any class's log-odds), [N]. */
function disagreement(g: GraphBuilder, { before, after }: Looks): Value {
  const change = abs(g, sub(g, logOdds(g, before), logOdds(g, after)))
  return log(g, add(g, reduceMax(g, change, [1]), 1))
}

/** ln(p / (1 − p)) of each class: its log-probability less the log of the sum of the others', [N, classes]. */
function logOdds(g: GraphBuilder, logits: Value): Value {
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
