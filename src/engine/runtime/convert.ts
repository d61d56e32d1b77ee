/** Our tensors to ONNX Runtime's and back, without copying the data. */
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import type { Provider } from '../../shared/types'
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

export const feedToOrt = async (ort: typeof Ort, feed: Feed, provider: Provider): Promise<Ort.Tensor> =>
  onDevice(feed) && feed.provider === provider ? feed.value : tensorToOrt(ort, await inMemory(feed))

export function tensorFromOrt(value: Ort.OnnxValue): Tensor {
  const t = value as Ort.Tensor
  if (t.type === 'string' || t.type === 'uint64' || t.type === 'int4' || t.type === 'uint4')
    throw new AssayError('runtime-failed', `The model answers with ${t.type} values; only models that answer with numbers can be used.`, { type: t.type })
  return { dtype: t.type as DType, shape: t.dims, data: t.data as Tensor['data'] }
}
