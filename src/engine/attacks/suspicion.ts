/**
 * The detector's score as a graph, so that an attacker who knows it can ascend the loss and hide at the same time: what
 * `screening/detector.ts` computes, of the scores' own graphs. A test holds the two against each other.
 */
import type { Detector } from '../../shared/bundle'
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, div, maximum, sub } from '../onnx/ops'
import { scoreOf } from '../screening/scores'
import type { EvidenceGraph } from '../screening/scores/score'

/** @returns [N] */
export function suspicionOf(g: GraphBuilder, evidence: EvidenceGraph, { scores, combine }: Pick<Detector, 'scores' | 'combine'>): Value {
  const standardised = scores.map(({ name, median, scale }) => div(g, sub(g, scoreOf(name).graph(g, evidence), median), scale))
  if (combine === 'max') return standardised.reduce((a, b) => maximum(g, a, b))
  return standardised.map((value) => maximum(g, value, 0)).reduce((a, b) => add(g, a, b))
}
