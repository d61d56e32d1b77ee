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

/** Dimensions that a model leaves open are tried as 1: the batch, in practice. */
const closed = (shape: Dimension[] = []): number[] => shape.map((dimension) => (typeof dimension === 'number' && dimension > 0 ? dimension : 1))

function tryGradient(model: OnnxModel): Pick<InspectedModel, 'inputGradient' | 'warnings'> {
  const g = new GraphBuilder()
  try {
    const fed = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name))
    const inputs = Object.fromEntries(fed.map(({ name, shape }) => [name, g.input(name, closed(shape))]))
    const outputs = Object.values(g.inline(model, inputs)).filter(({ dtype }) => dtype === 'float32')
    if (!outputs.length)
      throw new AssayError('onnx-operator-not-differentiable', `The model answers with no floating-point numbers, which alone have a gradient; export it with its logits or probabilities as output, or note that ${offer}.`)
    for (const output of outputs) gradient(g, output, Object.values(inputs))
    return { inputGradient: { possible: true }, warnings: [...g.warnings] }
  } catch (error) {
    return { inputGradient: { possible: false, error: serializeError(error) }, warnings: [...g.warnings] }
  }
}

const described = ({ name, dtype, shape }: ValueInfo): InspectedModel['inputs'][number] => ({ name, dtype, shape: shape ?? null })

export function inspectModel(model: OnnxModel): InspectedModel {
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
    ...tryGradient(model),
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
    models: { classifier: inspectModel(readModel(classifier)), ...(purifier ? { purifier: inspectModel(readModel(purifier)) } : {}) },
  }
}
