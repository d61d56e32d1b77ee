/**
 * Plain data into ONNX bytes. Tensors go out as raw little-endian data.
 */
import type { Tensor } from '../tensor/tensor'
import { bytesOf } from '../tensor/tensor'
import { dataTypeNumbers, type AttributeValue, type OnnxGraph, type OnnxModel, type ValueInfo } from './model'
import { attributeTypes, encodeModel, type AttributeProto, type GraphProto, type TensorProto, type ValueInfoProto } from './schema'

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
    node: graph.nodes.map((n) => ({
      input: n.inputs,
      output: n.outputs,
      name: n.name,
      opType: n.op,
      domain: n.domain,
      attribute: Object.entries(n.attributes).map(([name, value]) => attributeProto(name, value)),
    })),
    initializer: [...graph.initializers].map(([name, t]) => tensorProto(t, name)),
    input: [...graph.inputs, ...declared].map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
  }
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
