/**
 * Brings a node of an older operator set to the form that the builder writes (operator set 18), while splicing a
 * foreign model in: attributes that later became inputs, operators that were renamed, inference-only nodes that do
 * nothing. Source: the version history of the ONNX operator specification.
 */
import { attribute, int, type Attributes, type OnnxNode } from './model'
import type { GraphBuilder, Value } from './builder'
import { float32 } from '../tensor/tensor'

const axesBecameInput: Record<string, number> = {
  Squeeze: 13,
  Unsqueeze: 13,
  ReduceSum: 13,
  ReduceMean: 18,
  ReduceMax: 18,
  ReduceMin: 18,
  ReduceProd: 18,
  ReduceL1: 18,
  ReduceL2: 18,
  ReduceSumSquare: 18,
  ReduceLogSum: 18,
  ReduceLogSumExp: 18,
}

const without = (attributes: Attributes, ...names: string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))

export function modernise(g: GraphBuilder, node: OnnxNode, inputs: (Value | undefined)[], opset: number, name: string): Value[] {
  const emit = (op: string, from: (Value | undefined)[], attributes: Attributes, count = Math.max(1, node.outputs.length)) => g.node(op, from, attributes, count, name)
  const a = node.attributes
  const x = inputs[0]

  const since = axesBecameInput[node.op]
  if (since !== undefined && opset < since) {
    const axes = attribute(node, 'axes', 'ints')
    return emit(node.op, axes ? [x, g.integers(axes)] : [x], without(a, 'axes'))
  }
  switch (node.op) {
    case 'Dropout':
      // Inference: the identity; a mask that somebody reads is all true and never read in practice.
      return [x!]
    case 'Identity':
      return [x!]
    case 'Cast':
      // Speaks of 8-bit floats only, which came with operator set 19.
      return emit('Cast', inputs, without(a, 'saturate', 'round_mode'))
    case 'Clip':
      if (opset < 11) {
        const low = attribute(node, 'min', 'float')
        const high = attribute(node, 'max', 'float')
        return emit('Clip', [x, low === undefined ? undefined : g.scalar(low), high === undefined ? undefined : g.scalar(high)], {})
      }
      break
    case 'Pad':
      if (opset < 11) {
        const value = attribute(node, 'value', 'float') ?? 0
        return emit('Pad', [x, g.integers(attribute(node, 'pads', 'ints') ?? attribute(node, 'paddings', 'ints') ?? []), g.scalar(value)], without(a, 'pads', 'paddings', 'value'))
      }
      break
    case 'Slice':
      if (opset < 10) {
        const starts = attribute(node, 'starts', 'ints') ?? []
        const ends = attribute(node, 'ends', 'ints') ?? []
        const axes = attribute(node, 'axes', 'ints') ?? starts.map((_, i) => i)
        return emit('Slice', [x, g.integers(starts), g.integers(ends), g.integers(axes)], {})
      }
      break
    case 'Split':
      if (opset < 13) {
        const sizes = attribute(node, 'split', 'ints')
        return splitInto(g, x!, attribute(node, 'axis', 'int') ?? 0, sizes, node.outputs.length, name)
      }
      if (!inputs[1]) return splitInto(g, x!, attribute(node, 'axis', 'int') ?? 0, undefined, node.outputs.length, name)
      break
    case 'Softmax':
    case 'LogSoftmax':
      if (opset < 13) {
        // Before 13 the tensor was seen as a matrix: everything from `axis` on is one softmax.
        const rank = x!.shape.length
        const axis = attribute(node, 'axis', 'int') ?? 1
        if (axis === rank - 1 || axis === -1 || x!.shape.slice(axis + 1).every((d) => d === 1)) return emit(node.op, inputs, { axis: int(axis) })
        const flat = g.op('Flatten', [x], { axis: int(axis) })
        return [g.op('Reshape', [g.op(node.op, [flat], { axis: int(1) }), g.integers(x!.shape)])]
      }
      break
    case 'BatchNormalization':
      return [g.node('BatchNormalization', inputs, without(a, 'spatial', 'is_test', 'consumed_inputs', 'momentum', 'training_mode'), 1, name)[0]!]
    case 'Upsample': {
      const scales = attribute(node, 'scales', 'floats')
      const given = scales ? g.constant(float32([scales.length], scales)) : inputs[1]
      return emit('Resize', [x, undefined, given], { mode: a.mode ?? { type: 'string', value: 'nearest' }, coordinate_transformation_mode: { type: 'string', value: 'asymmetric' }, nearest_mode: { type: 'string', value: 'floor' } })
    }
    case 'Resize':
      if (opset < 11)
        return emit('Resize', [x, undefined, inputs[1]], { ...a, coordinate_transformation_mode: { type: 'string', value: 'asymmetric' }, nearest_mode: { type: 'string', value: 'floor' } })
      break
    case 'Reshape':
      if (opset < 5) return emit('Reshape', [x, g.integers(attribute(node, 'shape', 'ints') ?? [])], {})
      break
    case 'Sum':
    case 'Max':
    case 'Min':
      if (inputs.length === 1) return [x!]
      break
    case 'AveragePool':
    case 'MaxPool':
    case 'Conv':
      return emit(node.op, inputs, without(a, 'storage_order'))
  }
  return emit(node.op, inputs, a)
}

function splitInto(g: GraphBuilder, x: Value, axis: number, sizes: number[] | undefined, count: number, name: string): Value[] {
  const extent = x.shape[axis < 0 ? axis + x.shape.length : axis]!
  const chunk = Math.ceil(extent / count)
  const lengths = sizes ?? Array.from({ length: count }, (_, i) => Math.min(chunk, extent - i * chunk))
  return g.node('Split', [x, g.integers(lengths)], { axis: int(axis) }, lengths.length, name)
}

