/**
 * ONNX bytes into plain data. External tensors are fetched by a function of the caller's, who keeps them inside the
 * model's folder; a truncated or foreign file is `onnx-invalid`.
 */
import { AssayError } from '../../shared/errors'
import { fromBytes, sizeOf, zeros, type DType, type Tensor } from '../tensor/tensor'
import { dtypeOfNumber, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type ValueInfo } from './model'
import { attributeTypes, decodeModel, integer, type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema'

export interface ReadOptions {
  /** Bytes of an external data file by the location that the model names. */
  external?: (location: string) => Uint8Array
}

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
  const opsets = new Map<string, number>()
  for (const { domain, version } of proto.opsetImport ?? []) opsets.set(domain === 'ai.onnx' ? '' : (domain ?? ''), integer(version))
  return {
    irVersion: integer(proto.irVersion),
    opsets,
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries((proto.metadataProps ?? []).map(({ key, value }) => [key, value])),
    graph: readGraph(proto.graph!, options),
  }
}

function readGraph(graph: GraphProto, options: ReadOptions): OnnxGraph {
  const initializers = new Map((graph.initializer ?? []).map((t) => [t.name ?? '', readTensor(t, options)]))
  return {
    name: graph.name ?? '',
    nodes: (graph.node ?? []).map((n, i) => readNode(n, i, options)),
    initializers,
    // Before IR version 4 every initializer also stood among the inputs.
    inputs: (graph.input ?? []).filter((v) => !initializers.has(v.name)).map(readValueInfo),
    outputs: (graph.output ?? []).map(readValueInfo),
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
      return a.g && { type: 'graph', value: readGraph(a.g, options) }
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

function readValueInfo(info: ValueInfoProto): ValueInfo {
  const tensorType = info.type?.tensorType
  const dtype = tensorType ? dtypeOfNumber(tensorType.elemType) : undefined
  if (!dtype)
    throw new AssayError('onnx-invalid', `The model's value ${info.name} is not a tensor of numbers; only image classifiers can be used.`, { value: info.name })
  const shape = tensorType?.shape?.dim?.map((d, i) => (d.dimValue !== undefined && integer(d.dimValue) > 0 ? integer(d.dimValue) : d.dimParam || `${info.name}_${i}`))
  return shape ? { name: info.name, dtype, shape } : { name: info.name, dtype }
}

function readTensor(proto: TensorProto, options: ReadOptions): Tensor {
  const name = proto.name ?? ''
  const dtype = dtypeOfNumber(proto.dataType)
  if (!dtype) throw new AssayError('onnx-invalid', `The model's tensor ${name} has a type (${proto.dataType}) that Assay does not know.`, { tensor: name })
  const shape = (proto.dims ?? []).map(integer)
  try {
    if (proto.dataLocation === 1) return fromBytes(dtype, shape, externalBytes(proto, options))
    if (proto.rawData?.length) return fromBytes(dtype, shape, proto.rawData)
    return fromLists(dtype, shape, proto)
  } catch (cause) {
    if (cause instanceof AssayError) throw cause
    throw new AssayError('onnx-invalid', `The model's tensor ${name} does not hold as many values as its shape says; export the model again.`, { tensor: name }, { cause })
  }
}

function externalBytes(proto: TensorProto, options: ReadOptions): Uint8Array {
  const entries = Object.fromEntries((proto.externalData ?? []).map(({ key, value }) => [key, value]))
  const location = entries.location ?? ''
  if (!options.external)
    throw new AssayError('onnx-invalid', `The model keeps weights in a separate file (${location}); choose the folder that holds both.`, { location })
  const all = options.external(location)
  const offset = Number(entries.offset ?? 0)
  return entries.length === undefined ? all.subarray(offset) : all.subarray(offset, offset + Number(entries.length))
}

function fromLists(dtype: DType, shape: number[], proto: TensorProto): Tensor {
  const lists = [proto.floatData, proto.doubleData, proto.int64Data, proto.uint64Data, proto.int32Data]
  const values = lists.find((list) => list?.length) ?? []
  // Before room is made: a broken file can claim any shape.
  if (values.length !== sizeOf(shape)) throw new RangeError(`${values.length} values`)
  const result = zeros(dtype, shape)
  const data = result.data as { [index: number]: number | bigint }
  values.forEach((v, i) => (data[i] = dtype === 'int64' ? BigInt(v.toString()) : integer(v)))
  return result
}
