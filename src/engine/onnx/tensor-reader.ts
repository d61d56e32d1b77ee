/**
 * Tensors of an ONNX file. External ones are fetched by a function of the caller's; that a model names no file outside
 * its folder, and no bytes outside that file, is checked here whatever the function does.
 */
import { AssayError } from '../../shared/errors'
import { fromBytes, sizeOf, zeros, type DType, type Tensor } from '../tensor/tensor'
import { dtypeOfNumber } from './model'
import { integer, type TensorProto } from './schema'

export interface ReadOptions {
  /** Bytes of an external data file by the location that the model names: a path inside the model's folder. */
  external?: (location: string) => Uint8Array
}

/** @throws AssayError `onnx-invalid` */
export function readTensor(proto: TensorProto, options: ReadOptions): Tensor {
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

/** A path that cannot lead out of a folder, on any platform. */
const staysInside = (location: string): boolean =>
  location !== '' && !/^[/\\]|^[A-Za-z]:|\0/.test(location) && !location.split(/[/\\]/).includes('..')

function externalBytes(proto: TensorProto, options: ReadOptions): Uint8Array {
  const entries = Object.fromEntries((proto.externalData ?? []).map(({ key, value }) => [key, value]))
  const location = entries.location ?? ''
  if (!staysInside(location))
    throw new AssayError('onnx-invalid', `The model asks for weights outside its own folder (${location}); export it again with its weights beside it.`, { location })
  if (!options.external)
    throw new AssayError('onnx-invalid', `The model keeps weights in a separate file (${location}); choose the folder that holds both.`, { location })
  const all = options.external(location)
  const offset = Number(entries.offset ?? 0)
  const length = entries.length === undefined ? all.length - offset : Number(entries.length)
  if (![offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) || offset + length > all.length)
    throw new AssayError('onnx-invalid', `The file ${location} is shorter than the model says; export the model again.`, { location })
  return all.subarray(offset, offset + length)
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
