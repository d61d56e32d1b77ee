/** A foreign ONNX file, read and made ready to be run: its weights in one piece, its input's shape understood. */
import { readFile } from 'node:fs/promises'
import { AssayError } from '../../shared/errors'
import type { BundleManifest } from '../../shared/bundle'
import { readModelFile } from '../bundle/model-file'
import { finalActivation } from '../onnx/final-activation'
import type { OnnxGraph, OnnxModel, ValueInfo } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { writeModel } from '../onnx/writer'

export type Layout = BundleManifest['classifier']['layout']
export type OutputKind = BundleManifest['classifier']['output']

/** The one input of a classifier of images. @throws AssayError `onnx-invalid` */
export function imageInput({ graph }: OnnxModel): ValueInfo {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name))
  const [input] = inputs
  if (!input || inputs.length > 1)
    throw new AssayError('onnx-invalid', `The model has ${inputs.length} inputs, where a classifier of images has one; export it with the image alone as input.`)
  if (!['float32', 'float16', 'float64'].includes(input.dtype))
    throw new AssayError('onnx-invalid', `The model's input ${input.name} takes ${input.dtype}, not floating-point numbers; export it with a float input.`, { input: input.name })
  if (input.shape && input.shape.length !== 4)
    throw new AssayError('onnx-invalid', `The model's input ${input.name} has ${input.shape.length} dimensions, where a batch of images has four; export it again.`, { input: input.name })
  return input
}

/** The number of a dimension; undefined where it is open. */
export const dimension = (input: ValueInfo, index: number): number | undefined => {
  const value = input.shape?.[index]
  return typeof value === 'number' && value > 0 ? value : undefined
}

/** Softmax or sigmoid where the model ends with one, else logits. */
export function outputOf(model: OnnxModel): OutputKind {
  const activation = finalActivation(model)
  // The logarithm of a softmax serves as logits: adding a constant to all changes no answer.
  return activation === 'Softmax' ? 'softmax' : activation === 'Sigmoid' ? 'sigmoid' : 'logits'
}

const isSum = (sum: number): boolean => Math.abs(sum - 1) < 1e-3

/**
 * What the numbers look like, whatever the file's last operator is called: a softmax written out in other operators bears
 * no name. `sigmoid` can be logits by chance. @param rows of answers, one per image
 */
export function outputLooksLike(rows: readonly (readonly number[])[]): OutputKind {
  if (!rows.every((row) => row.every((value) => value >= 0 && value <= 1))) return 'logits'
  return rows.every((row) => row.length > 1 && isSum(row.reduce((sum, value) => sum + value, 0))) ? 'softmax' : 'sigmoid'
}

/** The file as it is where it holds all its weights, else written anew in one piece. */
async function inOnePiece(path: string, model: OnnxModel): Promise<Uint8Array> {
  const bytes = await readFile(path)
  try {
    readModel(bytes)
    return bytes
  } catch {
    return writeModel(model)
  }
}

/**
 * Pieces of a Split that nobody uses have no names, and ONNX Runtime 1.30 ends the process at one that is left out: here
 * each has a name. The very graph given where there is none.
 */
function withNamedPieces(graph: OnnxGraph, prefix = 'unused'): OnnxGraph {
  let changed = false
  const nodes = graph.nodes.map((node, index) => {
    const at = `${prefix}/${index}`
    const outputs = node.op === 'Split' && node.domain === '' && node.outputs.includes('') ? node.outputs.map((name, i) => name || `${at}/${i}`) : node.outputs
    const attributes = Object.fromEntries(Object.entries(node.attributes).map(([name, a]) => [name, a.type === 'graph' ? { ...a, value: withNamedPieces(a.value, `${at}/${name}`) } : a]))
    const same = outputs === node.outputs && Object.entries(node.attributes).every(([name, a]) => a.value === attributes[name]!.value)
    changed ||= !same
    return same ? node : { ...node, outputs, attributes }
  })
  return changed ? { ...graph, nodes } : graph
}

/** @throws AssayError `file-*`, `onnx-invalid` */
export async function readForeignModel(path: string): Promise<{ model: OnnxModel; bytes: Uint8Array }> {
  const read = await readModelFile(path)
  const graph = withNamedPieces(read.graph)
  if (graph === read.graph) return { model: read, bytes: await inOnePiece(path, read) }
  const model = { ...read, graph }
  return { model, bytes: writeModel(model) }
}
