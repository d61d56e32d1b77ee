/**
 * The protobuf messages of an ONNX file, as field numbers for protobufjs.
 * Source: onnx.proto of the ONNX specification, IR version 10. Fields that Assay neither reads nor writes are left out:
 * protobufjs skips them.
 */
import protobuf from 'protobufjs'

const field = (id: number, type: string) => ({ id, type })
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' })
const packed = (id: number, type: string) => ({ id, type, rule: 'repeated', options: { packed: true } })

const root = protobuf.Root.fromJSON({
  nested: {
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        refAttrName: field(21, 'string'),
        type: field(20, 'int32'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'TensorProto'),
        g: field(6, 'GraphProto'),
        floats: packed(7, 'float'),
        ints: packed(8, 'int64'),
        strings: repeated(9, 'bytes'),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'AttributeProto'),
        domain: field(7, 'string'),
        overload: field(8, 'string'),
      },
    },
    TensorProto: {
      fields: {
        dims: packed(1, 'int64'),
        dataType: field(2, 'int32'),
        floatData: packed(4, 'float'),
        int32Data: packed(5, 'int32'),
        int64Data: packed(7, 'int64'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        doubleData: packed(10, 'double'),
        uint64Data: packed(11, 'uint64'),
        externalData: repeated(13, 'StringStringEntryProto'),
        dataLocation: field(14, 'int32'),
      },
    },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    DimensionProto: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
    TensorShapeProto: { fields: { dim: repeated(1, 'DimensionProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    GraphProto: {
      fields: {
        node: repeated(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: repeated(5, 'TensorProto'),
        input: repeated(11, 'ValueInfoProto'),
        output: repeated(12, 'ValueInfoProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    FunctionProto: {
      fields: {
        name: field(1, 'string'),
        input: repeated(4, 'string'),
        output: repeated(5, 'string'),
        attribute: repeated(6, 'string'),
        node: repeated(7, 'NodeProto'),
        opsetImport: repeated(9, 'OperatorSetIdProto'),
        domain: field(10, 'string'),
        attributeProto: repeated(11, 'AttributeProto'),
        overload: field(13, 'string'),
      },
    },
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        producerVersion: field(3, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: repeated(8, 'OperatorSetIdProto'),
        metadataProps: repeated(14, 'StringStringEntryProto'),
        functions: repeated(25, 'FunctionProto'),
      },
    },
  },
})

type Integer = number | { toNumber(): number; toString(): string }

export interface AttributeProto {
  name: string
  /** Inside a function: the attribute of the call that is meant. */
  refAttrName?: string
  type: number
  f?: number
  i?: Integer
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  floats?: number[]
  ints?: Integer[]
  strings?: Uint8Array[]
}
export interface TensorProto {
  dims?: Integer[]
  dataType: number
  name?: string
  rawData?: Uint8Array
  floatData?: number[]
  int32Data?: number[]
  int64Data?: Integer[]
  uint64Data?: Integer[]
  doubleData?: number[]
  externalData?: { key: string; value: string }[]
  dataLocation?: number
}
export interface ValueInfoProto {
  name: string
  type?: { tensorType?: { elemType: number; shape?: { dim?: { dimValue?: Integer; dimParam?: string }[] } } }
}
export interface NodeProto {
  input?: string[]
  output?: string[]
  name?: string
  opType: string
  attribute?: AttributeProto[]
  domain?: string
  overload?: string
  /** Not in the file: the operator set of the function that the node came from, where it is not the model's. */
  opset?: number
}
export interface GraphProto {
  node?: NodeProto[]
  name?: string
  initializer?: TensorProto[]
  input?: ValueInfoProto[]
  output?: ValueInfoProto[]
}
export interface FunctionProto {
  name?: string
  domain?: string
  overload?: string
  input?: string[]
  output?: string[]
  node?: NodeProto[]
  opsetImport?: { domain?: string; version?: Integer }[]
  /** Attributes with a value to take where the call gives none. */
  attributeProto?: AttributeProto[]
}
export interface ModelProto {
  irVersion?: Integer
  producerName?: string
  producerVersion?: string
  graph?: GraphProto
  opsetImport?: { domain?: string; version?: Integer }[]
  metadataProps?: { key: string; value: string }[]
  functions?: FunctionProto[]
}

const modelType = root.lookupType('ModelProto')

export const decodeModel = (bytes: Uint8Array): ModelProto => modelType.decode(bytes) as unknown as ModelProto
export const encodeModel = (model: ModelProto): Uint8Array => modelType.encode(model as unknown as protobuf.Message).finish()

const tensorType = root.lookupType('TensorProto')
export const encodeTensor = (tensor: TensorProto): Uint8Array => tensorType.encode(tensor as unknown as protobuf.Message).finish()

const valueInfoType = root.lookupType('ValueInfoProto')
export const decodeValueInfo = (bytes: Uint8Array): ValueInfoProto => valueInfoType.decode(bytes) as unknown as ValueInfoProto
export const encodeValueInfo = (info: ValueInfoProto): Uint8Array => valueInfoType.encode(info as unknown as protobuf.Message).finish()

/** Fields of a message by the numbers that `withInitializers` looks for. */
export const fieldNumbers = { model: { graph: 7 }, graph: { initializer: 5, input: 11, output: 12, valueInfo: 13 }, tensor: { name: 8, rawData: 9 } } as const

/** One field of a message as it lies in the file. */
export interface WireField {
  number: number
  /** Tag included. */
  whole: Uint8Array
  /** Of a field with a length: what it holds. */
  content?: Uint8Array
}

/** The fields of a message, known here or not. */
export function wireFields(message: Uint8Array): WireField[] {
  const reader = protobuf.Reader.create(message)
  const fields: WireField[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    const content = (tag & 7) === 2 ? reader.bytes() : undefined
    if (!content) reader.skipType(tag & 7)
    fields.push({ number: tag >>> 3, whole: message.subarray(start, reader.pos), ...(content ? { content } : {}) })
  }
  return fields
}

/** A field with a length, as it lies in the file. */
export function wireField(number: number, content: Uint8Array): Uint8Array {
  const head = protobuf.Writer.create().uint32((number << 3) | 2).uint32(content.length).finish()
  return joinBytes([head, content])
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** AttributeProto.AttributeType */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const

export const integer = (value: Integer | undefined): number => (value === undefined ? 0 : typeof value === 'number' ? value : value.toNumber())
