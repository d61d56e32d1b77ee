/**
 * Writes operators that a provider lacks, or fails on, or computes wrongly, in terms of those that it has.
 *
 * ONNX Runtime runs what a provider lacks on the CPU, which is right but moves the tensors there and back: in a backward
 * graph that is a round trip at every Relu. Found by asking onnxruntime-node 1.30 where it places the nodes of our
 * graphs: its WebGPU provider has no Sign, no LogSoftmax and no SpaceToDepth. Its Split takes a storage buffer per output
 * and fails at run time when there are more of them than the device binds, as in a network's flat parameters; its MaxPool
 * fails when the places of the maxima are asked for. Found by comparing every operator with the CPU on random shapes
 * (test/engine/runtime/webgpu-operators.test.ts): for some shapes Conv, ConvTranspose, Slice and a few reductions answer
 * wrongly without a word; Softmax, Resize and convolutions of three dimensions fail at run time, and Gemm ends the
 * process. Each lowering says for which.
 */
import type { Provider } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model'
import { readModel } from '../onnx/reader'
import type { InferenceInput } from '../onnx/shape-rules/rule'
import { writeModel } from '../onnx/writer'
import { flatSoftmax, gemm, logSoftmax, reduceNothing, sign, slice, spaceToDepth, split } from './lowerings/elements'
import type { Emit, Lowering } from './lowerings/emit'
import { typesOf } from './lowerings/types'
import { conv, convTranspose, maxPool, resize } from './lowerings/windows'

const reduction: Lowering = { since: 18, write: reduceNothing }

const lacking: Partial<Record<Provider, Record<string, Lowering>>> = {
  webgpu: {
    Sign: { since: 9, write: sign },
    LogSoftmax: { since: 18, write: logSoftmax },
    Softmax: { since: 7, write: flatSoftmax },
    SpaceToDepth: { since: 10, write: spaceToDepth },
    Split: { since: 13, write: split },
    Slice: { since: 10, write: slice },
    ReduceL1: reduction,
    ReduceL2: reduction,
    ReduceSumSquare: reduction,
    ReduceLogSum: reduction,
    Gemm: { since: 7, write: gemm },
    Resize: { since: 18, write: resize },
    MaxPool: { since: 8, write: maxPool },
    Conv: { since: 7, write: conv },
    ConvTranspose: { since: 7, write: convTranspose },
  },
}

/** The same model, or the very bytes given when there is nothing to do. */
export function withoutLackingOperators(bytes: Uint8Array, provider: Provider): Uint8Array {
  const lowerings = lacking[provider]
  if (!lowerings) return bytes
  let model: OnnxModel
  try {
    model = readModel(bytes)
  } catch {
    // What cannot be read here is ONNX Runtime's to judge.
    return bytes
  }
  const graph = lowered(model.graph, model.opsets, lowerings, 'lowered')
  if (!graph) return bytes
  // Named though nothing of it may be used, it does no harm.
  const opsets = new Map([[contributed, 1], ...model.opsets])
  try {
    return writeModel({ ...model, opsets, graph })
  } catch {
    // Functions may have operator sets of their own.
    return bytes
  }
}

/** Operators of ONNX Runtime's own. */
const contributed = 'com.microsoft'

/** What is known of a value: its type, and the tensor where it is part of the model. */
type Types = Map<string, InferenceInput>

/** Undefined when there is nothing to do. @param around what is known of the graph around the body of an If or a Loop */
function lowered(graph: OnnxGraph, opsets: OnnxModel['opsets'], lowerings: Record<string, Lowering>, prefix: string, around?: () => Types): OnnxGraph | undefined {
  const opset = opsets.get('') ?? 0
  const initializers = new Map(graph.initializers)
  let found: Types | undefined
  const types = () => (found ??= typesOf({ graph, opsets }, around?.()))
  let changed = false
  const nodes = graph.nodes.flatMap((node, index) => {
    const at = `${prefix}/${index}`
    const candidate = node.domain === '' && Object.hasOwn(lowerings, node.op) && opset >= lowerings[node.op]!.since
    const written = candidate ? rewritten(lowerings[node.op]!, node, opset, at, initializers, types) : withBodies(node, (body, name) => lowered(body, opsets, lowerings, `${at}/${name}`, types))
    changed ||= written !== undefined
    return written ?? [node]
  })
  return changed ? { ...graph, nodes, initializers } : undefined
}

function withBodies(node: OnnxNode, write: (body: OnnxGraph, name: string) => OnnxGraph | undefined): OnnxNode[] | undefined {
  const bodies = Object.entries(node.attributes).flatMap(([name, a]) => {
    const value = a.type === 'graph' ? write(a.value, name) : undefined
    return value ? [[name, { type: 'graph', value }] as const] : []
  })
  return bodies.length ? [{ ...node, attributes: { ...node.attributes, ...Object.fromEntries(bodies) } }] : undefined
}

function rewritten({ write }: Lowering, node: OnnxNode, opset: number, prefix: string, initializers: Map<string, Tensor>, types: () => Types): OnnxNode[] | undefined {
  const written: OnnxNode[] = []
  const constants = new Map<string, Tensor>()
  let counter = 0
  const emit = ((op, inputs, attributes = {}, outputs = `${prefix}/${counter++}`, domain = '') => {
    const names = [outputs].flat() as string[]
    written.push({ op, domain, name: `${prefix}/${op}/${written.length}`, inputs, outputs: names, attributes })
    return names[0]!
  }) as Emit & { opset: number }
  emit.opset = opset
  emit.constant = (value) => {
    const name = `${prefix}/${counter++}`
    constants.set(name, value)
    return name
  }
  emit.typeOf = (name) => {
    if (!name) return undefined
    const own = initializers.get(name)
    return own ? { dtype: own.dtype, shape: own.shape } : types().get(name)
  }
  emit.known = (name) => (name ? (initializers.get(name) ?? (types().get(name)?.constant as Tensor | undefined)) : undefined)
  if (!write(emit, node)) return undefined
  for (const [name, value] of constants) initializers.set(name, value)
  return written
}
