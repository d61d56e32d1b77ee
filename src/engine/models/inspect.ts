/**
 * What a model or a bundle is made of, and whether Assay can differentiate it.
 */
import { AssayError, serializeError } from '../../shared/errors'
import type { InspectedModel } from '../../shared/models'
import { gradient } from '../autodiff/gradient'
import { isDifferentiable } from '../autodiff/registry'
import { loadBundle, resolveBundle } from '../bundle/load'
import { readModelFile } from '../bundle/model-file'
import { GraphBuilder } from '../onnx/builder'
import type { Dimension, OnnxModel, ValueInfo } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { offer } from '../onnx/refusal'

export interface Inspection {
  path: string
  bundle?: Record<string, unknown>
  models: Record<string, InspectedModel>
}

export interface ImageSize {
  height: number
  width: number
}

/** What most published classifiers take, where a model leaves rows and columns open and nobody knows better. */
export const usualSize: ImageSize = { height: 224, width: 224 }

/**
 * Numbers for dimensions that a model leaves open: 1 for the batch and whatever is no image, for a batch of images 3
 * channels and the size. With one row and column a network that pools would have none left.
 */
function closed(shape: Dimension[] = [], { height, width }: ImageSize): number[] {
  const known = shape.map((dimension) => (typeof dimension === 'number' && dimension > 0 ? dimension : undefined))
  const channels = (at: number): boolean => known[at] === 1 || known[at] === 3
  const open = shape.length !== 4 ? shape.map(() => 1) : channels(3) && !channels(1) ? [1, height, width, 3] : [1, 3, height, width]
  return known.map((dimension, i) => dimension ?? open[i]!)
}

function tryGradient(model: OnnxModel, size: ImageSize): Pick<InspectedModel, 'inputGradient' | 'warnings'> {
  const g = new GraphBuilder()
  try {
    const fed = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name))
    const inputs = Object.fromEntries(fed.map(({ name, shape }) => [name, g.input(name, closed(shape, size))]))
    const outputs = Object.values(g.inline(model, inputs)).filter(({ dtype }) => dtype.startsWith('float'))
    if (!outputs.length)
      throw new AssayError('onnx-operator-not-differentiable', `The model answers with no floating-point numbers, which alone have a gradient; export it with its logits or probabilities as output, or note that ${offer}.`)
    for (const output of outputs) gradient(g, output, Object.values(inputs))
    return { inputGradient: { possible: true }, warnings: [...g.warnings] }
  } catch (error) {
    return { inputGradient: { possible: false, error: serializeError(error) }, warnings: [...g.warnings] }
  }
}

const described = ({ name, dtype, shape }: ValueInfo): InspectedModel['inputs'][number] => ({ name, dtype, shape: shape ?? null })

/** @param size of the images, where the model leaves it open */
export function inspectModel(model: OnnxModel, size: ImageSize = usualSize): InspectedModel {
  const { nodes, initializers, inputs, outputs } = model.graph
  const operators = new Map<string, InspectedModel['operators'][number]>()
  for (const { op, domain } of nodes) {
    const key = `${domain}:${op}`
    const entry = operators.get(key) ?? { operator: op, domain, count: 0, differentiable: isDifferentiable(op, domain) }
    entry.count += 1
    operators.set(key, entry)
  }
  return {
    producer: model.producer,
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
    inputs: inputs.filter(({ name }) => !initializers.has(name)).map(described),
    outputs: outputs.map(described),
    parameters: [...initializers.values()].reduce((sum, { data }) => sum + data.length, 0),
    operators: [...operators.values()].sort((a, b) => b.count - a.count),
    ...tryGradient(model, size),
  }
}

/**
 * @param name an .onnx file, or a bundle by id, folder or zip
 * @throws AssayError `file-not-found`, `bundle-not-found`, `bundle-invalid`, `bundle-hash-mismatch`, `onnx-invalid`
 */
export async function inspect(name: string, bundleFolders: readonly string[]): Promise<Inspection> {
  if (name.toLowerCase().endsWith('.onnx')) {
    return { path: name, models: { model: inspectModel(await readModelFile(name)) } }
  }
  const { folder, manifest, classifier, purifier } = await loadBundle(await resolveBundle(name, bundleFolders))
  const { id, name: title, classes, input, detector } = manifest
  return {
    path: folder,
    bundle: { id, name: title, classes, input, calibrationCount: detector?.calibration.scores.length ?? 0 },
    models: { classifier: inspectModel(readModel(classifier), input), ...(purifier ? { purifier: inspectModel(readModel(purifier), input) } : {}) },
  }
}
