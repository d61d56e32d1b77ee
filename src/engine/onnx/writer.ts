/**
 * Plain data into ONNX bytes. Tensors go out as raw little-endian data.
 */
import { AssayError } from '../../shared/errors'
import type { Tensor } from '../tensor/tensor'
import { bytesOf } from '../tensor/tensor'
import { dataTypeNumbers, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type ValueInfo } from './model'
import { attributeTypes, encodeModel, type AttributeProto, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema'

/**
 * A node of a function that was written in another operator set than the model would mean something else in it.
 * @throws AssayError `onnx-invalid`
 */
export function writeModel(model: OnnxModel): Uint8Array {
  return encodeModel({
    irVersion: model.irVersion,
    producerName: model.producer,
    graph: graphProto(model.graph, model.irVersion < 4),
    opsetImport: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  })
}

/** Before IR version 4 every initializer has to stand among the inputs too. */
function graphProto(graph: OnnxGraph, initializersAreInputs = false): GraphProto {
  const declared = initializersAreInputs ? [...graph.initializers].map(([name, { dtype, shape }]): ValueInfo => ({ name, dtype, shape: [...shape] })) : []
  return {
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    initializer: [...graph.initializers].map(([name, t]) => tensorProto(t, name)),
    input: [...graph.inputs, ...declared].map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
  }
}

function nodeProto({ op, domain, name, inputs, outputs, attributes, opset }: OnnxNode): NodeProto {
  if (opset !== undefined)
    throw new AssayError('onnx-invalid', `The model's node ${name} (${op}) belongs to a function of operator set ${opset}, which is not the model's; export the model again, with its functions written out.`, { node: name, operator: op, opset })
  return { input: inputs, output: outputs, name, opType: op, domain, attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)) }
}

const encoder = new TextEncoder()

function attributeProto(name: string, a: AttributeValue): AttributeProto {
  const type = attributeTypes[a.type]
  switch (a.type) {
    case 'float':
      return { name, type, f: a.value }
    case 'int':
      return { name, type, i: a.value }
    case 'string':
      return { name, type, s: encoder.encode(a.value) }
    case 'tensor':
      return { name, type, t: tensorProto(a.value) }
    case 'graph':
      return { name, type, g: graphProto(a.value) }
    case 'floats':
      return { name, type, floats: a.value }
    case 'ints':
      return { name, type, ints: a.value }
    case 'strings':
      return { name, type, strings: a.value.map((s) => encoder.encode(s)) }
  }
}

export function tensorProto(t: Tensor, name?: string): TensorProto {
  const rawData = bytesOf(t.data)
  return { dims: [...t.shape], dataType: dataTypeNumbers[t.dtype], rawData, ...(name === undefined ? {} : { name }) }
}

function valueInfoProto(info: ValueInfo): ValueInfoProto {
  const dim = info.shape?.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return { name: info.name, type: { tensorType: { elemType: dataTypeNumbers[info.dtype], ...(dim ? { shape: { dim } } : {}) } } }
}
