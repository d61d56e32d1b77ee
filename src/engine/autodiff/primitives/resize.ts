/**
 * Resize as ONNX defines it: along every axis each output pixel is a weighted sum of input pixels, so that the gradient
 * is a product with the transposed matrix of weights, axis by axis. Whole-factor nearest enlargement is a sum over
 * blocks.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { floats, matMul, reduceSum, reshape } from '../../onnx/ops'
import { nodeRefusal } from '../../onnx/refusal'
import { resizeScales, resizeSettings, resizeWeights, type AxisSettings } from '../../onnx/resize'
import type { Rule, VjpContext } from '../primitive'
import { around } from './helpers'

function settings(node: BuiltNode): AxisSettings {
  const all = resizeSettings(node)
  if (all.coordinates === 'tf_crop_and_resize') throw nodeRefusal('onnx-operator-not-differentiable', node, 'with crop, which Assay cannot differentiate')
  return all
}

const scalesOf = (node: BuiltNode): number[] => resizeScales(node, node.inputs[0]!.shape, node.outputs[0]!.shape, node.inputs[2]?.constant, node.inputs[3]?.constant)

const mostWeights = 1 << 26

function resizeVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, y, dy } = c
  const s = settings(node)
  const scales = scalesOf(node)
  const factors = y.shape.map((d, i) => d / x.shape[i]!)
  if (s.mode === 'nearest' && s.coordinates === 'asymmetric' && s.rounding === 'floor' && factors.every((f, i) => Number.isInteger(f) && f === scales[i])) {
    const blocks = reshape(g, dy, x.shape.flatMap((d, i) => [d, factors[i]!]))
    const repeated = factors.flatMap((f, i) => (f > 1 ? [2 * i + 1] : []))
    return [repeated.length ? reshape(g, reduceSum(g, blocks, repeated), x.shape) : dy]
  }
  return [weighted(c, dy, true)]
}

/** Every resized axis of v times its weights, or their transposes. */
function weighted({ g, node }: { g: GraphBuilder; node: BuiltNode }, v: Value, backwards: boolean): Value {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const s = settings(node)
  const scales = scalesOf(node)
  let result = v
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const [from, to] = [x.shape[axis]!, y.shape[axis]!]
    if (from === to && scales[axis] === 1) continue
    if (from * to > mostWeights) throw nodeRefusal('onnx-operator-not-differentiable', node, `from ${from} to ${to} pixels, which is more than Assay can differentiate`)
    const weights = resizeWeights(from, to, scales[axis]!, s)
    const turned = () => Float64Array.from(weights, (_, i) => weights[(i % to) * from + Math.floor(i / to)]!)
    const [rows, columns] = backwards ? [from, to] : [to, from]
    const matrix = (transposed: boolean) => g.constant(floats(v.dtype, transposed ? [columns, rows] : [rows, columns], transposed === backwards ? weights : turned()))
    const [before, , after] = around(result.shape, axis)
    const shape = result.shape.map((d, i) => (i === axis ? rows : d))
    result = reshape(g, after === 1 ? matMul(g, reshape(g, result, [before, columns]), matrix(true)) : matMul(g, matrix(false), reshape(g, result, [before, columns, after])), shape)
  }
  return result
}

/** The resized image itself, as the products that its gradient is the transpose of. */
export const resized = (g: GraphBuilder, node: BuiltNode): Value => weighted({ g, node }, node.inputs[0]!, false)

export const resizing: Rule[] = [{ op: 'Resize', forward: 'interpolation: nearest, linear or cubic, along any axes, of the whole', vjp: resizeVjp }]
