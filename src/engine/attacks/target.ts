/**
 * What an attack attacks: a way to write the model's logits into a graph, from images in [0, 1].
 * Normalisation, layout and a trailing Softmax or Sigmoid are dealt with here, so that attacks see logits only.
 */
import type { BundleManifest } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import type { LoadedBundle } from '../bundle/load'
import type { GraphBuilder, Value } from '../onnx/builder'
import { withoutFinalActivation } from '../onnx/final-activation'
import type { OnnxModel } from '../onnx/model'
import { concat, div, reshape, sub, transpose } from '../onnx/ops'
import { readModel } from '../onnx/reader'
import type { Session } from '../runtime/session'
import { float32, sizeOf, zeros } from '../tensor/tensor'

export interface AttackTarget {
  /** Says what it is, for records: bundle id and hash. */
  readonly description: string
  /** [C, H, W] */
  readonly imageShape: readonly [number, number, number]
  readonly classes: readonly string[]
  readonly provider: ProviderChoice
  /** Told of each session that is opened on it, so that a record can say where it ran. */
  readonly opened?: (session: Session) => void
  /** Logits [N, classes] of x [N, C, H, W] in [0, 1]. */
  logits(g: GraphBuilder, x: Value): Value
}

/** The bare classifier of a bundle: the oblivious threat model. */
export function classifierTarget(bundle: LoadedBundle, provider: ProviderChoice = 'auto'): AttackTarget {
  const { manifest } = bundle
  const model = withoutFinalActivation(readModel(bundle.classifier))
  const { channels, height, width } = manifest.input
  return {
    description: `${manifest.id} classifier ${manifest.classifier.sha256.slice(0, 12)}`,
    imageShape: [channels, height, width],
    classes: manifest.classes,
    provider,
    logits: (g, x) => asLogits(g, inlineClassifier(g, model, normalised(g, x, manifest), manifest), manifest),
  }
}

/**
 * Purifier and classifier as one graph: the adaptive threat model, in which the attacker knows both. The gradient goes
 * through the purifier, clipping included.
 */
export function pipelineTarget(bundle: LoadedBundle, provider: ProviderChoice = 'auto'): AttackTarget {
  const { manifest } = bundle
  if (!bundle.purifier || !manifest.purifier)
    throw new AssayError('bundle-incomplete', `The bundle ${manifest.id} has no purifier yet; train one with "assay train purifier".`, { bundle: manifest.id })
  const classifier = classifierTarget(bundle, provider)
  const purifier = readModel(bundle.purifier)
  return {
    ...classifier,
    description: `${manifest.id} purifier ${manifest.purifier.sha256.slice(0, 12)} and classifier ${manifest.classifier.sha256.slice(0, 12)}`,
    logits: (g, x) => classifier.logits(g, purifiedBy(g, purifier, x, manifest)),
  }
}

function purifiedBy(g: GraphBuilder, purifier: OnnxModel, x: Value, manifest: BundleManifest): Value {
  const [input] = purifier.graph.inputs
  const [output] = purifier.graph.outputs
  if (!input || !output) throw new AssayError('onnx-invalid', `The purifier of ${manifest.id} has no input or no output; train it again.`, { bundle: manifest.id })
  return g.inline(purifier, { [input.name]: x })[output.name]!
}

function normalised(g: GraphBuilder, x: Value, { input }: BundleManifest): Value {
  if (input.mean.every((m) => m === 0) && input.std.every((s) => s === 1)) return x
  const shape = [1, input.channels, 1, 1]
  return div(g, sub(g, x, g.constant(float32(shape, input.mean))), g.constant(float32(shape, input.std)))
}

function inlineClassifier(g: GraphBuilder, model: OnnxModel, x: Value, manifest: BundleManifest): Value {
  const name = model.graph.inputs[0]?.name
  const output = model.graph.outputs[0]?.name
  if (name === undefined || output === undefined || model.graph.inputs.length > 1)
    throw new AssayError('onnx-invalid', `The classifier of ${manifest.id} must have one input and an output; export it again.`, { bundle: manifest.id })
  const image = manifest.classifier.layout === 'nhwc' ? transpose(g, x, [0, 2, 3, 1]) : x
  return g.inline(model, { [name]: image })[output]!
}

function asLogits(g: GraphBuilder, z: Value, manifest: BundleManifest): Value {
  const n = z.shape[0]!
  const count = sizeOf(z.shape) / n
  const flat = reshape(g, z, [n, count])
  // One sigmoid output speaks of two classes: its logit against zero.
  if (count === 1 && manifest.classes.length === 2) return concat(g, [g.constant(zeros('float32', [n, 1])), flat], 1)
  if (count !== manifest.classes.length)
    throw new AssayError('bundle-invalid', `The classifier of ${manifest.id} answers ${count} values for ${manifest.classes.length} classes; correct the classes in bundle.json.`, { bundle: manifest.id })
  return flat
}
