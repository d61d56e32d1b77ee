/**
 * Made-up values for the inputs of any graph, so that it can be run on two providers and compared.
 */
import type { OnnxModel } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { Random } from '../tensor/random'
import { float32, sizeOf, tensor, type Tensor } from '../tensor/tensor'

/** Images in a batch that the model leaves open: between the one of a single scan and the sixteen of a folder. */
const openBatch = 8

/**
 * Floats in [0, 1), as images are, and zeros for everything else (labels, indices).
 * @returns undefined where a shape is open beyond the batch, or a type is one that nobody can guess values for
 */
export function madeUpFeeds(model: Uint8Array): Record<string, Tensor> | undefined {
  let graph: OnnxModel['graph']
  try {
    graph = readModel(model).graph
  } catch {
    return undefined
  }
  const feeds: Record<string, Tensor> = {}
  for (const { name, dtype, shape } of graph.inputs) {
    if (graph.initializers.has(name)) continue
    const known = shape?.map((size, axis) => (typeof size === 'string' && axis === 0 ? openBatch : size))
    if (!known || known.some((size) => typeof size === 'string')) return undefined
    const sizes = known as number[]
    const random = new Random(`feed ${name}`)
    if (dtype === 'float32') feeds[name] = float32(sizes, Float32Array.from({ length: sizeOf(sizes) }, () => random.next()))
    else if (dtype === 'int64') feeds[name] = tensor('int64', sizes, new BigInt64Array(sizeOf(sizes)))
    else return undefined
  }
  return feeds
}
