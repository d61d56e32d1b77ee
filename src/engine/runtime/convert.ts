/** Our tensors to ONNX Runtime's and back, without copying the data. */
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import type { DType, Tensor } from '../tensor/tensor'

export function tensorToOrt(ort: typeof Ort, t: Tensor): Ort.Tensor {
  return new ort.Tensor(t.dtype as Ort.Tensor.Type, t.data as never, t.shape as number[])
}

export function tensorFromOrt(value: Ort.OnnxValue): Tensor {
  const t = value as Ort.Tensor
  if (t.type === 'string' || t.type === 'uint64' || t.type === 'int4' || t.type === 'uint4')
    throw new AssayError('runtime-failed', `The model answers with ${t.type} values; only models that answer with numbers can be used.`, { type: t.type })
  return { dtype: t.type as DType, shape: t.dims, data: t.data as Tensor['data'] }
}
