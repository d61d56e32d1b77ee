/**
 * A bundle's classifier as a network that learns on: ours or somebody else's, its weights found in its ONNX file, put
 * back into the same file when it is finished.
 */
import type { BundleManifest } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import { answersOf, asLogits, bareClassifier } from '../attacks/target'
import { reachedGradients } from '../autodiff/gradient'
import type { LoadedBundle } from '../bundle/load'
import { ParameterLayout, type Initial, type ParameterSource, type ParameterSpec } from '../nn/parameters'
import { GraphBuilder, type Value } from '../onnx/builder'
import { halfToSingle, singleToHalf } from '../onnx/half'
import { withInitializers } from '../onnx/initializers'
import type { OnnxModel } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { float32, sizeOf, type Tensor } from '../tensor/tensor'
import { frozenParameters, withFrozen, type Freeze } from './freeze'
import { layersOf, type TrainableNetwork } from './network'
import { withNewHead } from './new-head'
import { parametersOf } from './onnx-parameters'

export interface FineTuning {
  /** What the network is to tell apart; the bundle's own classes by default. With others it gets a new last layer. */
  classes?: readonly string[]
  /** Of the new last layer. */
  seed?: number
  /** Layers that keep their weights; none by default. */
  freeze?: Freeze
}

const sameClasses = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, i) => name.toLowerCase() === b[i]!.toLowerCase())

/**
 * @throws AssayError `onnx-*` naming node and operator where the graph cannot be followed or has no gradient,
 * `invalid-arguments` where nothing can be trained, or not for these classes
 */
export function networkOfBundle(bundle: LoadedBundle, { classes = bundle.manifest.classes, seed = 0, freeze = [] }: FineTuning = {}): TrainableNetwork {
  const manifest: BundleManifest = { ...bundle.manifest, classes: [...classes] }
  const { channels, height, width } = manifest.input
  const input = [channels, height, width]
  const original = readModel(bundle.classifier)
  const { model: bare, output } = bareClassifier(original, manifest)
  const answered = answersPerImage(bare, bundle.manifest, input)
  if (manifest.classifier.output === 'sigmoid' && (answered > 1 || classes.length !== 2))
    throw new AssayError('invalid-arguments', `The classifier of ${manifest.id} answers ${answered} independent findings, and training teaches one class per image; choose a classifier with logits or a softmax.`, { bundle: manifest.id })

  // One output is enough for two classes where the classifier has one.
  const outputs = answered === 1 && classes.length === 2 ? 1 : classes.length
  const head = outputs === answered && sameClasses(classes, bundle.manifest.classes) ? undefined : withNewHead(bare, outputs)
  const model = head?.model ?? bare
  const found = parametersOf(model.graph, model.graph.outputs[0]!.name)
  if (found.parameters.length === 0)
    throw new AssayError('invalid-arguments', `The classifier of ${manifest.id} keeps no weights in floating point that could be trained; choose another, or train one from scratch.`, { bundle: manifest.id })
  const layout = new ParameterLayout(
    found.parameters.map(({ name, data, decay }): ParameterSpec => ({ name, shape: data.shape, decay, initial: head?.initial.get(name) ?? stays })),
  )
  const fresh = layout.tensors(layout.initialise(seed))
  const initial = layout.flat(new Map(found.parameters.map(({ name, data }) => [name, head?.initial.has(name) ? fresh.get(name)! : single(data)])))

  const network: TrainableNetwork = {
    layout,
    size: layout.size,
    initial,
    logits: (g, p, x) => asLogits(g, answersOf(g, model, x, manifest, new Map(layout.specs.map(({ name, shape, initial, decay }) => [name, p(name, shape, initial, decay)]))), manifest, output),
    export: (weights) => Promise.resolve(finished(bundle.classifier, original, found.parameters.map(({ data }) => data), layout.tensors(weights), head ? { undeclared: head.undeclared, from: answered, to: outputs } : undefined)),
    layers: layersOf(layout, (name) => found.layers[found.parameters.find((p) => p.name === name)!.layer]!),
  }
  const frozen = withFrozen(network, initial, frozenParameters(network, freeze))
  checkGradients(frozen, input, manifest)
  return frozen
}

/** What is in the file is not initialised. */
const stays: Initial = { kind: 'constant', value: 0 }

const single = (data: Tensor): Tensor<'float32'> => (data.dtype === 'float16' ? float32(data.shape, halfToSingle(data.data as Uint16Array)) : (data as Tensor<'float32'>))

function answersPerImage(model: OnnxModel, manifest: BundleManifest, input: readonly number[]): number {
  const g = new GraphBuilder()
  return sizeOf(answersOf(g, model, g.input('x', [1, ...input]), manifest).shape)
}

/** The original file with what was learned, each tensor in the precision that it had. */
function finished(file: Uint8Array, { graph }: OnnxModel, before: readonly Tensor[], weights: ReadonlyMap<string, Tensor<'float32'>>, head: { undeclared: ReadonlySet<string>; from: number; to: number } | undefined): Uint8Array {
  const initializers = new Map<string, Tensor>([...weights].map(([name, data], i) => [name, before[i]!.dtype === 'float16' ? { dtype: 'float16', shape: data.shape, data: singleToHalf(data.data) } : data]))
  if (!head) return withInitializers(file, { initializers })
  const [output] = graph.outputs
  const shape = output?.shape?.map((d, i) => (i > 0 && d === head.from ? head.to : d))
  return withInitializers(file, { initializers, undeclared: head.undeclared, ...(output && shape ? { outputs: new Map([[output.name, shape]]) } : {}) })
}

/**
 * Builds the network's backward graph for one image, so that what cannot be trained is told before hours are spent.
 * @throws AssayError as `networkOfBundle`
 */
function checkGradients({ layout, logits }: TrainableNetwork, input: readonly number[], { id }: BundleManifest): void {
  const g = new GraphBuilder()
  const inputs = new Map<string, Value>()
  const source: ParameterSource = (name, shape) => {
    const value = inputs.get(name) ?? g.input(name, shape)
    inputs.set(name, value)
    return value
  }
  let found: (Value | undefined)[]
  try {
    const z = logits(g, source, g.input('x', [1, ...input]))
    found = reachedGradients(g, z, [...inputs.values()])
  } catch (error) {
    if (!(error instanceof AssayError) || error.facts.node === undefined) throw error
    const { node, operator } = error.facts
    throw new AssayError(error.code, `The classifier of ${id} cannot be trained: its node ${node} uses the operator ${operator}, which Assay cannot follow where weights change; freeze the layers up to it, or train a classifier from scratch.`, error.facts, { cause: error })
  }
  const lost = layout.specs.find((_, i) => !found[i])
  if (!lost) return
  const user = g.nodes.find((node) => node.inputs.includes(inputs.get(lost.name)))
  const [node, operator] = [user?.origin?.node ?? user?.name ?? '', user?.origin?.operator ?? user?.op ?? '']
  throw new AssayError('onnx-operator-not-differentiable', `The classifier of ${id} cannot be trained: no gradient reaches ${lost.name}, which its node ${node}, operator ${operator}, uses; freeze it, or train a classifier from scratch.`, { node, operator, parameter: lost.name })
}
