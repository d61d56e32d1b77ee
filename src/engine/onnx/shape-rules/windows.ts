/** Convolutions, pools, resizing and what else looks at pixels. */
import { attribute } from '../model'
import { normaliseAxis } from '../shapes'
import { transposedGeometry, windowGeometry } from '../windows'
import { each, input, integers, requiredIntegers, same, type InferenceNode, type Rule, type Rules } from './rule'

const pool: Rule = (node) => {
  const x = input(node, 0)
  const { output } = windowGeometry(node, x.shape.slice(2), attribute(node, 'kernel_shape', 'ints') ?? [])
  const shape = [...x.shape.slice(0, 2), ...output]
  return [{ dtype: x.dtype, shape }, { dtype: 'int64' as const, shape }].slice(0, node.outputCount)
}

const globalPool: Rule = (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 0).shape.map((d, i) => (i < 2 ? d : 1)) }]

const whole = (shape: number[]): number[] => {
  if (!shape.every(Number.isInteger)) throw new RangeError('the blocks do not fit the tensor')
  return shape
}

function resizedShape(node: InferenceNode): number[] {
  const { shape } = input(node, 0)
  const axes = attribute(node, 'axes', 'ints')?.map((a) => normaliseAxis(a, shape.length)) ?? shape.map((_, i) => i)
  const along = (length: (d: number, i: number) => number) => shape.map((d, axis) => (axes.includes(axis) ? length(d, axes.indexOf(axis)) : d))
  const sizes = integers(node, 3)
  if (sizes?.length) {
    const policy = attribute(node, 'keep_aspect_ratio_policy', 'string') ?? 'stretch'
    if (policy === 'stretch') return along((_, i) => sizes[i]!)
    const scale = keptScale(axes.map((axis, i) => sizes[i]! / shape[axis]!), policy)
    return along((d) => Math.round(scale * d))
  }
  const scales = node.inputs[2]?.constant
  if (!scales) throw new RangeError('the scales of Resize are computed at run time')
  // The product is of single precision: 10 × 0.7 is 7 there, and a little less in double precision.
  return along((d, i) => Math.floor(Math.fround(d * Number(scales.data[i]))))
}

/** The one scale that a Resize takes which keeps the aspect ratio, in single precision as ONNX Runtime has it. */
export const keptScale = (scales: readonly number[], policy: string): number => Math.fround(policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales))

export const windows: Rules = {
  Conv: (node) => {
    const x = input(node, 0)
    const w = input(node, 1)
    const group = attribute(node, 'group', 'int') ?? 1
    if (x.shape[1] !== w.shape[1]! * group) throw new RangeError(`${x.shape[1]} channels meet weights for ${w.shape[1]! * group}`)
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...windowGeometry(node, x.shape.slice(2), w.shape.slice(2)).output] }]
  },
  ConvTranspose: (node) => {
    const x = input(node, 0)
    const w = input(node, 1)
    const group = attribute(node, 'group', 'int') ?? 1
    if (x.shape[1] !== w.shape[0]) throw new RangeError(`${x.shape[1]} channels meet weights for ${w.shape[0]}`)
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * group, ...transposedGeometry(node, x.shape.slice(2), w.shape.slice(2)).output] }]
  },
  ...each(['MaxPool', 'AveragePool', 'LpPool'], pool),
  ...each(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'], globalPool),
  MaxUnpool: (node) => {
    const x = input(node, 0)
    const given = integers(node, 2)
    if (given) return [{ dtype: x.dtype, shape: given }]
    const kernel = attribute(node, 'kernel_shape', 'ints') ?? []
    const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
    const pads = attribute(node, 'pads', 'ints') ?? Array<number>(2 * kernel.length).fill(0)
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => (i < 2 ? d : (d - 1) * strides[i - 2]! + kernel[i - 2]! - pads[i - 2]! - pads[kernel.length + i - 2]!)) }]
  },
  ...each(['LRN', 'InstanceNormalization', 'BatchNormalization', 'MeanVarianceNormalization', 'LpNormalization'], same),
  LayerNormalization: (node) => {
    const { dtype, shape } = input(node, 0)
    const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? -1, shape.length)
    const statistic = { dtype: 'float32' as const, shape: shape.map((d, i) => (i < axis ? d : 1)) }
    return [{ dtype, shape }, statistic, statistic].slice(0, node.outputCount)
  },
  DepthToSpace: (node) => {
    const { dtype, shape } = input(node, 0)
    const b = attribute(node, 'blocksize', 'int')!
    return [{ dtype, shape: whole([shape[0]!, shape[1]! / (b * b), shape[2]! * b, shape[3]! * b]) }]
  },
  SpaceToDepth: (node) => {
    const { dtype, shape } = input(node, 0)
    const b = attribute(node, 'blocksize', 'int')!
    return [{ dtype, shape: whole([shape[0]!, shape[1]! * b * b, shape[2]! / b, shape[3]! / b]) }]
  },
  Resize: (node) => [{ dtype: input(node, 0).dtype, shape: resizedShape(node) }],
  GridSample: (node) => {
    const [x, grid] = [input(node, 0), input(node, 1)]
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)] }]
  },
  RoiAlign: (node) => {
    const [x, rois] = [input(node, 0), input(node, 1)]
    return [{ dtype: x.dtype, shape: [rois.shape[0]!, x.shape[1]!, attribute(node, 'output_height', 'int') ?? 1, attribute(node, 'output_width', 'int') ?? 1] }]
  },
  Col2Im: (node) => {
    const { dtype, shape } = input(node, 0)
    return [{ dtype, shape: [shape[0]!, shape[1]! / requiredIntegers(node, 2).reduce((a, b) => a * b, 1), ...requiredIntegers(node, 1)] }]
  },
  Pad: (node) => {
    const { dtype, shape } = input(node, 0)
    const pads = requiredIntegers(node, 1)
    const axes = integers(node, 3)?.map((a) => normaliseAxis(a, shape.length)) ?? shape.map((_, i) => i)
    if (pads.length !== 2 * axes.length) throw new RangeError(`${pads.length} pads are given for ${axes.length} axes`)
    const padded = shape.map((d, i) => (axes.includes(i) ? d + pads[axes.indexOf(i)]! + pads[axes.length + axes.indexOf(i)]! : d))
    if (padded.some((d) => d < 0)) throw new RangeError(`[${shape}] is cut to less than nothing`)
    return [{ dtype, shape: padded }]
  },
}
