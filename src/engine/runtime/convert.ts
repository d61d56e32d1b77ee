/** Our tensors to ONNX Runtime's and back, without copying the data where both keep it alike. */
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import type { Provider } from '../../shared/types'
import { halfToSingle, singleToHalf } from '../onnx/half'
import { float32 } from '../tensor/tensor'
import type { DType, Tensor } from '../tensor/tensor'

/** A tensor in the memory of a graphics card. Sessions of its provider are fed it as it is, others what `read` fetches. */
export interface DeviceTensor {
  readonly provider: Provider
  readonly value: Ort.Tensor
  /** Fetches it, once. */
  read(): Promise<Tensor>
}
export type Feed = Tensor | DeviceTensor

export const onDevice = (feed: Feed): feed is DeviceTensor => 'value' in feed

export const tensorToOrt = (ort: typeof Ort, t: Tensor): Ort.Tensor => new ort.Tensor(t.dtype as Ort.Tensor.Type, t.data as never, t.shape as number[])

export const inMemory = async (feed: Feed): Promise<Tensor> => (onDevice(feed) ? feed.read() : feed)

/** Models that were made smaller after their training take half precision, some take double; ours is single. */
function inPrecision(t: Tensor, wanted: string | undefined): Tensor {
  if (t.dtype !== 'float32') return t
  const single = t.data as Float32Array
  if (wanted === 'float16') return { dtype: 'float16', shape: t.shape, data: singleToHalf(single) }
  if (wanted === 'float64') return { dtype: 'float64', shape: t.shape, data: Float64Array.from(single) }
  return t
}

/** @param wanted the type that the model's input has, where it is known */
export const feedToOrt = async (ort: typeof Ort, feed: Feed, provider: Provider, wanted?: string): Promise<Ort.Tensor> =>
  onDevice(feed) && feed.provider === provider ? feed.value : tensorToOrt(ort, inPrecision(await inMemory(feed), wanted))

/** Half precision comes as its bits where JavaScript has no array for it, and these would pass for whole numbers. */
const singleOf = (data: Ort.Tensor.DataType): Float32Array => (data instanceof Uint16Array ? halfToSingle(data) : Float32Array.from(data as ArrayLike<number>))

/** Half precision comes out as single precision. @throws AssayError `runtime-failed` for values that are no numbers */
export function tensorFromOrt(value: Ort.OnnxValue): Tensor {
  const t = value as Ort.Tensor
  if (t.type === 'string' || t.type === 'uint64' || t.type === 'int4' || t.type === 'uint4')
    throw new AssayError('runtime-failed', `The model answers with ${t.type} values; only models that answer with numbers can be used.`, { type: t.type })
  if (t.type === 'float16') return float32(t.dims, singleOf(t.data))
  return { dtype: t.type as DType, shape: t.dims, data: t.data as Tensor['data'] }
}
