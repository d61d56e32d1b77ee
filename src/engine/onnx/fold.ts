/**
 * Works out, while building, what does not depend on the image: the shape arithmetic that exporters leave in models
 * (Shape → Gather → Concat → Reshape), indices of relative positions, masks, position grids. Heavy constants (flipped
 * weights) are left to ONNX Runtime's own folding.
 */
import { int64, sizeOf, tensor, type Tensor } from '../tensor/tensor'
import { elementwiseFolds } from './folds/elementwise'
import { largestFolded, largestFoldedFloat, type Folds } from './folds/fold'
import { movementFolds } from './folds/movement'
import { attribute, type Attributes } from './model'

interface FoldInput {
  readonly shape: readonly number[]
  readonly constant?: Tensor
}

const folds: Folds = { ...elementwiseFolds, ...movementFolds }

/** Operators that are worked out where their inputs are known. */
export const foldedOps: readonly string[] = Object.keys(folds)

export const isFolded = (op: string): boolean => ['Constant', 'Shape', 'Size'].includes(op) || Object.hasOwn(folds, op)

/** The node's outputs as constants, or undefined when they are to be computed at run time. */
export function foldConstants(op: string, inputs: readonly (FoldInput | undefined)[], attributes: Attributes, outputCount = 1): Tensor[] | undefined {
  if (op === 'Constant') {
    const value = constantValue(attributes)
    return value && [value]
  }
  if (op === 'Shape' && inputs[0]) {
    const { shape } = inputs[0]
    const start = attribute({ attributes }, 'start', 'int') ?? 0
    const end = attribute({ attributes }, 'end', 'int') ?? shape.length
    const part = shape.slice(start, end)
    return [int64([part.length], part)]
  }
  if (op === 'Size' && inputs[0]) return [int64([], [sizeOf(inputs[0].shape)])]
  const fold = Object.hasOwn(folds, op) ? folds[op] : undefined
  if (!fold) return undefined
  const tensors: (Tensor | undefined)[] = []
  for (const input of inputs) {
    if (input && (!input.constant || input.constant.data.length > largestFolded)) return undefined
    if (input?.constant?.dtype.startsWith('float') && input.constant.data.length > largestFoldedFloat) return undefined
    tensors.push(input?.constant)
  }
  try {
    const results = fold(tensors, { attributes, outputCount })
    return results?.every((t) => !t.dtype.startsWith('float') || t.data.length <= largestFoldedFloat) ? results : undefined
  } catch {
    // What is wrong with the node is for shape inference to say, which knows its name.
    return undefined
  }
}

function constantValue(attributes: Attributes): Tensor | undefined {
  const node = { attributes }
  const value = attribute(node, 'value', 'tensor')
  if (value) return value
  const i = attribute(node, 'value_int', 'int')
  if (i !== undefined) return int64([], [i])
  const is = attribute(node, 'value_ints', 'ints')
  if (is) return int64([is.length], is)
  const f = attribute(node, 'value_float', 'float')
  if (f !== undefined) return tensor('float32', [], Float32Array.of(f))
  const fs = attribute(node, 'value_floats', 'floats')
  return fs && tensor('float32', [fs.length], Float32Array.from(fs))
}
