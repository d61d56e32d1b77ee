/**
 * An ONNX model as plain data: what reader.ts makes and writer.ts takes.
 */
import type { DType, Tensor } from '../tensor/tensor'

export type AttributeValue =
  | { type: 'float'; value: number }
  | { type: 'int'; value: number }
  | { type: 'string'; value: string }
  | { type: 'tensor'; value: Tensor }
  | { type: 'graph'; value: OnnxGraph }
  | { type: 'floats'; value: number[] }
  | { type: 'ints'; value: number[] }
  | { type: 'strings'; value: string[] }

export type Attributes = Record<string, AttributeValue>

export interface OnnxNode {
  op: string
  /** '' is ONNX's own operator set. */
  domain: string
  name: string
  /** '' stands for an optional input or output that is left out. */
  inputs: string[]
  outputs: string[]
  attributes: Attributes
  /** Version of the operator set that the node is written in, where it is not the model's: it came from a function. */
  opset?: number
}

/** A dimension is a number, or a name when it is only known at run time. */
export type Dimension = number | string

export interface ValueInfo {
  name: string
  dtype: DType
  /** Undefined when the file does not declare it. */
  shape?: Dimension[]
}

export interface OnnxGraph {
  name: string
  nodes: OnnxNode[]
  initializers: Map<string, Tensor>
  /** Initializers of types that Assay does not know (words, 8-bit floats): TensorProto.DataType by name. */
  foreign?: Map<string, number>
  inputs: ValueInfo[]
  outputs: ValueInfo[]
}

export interface OnnxModel {
  irVersion: number
  /** Operator set versions by domain; '' is ONNX's own. */
  opsets: Map<string, number>
  producer: string
  metadata: Record<string, string>
  graph: OnnxGraph
}

export const float = (value: number): AttributeValue => ({ type: 'float', value })
export const int = (value: number): AttributeValue => ({ type: 'int', value })
export const ints = (value: readonly number[]): AttributeValue => ({ type: 'ints', value: [...value] })
export const text = (value: string): AttributeValue => ({ type: 'string', value })

/** TensorProto.DataType numbers of the types that Assay handles. */
export const dataTypeNumbers: Record<DType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
}
const dtypeByNumber = new Map(Object.entries(dataTypeNumbers).map(([name, number]) => [number, name as DType]))
export const dtypeOfNumber = (number: number): DType | undefined => dtypeByNumber.get(number)

type ValueOf<T extends AttributeValue['type']> = Extract<AttributeValue, { type: T }>['value']

/** Reads an attribute of a known type. */
export function attribute<T extends AttributeValue['type']>(
  node: { attributes: Attributes },
  name: string,
  type: T,
): ValueOf<T> | undefined {
  const found = node.attributes[name]
  return (found?.type === type ? found.value : undefined) as ValueOf<T> | undefined
}
