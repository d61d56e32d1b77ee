/**
 * Writes operators that a provider lacks, or fails on, in terms of those that it has.
 *
 * ONNX Runtime runs what a provider lacks on the CPU, which is right but moves the tensors there and back: in a backward
 * graph that is a round trip at every Relu. Found by asking onnxruntime-node 1.30 where it places the nodes of our
 * graphs: its WebGPU provider has no Sign, no LogSoftmax and no SpaceToDepth. Its Split takes a storage buffer per output
 * and fails at run time when there are more of them than the device binds, as in a network's flat parameters; its MaxPool fails
 * when the places of the maxima are asked for.
 */
import type { Provider } from '../../shared/types'
import { float32, int64, toNumbers, type Tensor } from '../tensor/tensor'
import { attribute, dataTypeNumbers, int, type Attributes, type OnnxModel, type OnnxNode } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { writeModel } from '../onnx/writer'

interface Emit {
  /** Appends a node and answers the name of its output, the first of several that are named here. */
  (op: string, inputs: string[], attributes?: Attributes, outputs?: string | readonly string[]): string
  constant(value: Tensor): string
  /** The tensor behind a name, where it is part of the model. */
  known(name: string | undefined): Tensor | undefined
}

/** Writes the node anew; false when this one is to stay as it is. */
type Lowering = (emit: Emit, node: OnnxNode) => boolean

const sign: Lowering = (emit, { inputs, outputs }) => {
  const zero = emit.constant(float32([], [0]))
  const side = (op: string) => emit('Cast', [emit(op, [inputs[0]!, zero])], { to: int(1) })
  emit('Sub', [side('Greater'), side('Less')], {}, outputs[0])
  return true
}

const logSoftmax: Lowering = (emit, node) => {
  const axis = emit.constant(int64([1], [attribute(node, 'axis', 'int') ?? -1]))
  const [x] = node.inputs as [string]
  const shifted = emit('Sub', [x, emit('ReduceMax', [x, axis], { keepdims: int(1) })])
  const sum = emit('ReduceSum', [emit('Exp', [shifted]), axis], { keepdims: int(1) })
  emit('Sub', [shifted, emit('Log', [sum])], {}, node.outputs[0])
  return true
}

/**
 * Channels of the output: row within the block, then column, then channel. Columns and rows are taken apart one after
 * the other: ONNX Runtime would recognise slices of both at once, and put the SpaceToDepth back.
 */
const spaceToDepth: Lowering = (emit, node) => {
  const size = attribute(node, 'blocksize', 'int') ?? 1
  const one = (value: number) => emit.constant(int64([1], [value]))
  const [end, step] = [one(2 ** 31), one(size)]
  const everyOther = (x: string, axis: number, output?: string) => {
    const parts = Array.from({ length: size }, (_, i) => emit('Slice', [x, one(i), end, one(axis), step]))
    return emit('Concat', parts, { axis: int(1) }, output)
  }
  everyOther(everyOther(node.inputs[0]!, 3), 2, node.outputs[0])
  return true
}

/** One buffer for the input and one per output: eight in all are what every WebGPU device binds. */
const mostOutputs = 7

const split: Lowering = (emit, node) => {
  const sizes = emit.known(node.inputs[1])
  if (node.outputs.length <= mostOutputs || !sizes) return false
  const axis = emit.constant(int64([1], [attribute(node, 'axis', 'int') ?? 0]))
  let start = 0
  toNumbers(sizes).forEach((size, i) => {
    const [from, to] = [emit.constant(int64([1], [start])), emit.constant(int64([1], [start + size]))]
    if (node.outputs[i]) emit('Slice', [node.inputs[0]!, from, to, axis], {}, node.outputs[i])
    start += size
  })
  return true
}

/**
 * A gradient asks for the places of the maxima, which the WebGPU kernel does not tell: it fails at run time. No kernel
 * of WebGPU takes float64, so that the places are found on the CPU, in the same values; the maxima stay on the device.
 */
const maxPool: Lowering = (emit, node) => {
  const [maxima, places] = node.outputs
  if (!places) return false
  const [x] = node.inputs as [string]
  if (maxima) emit('MaxPool', [x], node.attributes, maxima)
  emit('MaxPool', [emit('Cast', [x], { to: int(dataTypeNumbers.float64) })], node.attributes, [`${places}/maxima`, places])
  return true
}

const lacking: Partial<Record<Provider, Record<string, Lowering>>> = {
  webgpu: { Sign: sign, LogSoftmax: logSoftmax, SpaceToDepth: spaceToDepth, Split: split, MaxPool: maxPool },
}

/** The forms used here are those of the operator sets from 18 on, which all graphs of the builder have. */
const firstOpset = 18

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
  const candidate = (node: OnnxNode) => node.domain === '' && node.op in lowerings
  if ((model.opsets.get('') ?? 0) < firstOpset || !model.graph.nodes.some(candidate)) return bytes
  const initializers = new Map(model.graph.initializers)
  const nodes = model.graph.nodes.flatMap((node, index) => (candidate(node) ? (lower(lowerings[node.op]!, node, `lowered/${index}`, initializers) ?? [node]) : [node]))
  try {
    return writeModel({ ...model, graph: { ...model.graph, nodes, initializers } })
  } catch {
    // Functions may have operator sets of their own.
    return bytes
  }
}

function lower(lowering: Lowering, node: OnnxNode, prefix: string, initializers: Map<string, Tensor>): OnnxNode[] | undefined {
  const written: OnnxNode[] = []
  let counter = 0
  const emit = ((op, inputs, attributes = {}, outputs = `${prefix}/${counter++}`) => {
    const names = [outputs].flat() as string[]
    written.push({ op, domain: '', name: `${prefix}/${op}/${written.length}`, inputs, outputs: names, attributes })
    return names[0]!
  }) as Emit
  emit.constant = (value) => {
    const name = `${prefix}/${counter++}`
    initializers.set(name, value)
    return name
  }
  emit.known = (name) => (name === undefined ? undefined : initializers.get(name))
  return lowering(emit, node) ? written : undefined
}
