/**
 * ONNX Runtime's CPU provider keeps images between convolutions of constant weights in a layout of its own (channels in
 * blocks). Operators that it cannot run there cost a copy in and a copy out, often more than themselves. What is here
 * tells where that layout holds, so that masks can be written with what runs inside it.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { conv } from '../../onnx/ops'
import { float32 } from '../../tensor/tensor'

/** Whole blocks on every machine: they hold 8 channels or 16. */
export const channelsPerBlock = 16
/** Keep the layout where all inputs have it, and the output's shape. */
const elementwise = new Set(['Add', 'Sum', 'Mul', 'Relu', 'Sigmoid', 'Tanh'])

const known = new WeakMap<Value, boolean>()

/** Whether a value [N, C, H, W] lies in blocks when the graph runs on a CPU. */
export function inBlocks(g: GraphBuilder, v: Value): boolean {
  let answer = known.get(v)
  if (answer === undefined) known.set(v, (answer = found(g, v)))
  return answer
}

function found(g: GraphBuilder, v: Value): boolean {
  const node = g.producer(v)
  if (!node || v.dtype !== 'float32' || v.shape.length !== 4 || v.shape[1]! % channelsPerBlock !== 0) return false
  if (node.op === 'Conv') return runsInBlocks(node)
  if (node.op === 'BatchNormalization' || node.op === 'Clip' || node.op.endsWith('Pool')) return inBlocks(g, node.inputs[0]!)
  // PyTorch writes averages with a border of nothing before them, which ONNX Runtime takes away.
  if (node.op === 'Pad') return node.inputs[0]!.shape.join() === v.shape.join() && inBlocks(g, node.inputs[0]!)
  if (node.op === 'Concat') return attribute(node, 'axis', 'int') === 1 && node.inputs.every((x) => inBlocks(g, x!))
  return elementwise.has(node.op) && node.inputs.every((x) => x!.shape.join() === v.shape.join() && inBlocks(g, x!))
}

/** slope·v + offset as a convolution that takes each channel for itself, which stays in the layout. */
export function affineInBlocks(g: GraphBuilder, v: Value, slope: number, offset: number): Value {
  const channels = v.shape[1]!
  const constant = (shape: readonly number[], value: number) => g.constant(float32(shape, new Float32Array(channels).fill(value)))
  return conv(g, v, constant([channels, 1, 1, 1], slope), offset ? constant([channels], offset) : undefined, { group: channels })
}

/** The pixels (sy·q + i, sx·q + j) of v, as a convolution that takes each channel for itself. */
export function phaseInBlocks(g: GraphBuilder, v: Value, strides: readonly [number, number], i: number, j: number): Value {
  const channels = v.shape[1]!
  const size = (i + 1) * (j + 1)
  const weights = Float32Array.from({ length: channels * size }, (_, at) => ((at + 1) % size === 0 ? 1 : 0))
  return conv(g, v, g.constant(float32([channels, 1, i + 1, j + 1], weights)), undefined, { strides, group: channels })
}

function runsInBlocks(node: BuiltNode): boolean {
  const [, w] = node.inputs
  const group = attribute(node, 'group', 'int') ?? 1
  if (!w?.constant) return false
  return group === 1 || w.shape[1] === 1 || (w.shape[1]! % channelsPerBlock === 0 && (w.shape[0]! / group) % channelsPerBlock === 0)
}
