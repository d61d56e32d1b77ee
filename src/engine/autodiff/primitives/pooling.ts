/** Pooling windows. The largest element of a window receives its whole gradient; of equal ones the first, as PyTorch. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute, int, type Attributes } from '../../onnx/model'
import { windowGeometry, type WindowGeometry } from '../../onnx/windows'
import { convTranspose, div, expand, mul, pad, reduceMax, reduceMean, reshape, slice } from '../../onnx/ops'
import { float32, sizeOf } from '../../tensor/tensor'
import type { Rule } from '../primitive'

/** Number of image pixels under each window, for averages that leave the padding out. */
function pixelsUnderWindows(spatial: readonly number[], at: WindowGeometry, countPadding: boolean): number[][] {
  return spatial.map((d, i) =>
    Array.from({ length: at.output[i]! }, (_, o) => {
      const first = o * at.strides[i]! - at.pads[i]!
      // Windows that hang over the end of the padding (ceil_mode) never count what lies beyond it.
      const end = countPadding ? d + at.pads[at.kernel.length + i]! : d
      const begin = countPadding ? -at.pads[i]! : 0
      return Array.from({ length: at.kernel[i]! }, (_, k) => first + k * at.dilations[i]!).filter((p) => p >= begin && p < end).length
    }),
  )
}

function averageGradient(g: GraphBuilder, x: Value, dy: Value, attributes: Attributes): Value {
  const node = { attributes }
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]]
  const at = windowGeometry(node, spatial, attribute(node, 'kernel_shape', 'ints')!)
  const tiles = at.pads.every((p) => p === 0) && at.kernel.every((k, i) => k === at.strides[i] && k * at.output[i]! === spatial[i])
  if (tiles) {
    const share = reshape(g, mul(g, dy, 1 / sizeOf(at.kernel)), [n, c, ...at.output.flatMap((o) => [o, 1])])
    return reshape(g, expand(g, share, [n, c, ...at.output.flatMap((o, i) => [o, at.kernel[i]!])]), x.shape)
  }
  const counts = pixelsUnderWindows(spatial, at, attribute(node, 'count_include_pad', 'int') === 1)
  const table = counts.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1])
  const share = div(g, dy, g.constant(float32([1, 1, ...at.output], table)))
  const ones = g.constant(float32([c, 1, ...at.kernel], new Float32Array(c * sizeOf(at.kernel)).fill(1)))
  // Every pixel collects the shares of the windows that saw it; then the padding is cut off.
  const spread = convTranspose(g, share, ones, { strides: at.strides, dilations: at.dilations, group: c })
  const cut = slice(g, spread, at.pads.slice(0, spatial.length), spatial.map((d, i) => d + at.pads[i]!), spatial.map((_, i) => i + 2))
  const missing = spatial.map((d, i) => d - cut.shape[i + 2]!)
  return pad(g, cut, [0, 0, ...spatial.map(() => 0), 0, 0, ...missing])
}

export const pooling: Rule[] = [
  {
    op: 'MaxPool',
    forward: 'largest element under each window',
    vjp: ({ g, node, x, dy }) => {
      const indices = g.extend(node, 2)[1]!
      const zero = expand(g, g.scalar(0, x.dtype), [sizeOf(x.shape)])
      const flat = [sizeOf(dy.shape)]
      const scattered = g.op('ScatterElements', [zero, reshape(g, indices, flat), reshape(g, dy, flat)], { axis: int(0), reduction: { type: 'string', value: 'add' } })
      return [reshape(g, scattered, x.shape)]
    },
  },
  { op: 'AveragePool', forward: 'mean under each window', vjp: ({ g, node, x, dy }) => [averageGradient(g, x, dy, node.attributes)] },
  {
    op: 'GlobalAveragePool',
    forward: 'mean over all pixels of a channel',
    lower: (g, node) => [reduceMean(g, node.inputs[0]!, node.inputs[0]!.shape.map((_, i) => i).slice(2), true)],
  },
  {
    op: 'GlobalMaxPool',
    forward: 'largest pixel of a channel',
    lower: (g, node) => [reduceMax(g, node.inputs[0]!, node.inputs[0]!.shape.map((_, i) => i).slice(2), true)],
  },
]
