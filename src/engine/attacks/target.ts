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
import { cast, concat, div, gather, log, maximum, reshape, slice, sub, transpose } from '../onnx/ops'
import { readModel } from '../onnx/reader'
import { namesOf } from '../screening/detector'
import { embeddingOutput } from '../screening/purify'
import { needOf } from '../screening/scores'
import type { EvidenceGraph } from '../screening/scores/score'
import { float32, sizeOf, zeros } from '../tensor/tensor'
import { openAnswering, type Answering } from './answering'
import type { Attack } from './attack'
import { suspicionOf } from './suspicion'

export interface AttackTarget {
  /** Says what it is, for records: bundle id and hash. */
  readonly description: string
  /** [C, H, W] */
  readonly imageShape: readonly [number, number, number]
  readonly classes: readonly string[]
  readonly provider: ProviderChoice
  /** Logits [N, classes] of x [N, C, H, W] in [0, 1]. */
  logits(g: GraphBuilder, x: Value): Value
  /** Where the gradient by the image is not taken at the image (BPDA): the logits, and the value to differentiate by. */
  forward?(g: GraphBuilder, x: Value): Forward
  /** The models themselves, for attacks by queries on a model whose graph cannot be followed. */
  answers?(): Promise<Answering>
  /** The detector's score of each image, [N], where the attacker knows the detector too; larger is more suspicious. */
  suspicion?(g: GraphBuilder, x: Value): Value
}

export interface Forward {
  logits: Value
  /** Its gradient stands for the image's: the image itself, or what the purifier made of it. */
  by: Value
}

export const forwardOf = (target: AttackTarget, g: GraphBuilder, x: Value): Forward => target.forward?.(g, x) ?? { logits: target.logits(g, x), by: x }

/**
 * The bare classifier of a bundle: the oblivious threat model.
 * @param finding index of one finding of a model that answers several independent ones; the target then has the two
 * classes "not there" and "there", with the logits 0 and z
 */
export function classifierTarget(bundle: LoadedBundle, provider: ProviderChoice = 'auto', finding?: number): AttackTarget {
  const { manifest } = bundle
  const { model, output } = bareClassifier(readModel(bundle.classifier), manifest)
  const { channels, height, width } = manifest.input
  return {
    description: `${manifest.id} classifier ${manifest.classifier.sha256.slice(0, 12)}`,
    imageShape: [channels, height, width],
    classes: finding === undefined ? manifest.classes : [`no ${manifest.classes[finding]}`, manifest.classes[finding]!],
    provider,
    answers: () => openAnswering(bundle, { provider, purify: false, ...(finding === undefined ? {} : { finding }) }),
    logits: (g, x) => {
      const z = asLogits(g, answersOf(g, model, x, manifest), manifest, output)
      return finding === undefined ? z : besideZero(g, slice(g, z, [finding], [finding + 1], [1]))
    },
  }
}

/**
 * Purifier and classifier as one graph: the adaptive threat model, in which the attacker knows both. The gradient goes
 * through the purifier, clipping included.
 */
export function pipelineTarget(bundle: LoadedBundle, provider: ProviderChoice = 'auto', finding?: number): AttackTarget {
  const { manifest } = bundle
  if (!bundle.purifier || !manifest.purifier)
    throw new AssayError('bundle-incomplete', `The bundle ${manifest.id} has no purifier yet; train one with "assay train purifier".`, { bundle: manifest.id })
  const classifier = classifierTarget(bundle, provider, finding)
  const purifier = readModel(bundle.purifier)
  const { detector } = manifest
  return {
    ...classifier,
    description: `${manifest.id} purifier ${manifest.purifier.sha256.slice(0, 12)} and classifier ${manifest.classifier.sha256.slice(0, 12)}`,
    answers: () => openAnswering(bundle, { provider, purify: true, ...(finding === undefined ? {} : { finding }) }),
    logits: (g, x) => classifier.logits(g, purifiedBy(g, purifier, x, manifest).image),
    ...(detector && finding === undefined
      ? {
          suspicion: (g: GraphBuilder, x: Value) => {
            const first = purifiedBy(g, purifier, x, manifest)
            const second = needOf(namesOf(detector)) && purifiedBy(g, purifier, first.image, manifest)
            const evidence: EvidenceGraph = { input: x, purified: first.image, before: classifier.logits(g, x), after: classifier.logits(g, first.image) }
            if (second) Object.assign(evidence, { again: second.image, embedding: first.embedding, embeddingPurified: second.embedding })
            return suspicionOf(g, evidence, detector)
          },
        }
      : {}),
  }
}

/**
 * The same pipeline with the identity in the purifier's backward pass (BPDA; Athalye, Carlini & Wagner, ICML 2018): for
 * purifiers whose gradients lead nowhere.
 */
export function straightThroughTarget(bundle: LoadedBundle, provider: ProviderChoice = 'auto', finding?: number): AttackTarget {
  const pipeline = pipelineTarget(bundle, provider, finding)
  const classifier = classifierTarget(bundle, provider, finding)
  const purifier = readModel(bundle.purifier!)
  return {
    ...pipeline,
    description: `${pipeline.description}, identity in the backward pass of the purifier`,
    forward: (g, x) => {
      const by = purifiedBy(g, purifier, x, bundle.manifest).image
      return { logits: classifier.logits(g, by), by }
    },
  }
}

/**
 * The target with its logits in the order of the given classes, where it has them by name in another order; itself where
 * it calls them otherwise, since then the order alone says which is which.
 */
export function inOrderOf(target: AttackTarget, classes: readonly string[]): AttackTarget {
  const order = placesOf(classes, target.classes)
  if (order.includes(-1) || order.length !== target.classes.length || order.every((from, i) => from === i)) return target
  // Its answers would still be in its own order.
  const { answers: _, ...ofGraph } = target
  return { ...ofGraph, classes, logits: (g, x) => gather(g, target.logits(g, x), g.integers(order), 1) }
}

/** Where each of the classes stands in a list, whatever the case of its letters; −1 where it does not. */
export function placesOf(classes: readonly string[], list: readonly string[]): number[] {
  const known = list.map((name) => name.toLowerCase())
  return classes.map((name) => known.indexOf(name.toLowerCase()))
}

/**
 * Index of a finding by its name, of a model that answers several.
 * @throws AssayError `invalid-arguments` for one that it does not answer, and where its answers exclude one another
 */
export function findingOf({ manifest }: LoadedBundle, name: string | undefined): number | undefined {
  if (name === undefined) return undefined
  const index = manifest.classes.findIndex((known) => known.toLowerCase() === name.toLowerCase())
  if (index < 0) throw new AssayError('invalid-arguments', `${manifest.id} does not answer ${name}; choose one of ${manifest.classes.join(', ')}.`, { finding: name })
  // The logit of one class says nothing of its probability there, which is what the answer is judged by.
  if (manifest.classifier.output === 'softmax')
    throw new AssayError('invalid-arguments', `The answers of ${manifest.id} exclude one another (softmax), so none of them is a finding of its own; leave the finding out.`, { finding: name })
  return index
}

/**
 * What an attacker of the given knowledge differentiates, or asks.
 * @throws AssayError `bundle-incomplete` where the purifier is missing that the attacker is to know, `invalid-arguments`
 * for an attack that needs gradients under the threat of answers only
 */
export function targetFor(threat: 'oblivious' | 'adaptive' | 'blackbox', bundle: LoadedBundle, attack: Pick<Attack, 'title' | 'access'>, provider: ProviderChoice, finding?: number): AttackTarget {
  if (threat === 'oblivious') return classifierTarget(bundle, provider, finding)
  if (threat === 'adaptive') return pipelineTarget(bundle, provider, finding)
  if (attack.access === 'gradients') throw new AssayError('invalid-arguments', `${attack.title} needs the model's gradients, which a black-box attacker does not have; choose square, spsa or noise.`, { threat })
  return bundle.purifier ? pipelineTarget(bundle, provider, finding) : classifierTarget(bundle, provider, finding)
}

/** The purified images, and the bottleneck where the purifier has it as an output. */
function purifiedBy(g: GraphBuilder, purifier: OnnxModel, x: Value, manifest: BundleManifest): { image: Value; embedding?: Value } {
  const [input] = purifier.graph.inputs
  const [output] = purifier.graph.outputs
  if (!input || !output) throw new AssayError('onnx-invalid', `The purifier of ${manifest.id} has no input or no output; train it again.`, { bundle: manifest.id })
  const outputs = g.inline(purifier, { [input.name]: x })
  const embedding = outputs[embeddingOutput]
  return { image: outputs[output.name]!, ...(embedding ? { embedding } : {}) }
}

function normalised(g: GraphBuilder, x: Value, { input }: BundleManifest): Value {
  if (input.mean.every((m) => m === 0) && input.std.every((s) => s === 1)) return x
  const shape = [1, input.channels, 1, 1]
  return div(g, sub(g, x, g.constant(float32(shape, input.mean))), g.constant(float32(shape, input.std)))
}

/**
 * What a bundle's classifier answers to x [N, C, H, W] in [0, 1], given in its own normalisation and layout.
 * @param weights values that stand in for initializers of the model, by name
 */
export function answersOf(g: GraphBuilder, model: OnnxModel, x: Value, manifest: BundleManifest, weights?: ReadonlyMap<string, Value>): Value {
  const name = model.graph.inputs[0]?.name
  const output = model.graph.outputs[0]?.name
  if (name === undefined || output === undefined || model.graph.inputs.length > 1)
    throw new AssayError('onnx-invalid', `The classifier of ${manifest.id} must have one input and an output; export it again.`, { bundle: manifest.id })
  const seen = normalised(g, x, manifest)
  const image = manifest.classifier.layout === 'nhwc' ? transpose(g, seen, [0, 2, 3, 1]) : seen
  return g.inline(model, { [name]: image }, weights ? { weights } : {})[output]!
}

type OutputKind = BundleManifest['classifier']['output']

/** The classifier without its final activation, and what it answers: the manifest's probabilities where none could be taken off. */
export function bareClassifier(whole: OnnxModel, { classifier }: Pick<BundleManifest, 'classifier'>): { model: OnnxModel; output: OutputKind } {
  const model = withoutFinalActivation(whole)
  return { model, output: model === whole ? classifier.output : 'logits' }
}

/**
 * Probabilities are not told apart below this. It is far from the smallest float32, so that the slope 1/p times what a
 * loss weighs it with stays finite.
 */
const leastProbability = 1e-30

/**
 * Logits [N, classes] of such answers. Of probabilities, their logarithms or log-odds: their slope 1/p makes up for that
 * of the activation, so that the gradient lives until p itself is rounded to 0 or 1.
 * @throws AssayError `bundle-invalid` where there are more or fewer than classes
 */
export function asLogits(g: GraphBuilder, answers: Value, manifest: BundleManifest, output: OutputKind): Value {
  const n = answers.shape[0]!
  const count = sizeOf(answers.shape) / n
  const values = cast(g, reshape(g, answers, [n, count]), 'float32')
  const logOf = (p: Value): Value => log(g, maximum(g, p, leastProbability))
  const flat = output === 'logits' ? values : output === 'softmax' && count > 1 ? logOf(values) : sub(g, logOf(values), logOf(sub(g, 1, values)))
  // One sigmoid output speaks of two classes: its logit against zero.
  if (count === 1 && manifest.classes.length === 2) return besideZero(g, flat)
  if (count !== manifest.classes.length)
    throw new AssayError('bundle-invalid', `The classifier of ${manifest.id} answers ${count} values for ${manifest.classes.length} classes; correct the classes in bundle.json.`, { bundle: manifest.id })
  return flat
}

const besideZero = (g: GraphBuilder, z: Value): Value => concat(g, [g.constant(zeros('float32', [z.shape[0]!, 1])), z], 1)
