/**
 * How far the scan lies from its purified twin where the purifier itself compares twins: squared distance of the
 * bottlenecks, each scaled to length 1, as the Siamese loss has it.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { add, div, log, reduceSum, reshape, sqrt, square, sub } from '../../onnx/ops'
import type { Score } from './score'

const floor = 1e-6
const shortest = 1e-12

const unit = (values: Float32Array): Float32Array => {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, shortest))
  return values.map((value) => value / length)
}

export const embedding: Score = {
  name: 'embedding',
  title: 'how far the scan lies from its purified twin in the embedding',
  looksAt: 'image',
  needs: 'embedding',
  of({ embedding: own, embeddingPurified }) {
    const [a, b] = [unit(own!), unit(embeddingPurified!)]
    return Math.log(floor + a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0))
  },
  graph(g, { embedding: own, embeddingPurified }) {
    return log(g, add(g, reduceSum(g, square(g, sub(g, unitGraph(g, own!), unitGraph(g, embeddingPurified!))), [1]), floor))
  },
}

function unitGraph(g: GraphBuilder, values: Value): Value {
  const rows = reshape(g, values, [values.shape[0]!, -1])
  return div(g, rows, sqrt(g, add(g, reduceSum(g, square(g, rows), [1], true), shortest)))
}
