/**
 * What a decision about a model is remembered by. An attack writes many graphs around one model, for many batch sizes;
 * measuring each of them would cost more than it gains. They are the same when they have the same weights and are made
 * of the same operators: a gradient, or a kernel that was not there before, makes another graph.
 */
import { createHash } from 'node:crypto'
import { readModel } from '../onnx/reader'
import { bytesOf } from '../tensor/tensor'

/** Constants up to this many numbers are shapes and scalars, which follow the batch. */
const smallConstant = 64

/** SHA-256, hexadecimal. Of the bytes themselves where the weights are fed in, as in training. */
export function modelKey(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  try {
    const { graph } = readModel(bytes)
    const weights = [...graph.initializers.values()].filter(({ data }) => data.length > smallConstant)
    if (weights.length > 0) {
      const each = weights.map(({ data }) => createHash('sha256').update(bytesOf(data)).digest('hex'))
      hash.update([...new Set(each)].sort().join())
      return hash.update([...new Set(graph.nodes.map(({ op }) => op))].sort().join()).digest('hex')
    }
  } catch {
    // What cannot be read here is ONNX Runtime's to judge.
  }
  return hash.update(bytes).digest('hex')
}
