/**
 * An ONNX file with other weights and nothing else changed: every byte outside the replaced tensors stays, fields that
 * Assay does not know included, so that two files differ where they were trained.
 */
import type { Tensor } from '../tensor/tensor'
import type { Dimension } from './model'
import { decodeValueInfo, encodeTensor, encodeValueInfo, fieldNumbers, joinBytes, wireField, wireFields } from './schema'
import { tensorProto } from './writer'

export interface Replacement {
  /** By name; names that the file does not have are left out. */
  initializers: ReadonlyMap<string, Tensor>
  /** Shapes that outputs declare from now on, by name. */
  outputs?: ReadonlyMap<string, readonly Dimension[]>
  /** Inner values whose declared shape no longer holds. */
  undeclared?: ReadonlySet<string>
}

const decoder = new TextDecoder()
const { model, graph, tensor } = fieldNumbers

/** Replaces fields of a message that hold something; `undefined` leaves one as it is, an empty list takes it away. */
function edited(message: Uint8Array, edit: (number: number, content: Uint8Array) => readonly Uint8Array[] | undefined): Uint8Array {
  return joinBytes(wireFields(message).flatMap(({ number, whole, content }) => (content && edit(number, content)) ?? [whole]))
}

/** @param file bytes of a model that `readModel` can read, its weights in one piece */
export function withInitializers(file: Uint8Array, replacement: Replacement): Uint8Array {
  return edited(file, (number, content) => (number === model.graph ? [wireField(number, editedGraph(content, replacement))] : undefined))
}

function editedGraph(bytes: Uint8Array, { initializers, outputs, undeclared }: Replacement): Uint8Array {
  return edited(bytes, (number, content) => {
    if (number === graph.initializer) {
      const name = decoder.decode(wireFields(content).find((field) => field.number === tensor.name)?.content)
      const data = initializers.get(name)
      return data && [wireField(number, editedTensor(content, data, name))]
    }
    if (number === graph.valueInfo) return undeclared?.has(decodeValueInfo(content).name) ? [] : undefined
    // Before IR version 4 every initializer stands among the inputs too.
    if (number === graph.input) return declared(number, content, (name) => initializers.get(name)?.shape)
    if (number === graph.output) return declared(number, content, (name) => outputs?.get(name))
    return undefined
  })
}

/** Numbers in the place of as many others; else a tensor written anew. */
function editedTensor(bytes: Uint8Array, data: Tensor, name: string): Uint8Array {
  const proto = tensorProto(data, name)
  const raw = proto.rawData!
  const inPlace = wireFields(bytes).some(({ number, content }) => number === tensor.rawData && content?.length === raw.length)
  return inPlace ? edited(bytes, (number) => (number === tensor.rawData ? [wireField(number, raw)] : undefined)) : encodeTensor(proto)
}

function declared(number: number, content: Uint8Array, shapeOf: (name: string) => readonly Dimension[] | undefined): Uint8Array[] | undefined {
  const info = decodeValueInfo(content)
  const shape = shapeOf(info.name)
  if (!shape || !info.type?.tensorType) return undefined
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return [wireField(number, encodeValueInfo({ ...info, type: { tensorType: { ...info.type.tensorType, shape: { dim } } } }))]
}
