/** Losses on logits and images, as graph builders. All are means over the batch unless they say otherwise. */
import type { GraphBuilder, Value } from '../onnx/builder'
import { abs, add, div, log, logSoftmax, maximum, mul, neg, oneHot, reduceMax, reduceMean, reduceSum, sqrt, square, sub, where, cast, exp } from '../onnx/ops'
import { sizeOf } from '../tensor/tensor'

/**
 * Cross-entropy of each image, [N].
 * @param logits [N, C]
 * @param targets [N, C], rows that sum to 1 (a one-hot row for a plain label)
 */
export function crossEntropyPerImage(g: GraphBuilder, logits: Value, targets: Value): Value {
  return neg(g, reduceSum(g, mul(g, logSoftmax(g, logits), targets), [1]))
}

export const crossEntropy = (g: GraphBuilder, logits: Value, targets: Value): Value => reduceMean(g, crossEntropyPerImage(g, logits, targets), [0])

/** z_y − max of the other logits, [N]; negative where the image is misclassified. */
export function margin(g: GraphBuilder, logits: Value, labels: Value): Value {
  const hot = oneHot(g, labels, logits.shape[1]!, logits.dtype)
  const own = reduceSum(g, mul(g, logits, hot), [1])
  const others = reduceMax(g, where(g, cast(g, hot, 'bool'), -1e9, logits), [1])
  return sub(g, own, others)
}

export const meanAbsoluteError = (g: GraphBuilder, a: Value, b: Value): Value => div(g, reduceSum(g, abs(g, sub(g, a, b))), sizeOf(a.shape))

export const meanSquaredError = (g: GraphBuilder, a: Value, b: Value): Value => div(g, reduceSum(g, square(g, sub(g, a, b))), sizeOf(a.shape))

/** 1 − cosine similarity of two embeddings [N, …], mean over the batch. */
export function cosineDistance(g: GraphBuilder, a: Value, b: Value): Value {
  const axes = a.shape.map((_, i) => i).slice(1)
  const dot = reduceSum(g, mul(g, a, b), axes)
  const norms = sqrt(g, mul(g, add(g, reduceSum(g, square(g, a), axes), 1e-6), add(g, reduceSum(g, square(g, b), axes), 1e-6)))
  return sub(g, 1, reduceMean(g, div(g, dot, norms), [0]))
}

/** Kullback–Leibler divergence of softmax(logits) from the probabilities `reference` [N, C], mean over the batch. */
export function divergenceFrom(g: GraphBuilder, reference: Value, logits: Value): Value {
  const difference = sub(g, log(g, maximum(g, reference, 1e-12)), logSoftmax(g, logits))
  return reduceMean(g, reduceSum(g, mul(g, reference, difference), [1]), [0])
}

/** softmax by way of its logarithm, which stays finite. */
export const probabilities = (g: GraphBuilder, logits: Value): Value => exp(g, logSoftmax(g, logits))
