/**
 * Models exported for one image, given several. Their shape constants name the batch they were made for: the first
 * entry of a Reshape's target, a Resize's sizes, a class token that was expanded beforehand. These are put right where
 * the numbers leave no doubt; what remains does not fit, and says so when shapes are worked out.
 */
import { sizeOf, toNumbers, type Shape } from '../tensor/tensor'
import type { GraphBuilder, Value } from './builder'
import { attribute, type OnnxNode } from './model'
import { expand } from './ops'
import { normaliseAxis } from './shapes'

export interface Batches {
  /** What the model was made for. */
  readonly declared: number
  /** What it is given. */
  readonly bound: number
}

type Inputs = readonly (Value | undefined)[]

export function rebatched(g: GraphBuilder, node: OnnxNode, inputs: Inputs, { declared, bound }: Batches): Inputs {
  const x = inputs[0]
  if (node.domain !== '' || !x) return inputs
  if (node.op === 'Reshape') {
    const target = inputs[1]?.constant && rebatchedTarget(toNumbers(inputs[1].constant), x.shape, declared, bound)
    return target ? [x, g.integers(target)] : inputs
  }
  if (node.op === 'Resize') {
    const sizes = inputs[3]?.constant && toNumbers(inputs[3].constant)
    return sizes?.[0] === declared && x.shape[0] === bound ? [x, inputs[1], inputs[2], g.integers([bound, ...sizes.slice(1)])] : inputs
  }
  if (node.op === 'Concat') {
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
    if (axis === 0 || declared !== 1 || !inputs.some((v) => v?.shape[0] === bound)) return inputs
    return inputs.map((v) => (v?.shape[0] === 1 ? expand(g, v, [bound, ...v.shape.slice(1)]) : v))
  }
  return inputs
}

/** The entry that holds the batch is the first in which target and shape differ. */
function rebatchedTarget(target: readonly number[], shape: Shape, declared: number, bound: number): number[] | undefined {
  const at = target.findIndex((d, i) => d !== 0 && d !== shape[i])
  if (at < 0) return undefined
  const known = target.map((d, i) => (d === 0 ? shape[i]! : d))
  const missesImages = sizeOf(known) * bound === sizeOf(shape) * declared
  const takesThemForPixels = known.includes(-1) && at === 0 && known[0] === declared && shape[0] === bound
  if (!missesImages && !takesThemForPixels) return undefined
  return known.map((d, i) => (i === at ? (d * bound) / declared : d))
}
