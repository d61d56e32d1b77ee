/**
 * ONNX bytes into plain data: functions of the model written out, initializers no longer among the inputs. A truncated
 * or foreign file is `onnx-invalid`.
 */
import { AssayError } from '../../shared/errors'
import { dtypeOfNumber, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type ValueInfo } from './model'
import { attributeTypes, decodeModel, integer, type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema'
import { versionsOf, withoutFunctions } from './functions'
import { readTensor, type ReadOptions } from './tensor-reader'

export type { ReadOptions }

/** @throws AssayError `onnx-invalid` */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): OnnxModel {
  let proto: ModelProto
  try {
    proto = decodeModel(bytes)
  } catch (cause) {
    throw new AssayError('onnx-invalid', 'This is not an ONNX file, or it is cut off; export the model again.', {}, { cause })
  }
  if (!proto.graph?.node?.length || !proto.opsetImport?.length)
    throw new AssayError('onnx-invalid', 'This ONNX file holds no graph; export the model again.')
  try {
    return readProto(proto, options)
  } catch (cause) {
    if (cause instanceof AssayError) throw cause
    throw new AssayError('onnx-invalid', 'This ONNX file contradicts itself; export the model again.', {}, { cause })
  }
}

function readProto(proto: ModelProto, options: ReadOptions): OnnxModel {
  return {
    irVersion: integer(proto.irVersion),
    opsets: versionsOf(proto.opsetImport),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries((proto.metadataProps ?? []).map(({ key, value }) => [key, value])),
    graph: readMainGraph(withoutFunctions(proto), options),
  }
}

function readMainGraph(graph: GraphProto, options: ReadOptions): OnnxGraph {
  const inner = readBody(graph, options)
  const outputs = (graph.output ?? []).flatMap((v) => readOutput(v, inner.nodes) ?? [])
  if (!outputs.length && graph.output?.[0]) throw noTensor(graph.output[0].name)
  return {
    ...inner,
    // Before IR version 4 every initializer also stood among the inputs.
    inputs: (graph.input ?? []).filter((v) => !inner.initializers.has(v.name) && !inner.foreign?.has(v.name)).map(readValueInfo),
    outputs,
  }
}

/** A branch or a loop's body. Its values need not declare a type; nothing here depends on it. */
function readSubgraph(graph: GraphProto, options: ReadOptions): OnnxGraph {
  const untyped = (v: ValueInfoProto): ValueInfo => tensorInfo(v) ?? { name: v.name, dtype: 'float32' }
  return { ...readBody(graph, options), inputs: (graph.input ?? []).map(untyped), outputs: (graph.output ?? []).map(untyped) }
}

function readBody(graph: GraphProto, options: ReadOptions) {
  const known = (t: TensorProto) => dtypeOfNumber(t.dataType) !== undefined
  const initializers = graph.initializer ?? []
  // Labels as words may lie beside a classifier that does not need them: a model fails for its foreign tensors on use.
  const foreign = initializers.filter((t) => !known(t)).map((t) => [t.name ?? '', t.dataType] as const)
  return {
    name: graph.name ?? '',
    nodes: (graph.node ?? []).map((n, i) => readNode(n, i, options)),
    initializers: new Map(initializers.filter(known).map((t) => [t.name ?? '', readTensor(t, options)])),
    ...(foreign.length ? { foreign: new Map(foreign) } : {}),
  }
}

function readNode(node: NodeProto, index: number, options: ReadOptions): OnnxNode {
  return {
    op: node.opType,
    domain: node.domain === 'ai.onnx' ? '' : (node.domain ?? ''),
    name: node.name || `${node.opType}_${index}`,
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: Object.fromEntries((node.attribute ?? []).flatMap((a) => {
      const value = readAttribute(a, options)
      return value ? [[a.name, value]] : []
    })),
    ...(node.opset === undefined ? {} : { opset: node.opset }),
  }
}

const decoder = new TextDecoder()
/** An empty field comes as an empty list, which is no buffer. */
const textOf = (bytes: ArrayLike<number> | undefined): string => (bytes?.length ? decoder.decode(Uint8Array.from(bytes)) : '')

function readAttribute(a: AttributeProto, options: ReadOptions): AttributeValue | undefined {
  // Files of before IR version 2 carry no type: it shows in the field that is set.
  const type = a.type || guessAttributeType(a)
  switch (type) {
    case attributeTypes.float:
      return { type: 'float', value: a.f ?? 0 }
    case attributeTypes.int:
      return { type: 'int', value: integer(a.i) }
    case attributeTypes.string:
      return { type: 'string', value: textOf(a.s) }
    case attributeTypes.tensor:
      return a.t && { type: 'tensor', value: readTensor(a.t, options) }
    case attributeTypes.graph:
      return a.g && { type: 'graph', value: readSubgraph(a.g, options) }
    case attributeTypes.floats:
      return { type: 'floats', value: [...(a.floats ?? [])] }
    case attributeTypes.ints:
      return { type: 'ints', value: (a.ints ?? []).map(integer) }
    case attributeTypes.strings:
      return { type: 'strings', value: (a.strings ?? []).map(textOf) }
    default:
      return undefined
  }
}

function guessAttributeType(a: AttributeProto): number {
  if (a.ints?.length) return attributeTypes.ints
  if (a.floats?.length) return attributeTypes.floats
  if (a.strings?.length) return attributeTypes.strings
  if (a.t) return attributeTypes.tensor
  if (a.g) return attributeTypes.graph
  if (a.s?.length) return attributeTypes.string
  if (a.f) return attributeTypes.float
  return attributeTypes.int
}

function tensorInfo(info: ValueInfoProto): ValueInfo | undefined {
  const tensorType = info.type?.tensorType
  const dtype = tensorType ? dtypeOfNumber(tensorType.elemType) : undefined
  if (!dtype) return undefined
  const shape = tensorType?.shape?.dim?.map((d, i) => (d.dimValue !== undefined && integer(d.dimValue) > 0 ? integer(d.dimValue) : d.dimParam || `${info.name}_${i}`))
  return shape ? { name: info.name, dtype, shape } : { name: info.name, dtype }
}

const noTensor = (name: string) =>
  new AssayError('onnx-invalid', `The model's value ${name} is not a tensor of numbers; only image classifiers can be used.`, { value: name })

function readValueInfo(info: ValueInfoProto): ValueInfo {
  const found = tensorInfo(info)
  if (!found) throw noTensor(info.name)
  return found
}

/**
 * Outputs that are no tensors of numbers are left out: labels as words. A list of probabilities by name (ZipMap, of
 * scikit-learn's exporters) counts as the probabilities.
 */
function readOutput(info: ValueInfoProto, nodes: readonly OnnxNode[]): ValueInfo | undefined {
  const named = nodes.some((n) => n.op === 'ZipMap' && n.outputs.includes(info.name))
  return named ? { name: info.name, dtype: 'float32' } : tensorInfo(info)
}
