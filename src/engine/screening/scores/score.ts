/**
 * The one interface of the detector's scores. A score is a number that is larger the less an image looks like an
 * untouched scan, written twice side by side: on arrays, as screening computes it, and as a graph, as an attacker who
 * knows the detector differentiates it. `index.ts` lists them; a test holds the two writings of each against each other.
 *
 * Energies are on a logarithmic scale, so that "unusual" is measured in factors.
 */
import type { ModelInput, ScoreName } from '../../../shared/bundle'
import type { GraphBuilder, Value } from '../../onnx/builder'

export type ImageSize = Pick<ModelInput, 'width' | 'height' | 'channels'>

/** What the models say of one image. */
export interface Evidence {
  /** [channels, height, width] in [0, 1]: the image as the model is given it. */
  input: Float32Array
  /** The same after the purifier. */
  purified: Float32Array
  /** Natural logarithms of the class probabilities on the image as it is, and on the purified one. */
  logBefore: number[]
  logAfter: number[]
  /** The purified image purified once more. */
  again?: Float32Array
  /** The purifier's bottleneck on the image, and on the purified one. */
  embedding?: Float32Array
  embeddingPurified?: Float32Array
}

/** The same for a batch, as values of a graph. */
export interface EvidenceGraph {
  /** [N, C, H, W]. */
  input: Value
  purified: Value
  /** Logits [N, classes] on each. */
  before: Value
  after: Value
  again?: Value
  /** [N, …]. */
  embedding?: Value
  embeddingPurified?: Value
}

/**
 * What a score asks for beyond one pass through the purifier: a second pass, or the bottleneck of both (which takes a
 * purifier that was exported with it, and the second pass).
 */
export type Need = 'second pass' | 'embedding'

export interface Score {
  readonly name: ScoreName
  /** For cards and tables: "how much fine detail the purifier removes". */
  readonly title: string
  /** Where it looks for traces: in what was removed from the image, or in the classifier's answers. */
  readonly looksAt: 'image' | 'answers'
  readonly needs?: Need
  of(evidence: Evidence, size: ImageSize): number
  /** @returns [N] */
  graph(g: GraphBuilder, evidence: EvidenceGraph): Value
}
