/**
 * A tensor is a shape and a flat typed array in row-major order. Nothing here knows of ONNX or of images.
 */
export type DType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'uint16' | 'uint32' | 'bool'

export interface TensorData {
  float32: Float32Array
  float64: Float64Array
  /** Raw half-precision bits. */
  float16: Uint16Array
  int64: BigInt64Array
  int32: Int32Array
  int16: Int16Array
  int8: Int8Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  /** 0 or 1. */
  bool: Uint8Array
}

export type Shape = readonly number[]

export interface Tensor<D extends DType = DType> {
  readonly dtype: D
  readonly shape: Shape
  readonly data: TensorData[D]
}

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const

export const bytesPerElement = (dtype: DType): number => constructors[dtype].BYTES_PER_ELEMENT

/** A tensor over `data`. @throws RangeError when the data's length is not the shape's size. */
export function tensor<D extends DType>(dtype: D, shape: Shape, data: TensorData[D]): Tensor<D> {
  if (data.length !== sizeOf(shape)) throw new RangeError(`${data.length} values do not fill the shape [${shape.join(', ')}]`)
  return { dtype, shape, data }
}

export function zeros<D extends DType>(dtype: D, shape: Shape): Tensor<D> {
  return { dtype, shape, data: new constructors[dtype](sizeOf(shape)) as TensorData[D] }
}

export function float32(shape: Shape, values: ArrayLike<number>): Tensor<'float32'> {
  return tensor('float32', shape, values instanceof Float32Array ? values : Float32Array.from(values))
}

export function int64(shape: Shape, values: ArrayLike<number>): Tensor<'int64'> {
  return tensor('int64', shape, BigInt64Array.from(Array.from(values, (v) => BigInt(v))))
}

/** The elements as plain numbers; int64 beyond 2^53 loses digits. */
export function toNumbers(t: Tensor): number[] {
  return Array.from(t.data as ArrayLike<number | bigint>, Number)
}

/** A new view over `bytes` (copied where alignment asks for it), little endian. */
export function fromBytes<D extends DType>(dtype: D, shape: Shape, bytes: Uint8Array): Tensor<D> {
  const Constructor = constructors[dtype]
  const width = Constructor.BYTES_PER_ELEMENT
  // Not slice(): a Buffer's does not copy.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
  if (aligned.byteLength !== sizeOf(shape) * width)
    throw new RangeError(`${bytes.byteLength} bytes do not fill the shape [${shape.join(', ')}] of ${dtype}`)
  return { dtype, shape, data: new Constructor(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / width) as TensorData[D] }
}

/** The bytes behind a typed array, in the machine's order (little-endian wherever Assay runs); shared, not copied. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)
