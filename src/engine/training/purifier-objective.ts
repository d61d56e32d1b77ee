/**
 * The purifier's losses on a clean image x and its attacked twin x′, through shared weights:
 *
 * - `siamese`: reconstruction of x from both, distance of the twins' embeddings, agreement of the classifier on the
 *   purified images with its answer on x, and cross-entropy with the true class. After the abstract of Shim & Jo (IEEE
 *   Access 2025); the terms and their weights are our reconstruction.
 * - `hgd`: the classifier's logits on the purified image against those on x (Liao et al., "Defense against adversarial
 *   attacks using high-level representation guided denoiser", CVPR 2018).
 * - `dae`: reconstruction alone.
 */
import type { AttackTarget } from '../attacks/target'
import { crossEntropy, divergenceFrom, meanAbsoluteError, probabilities } from '../nn/losses'
import type { ParameterSource } from '../nn/parameters'
import { denoisingAutoencoder, type PurifierShape } from '../nn/purifier'
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, concat, div, mul, oneHot, reduceMean, reduceSum, reshape, split, sqrt, square, sub } from '../onnx/ops'
import { sizeOf } from '../tensor/tensor'
import type { Objective } from './training-graph'

export type PurifierLoss = 'siamese' | 'hgd' | 'dae'

export const siameseWeights = { reconstruction: 10, embedding: 0.5, agreement: 1, crossEntropy: 0.5 } as const

/** Rows of length 1. */
function normalisedRows(g: GraphBuilder, embedding: Value): Value {
  const flat = reshape(g, embedding, [embedding.shape[0]!, sizeOf(embedding.shape.slice(1))])
  return div(g, flat, sqrt(g, add(g, reduceSum(g, square(g, flat), [1], true), 1e-12)))
}

/** Mean squared distance of the twins' embeddings after scaling each to length 1. */
function embeddingDistance(g: GraphBuilder, embedding: Value): Value {
  const half = embedding.shape[0]! / 2
  const [clean, attacked] = split(g, normalisedRows(g, embedding), [half, half], 0)
  return reduceMean(g, reduceSum(g, square(g, sub(g, clean!, attacked!)), [1]), [0])
}

/** Inputs `x`, `attacked` [N, C, H, W] and `labels` [N]. */
export function purifierObjective(g: GraphBuilder, p: ParameterSource, target: AttackTarget, shape: PurifierShape, batch: number, kind: PurifierLoss): Objective {
  const size = [batch, ...target.imageShape]
  const clean = g.input('x', size)
  const attacked = g.input('attacked', size)
  const labels = g.input('labels', [batch], 'int64')

  const twins = concat(g, [clean, attacked], 0)
  const { image, embedding } = denoisingAutoencoder(g, p, twins, shape)
  // Twice the mean over both halves is the sum of the two reconstruction errors.
  const reconstruction = mul(g, meanAbsoluteError(g, image, concat(g, [clean, clean], 0)), 2)
  if (kind === 'dae') return { loss: reconstruction, metrics: { reconstruction } }

  const reference = target.logits(g, clean)
  const answered = target.logits(g, image)
  const both = concat(g, [reference, reference], 0)
  if (kind === 'hgd') {
    const guidance = meanAbsoluteError(g, answered, both)
    return { loss: guidance, metrics: { guidance, reconstruction } }
  }
  const agreement = divergenceFrom(g, probabilities(g, both), answered)
  const classification = crossEntropy(g, answered, oneHot(g, concat(g, [labels, labels], 0), target.classes.length))
  const distance = embeddingDistance(g, embedding)
  const w = siameseWeights
  const loss = add(
    g,
    add(g, mul(g, reconstruction, w.reconstruction), mul(g, distance, w.embedding)),
    add(g, mul(g, agreement, w.agreement), mul(g, classification, w.crossEntropy)),
  )
  return { loss, metrics: { reconstruction, embedding: distance, agreement, crossEntropy: classification } }
}
