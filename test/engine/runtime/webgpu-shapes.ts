/**
 * Shapes that kernels of graphics cards are specialised on: numbers of channels about multiples of three and four,
 * kernels as large as the image, groups that end in the middle of a vector, matrices about the size of a tile, and types
 * other than floating point. The cases of the gradient's tests are smaller than any of this.
 */
import { dataTypeNumbers, float, int, ints, text, type Attributes } from '../../../src/engine/onnx/model'
import { float32, int64, sizeOf, tensor, type DType, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'
import { node, normal, randomReal, vector, type Case, type Cases, type Draw } from '../autodiff/properties/draw'
import type { Free } from '../autodiff/properties/harness'

/** A weight: part of the model, or computed as in a training. */
const weight = (d: Draw, fixed: boolean, shape: Shape): Free | Tensor => (fixed ? randomReal(d, shape) : normal(shape))

interface Windows {
  kernel: number[]
  strides: number[]
  dilations: number[]
  pads: number[]
  spatial: number[]
}

function windows(d: Draw, n = d.pick(1, 2, 2, 2, 2, 3)): Windows {
  const kernel = d.list(n, () => d.pick(1, 2, 3, 3, 5, n < 3 ? 7 : 1))
  const all = (value: number) => d.list(n, () => value)
  const strides = d.pick(all(1), all(2), d.list(n, () => d.int(1, 3)))
  const dilations = d.pick(all(1), all(1), d.list(n, () => d.int(1, 2)))
  const pads = d.pick(d.list(2 * n, () => 0), d.list(2 * n, (i) => kernel[i % n]! >> 1), d.list(2 * n, () => d.int(0, 2)), d.list(2 * n, (i) => (i < n ? 0 : d.int(0, 2))))
  // Sometimes as large as the kernel, sometimes smaller than kernel and pads together.
  const spatial = kernel.map((k, i) => Math.max(1, (k - 1) * dilations[i]! + 1 - d.pick(0, 0, pads[i]! + pads[n + i]!) + d.pick(0, 0, d.int(0, n === 3 ? 3 : 7))))
  return { kernel, strides, dilations, pads, spatial }
}

const padding = (d: Draw, { pads }: Windows): Attributes => (d.int(0, 2) ? { pads: ints(pads) } : { auto_pad: text(d.pick('SAME_UPPER', 'SAME_LOWER')) })
const near = (d: Draw) => d.pick(1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 64, 65, 100)
/** Some dimensions of many, few elements in all. */
function sizes(d: Draw, least: number, most: number, ...from: number[]): number[] {
  const shape = d.list(d.int(least, most), () => d.pick(...from))
  while (sizeOf(shape) > 10_000) shape[shape.indexOf(Math.max(...shape))] = 2
  return shape
}

/** In floating point: answers and gradients are compared. */
export const largeCases: Cases = {
  Conv: (d) => {
    const at = windows(d)
    const group = d.pick(1, 1, 1, 1, 2, 3, 4)
    const [ci, co] = [group === 1 ? d.int(1, 24) : group * d.pick(1, d.int(1, 9)), group * d.int(1, group > 1 ? 9 : 16)]
    // ONNX Runtime itself does not pad dilated convolutions automatically, nor windows smaller than their stride.
    const simple = at.dilations.every((v) => v === 1) && at.kernel.every((k, i) => k >= at.strides[i]!)
    const fixed = d.bool()
    return node(d, 'Conv', d.opset(7), [normal([d.int(1, 2), ci, ...at.spatial]), weight(d, fixed, [co, ci / group, ...at.kernel]), ...(d.bool() ? [weight(d, fixed, [co])] : [])], {
      strides: ints(at.strides), dilations: ints(at.dilations), ...(simple ? padding(d, at) : { pads: ints(at.pads) }), group: int(group),
    })
  },
  ConvTranspose: (d) => {
    const at = windows(d)
    const spatial = at.spatial.map((s) => Math.min(s, 6))
    const group = d.pick(1, 1, 1, 2, 3)
    const [ci, co] = [group * d.int(1, group > 1 ? 9 : 24), d.pick(1, d.int(1, 12))]
    const extent = spatial.map((s, i) => (s - 1) * at.strides[i]! + (at.kernel[i]! - 1) * at.dilations[i]! + 1)
    const n = spatial.length
    const pads = at.pads.map((p, i) => Math.min(p, Math.floor((extent[i % n]! - 1) / 2)))
    const way = d.pick('pads', 'pads', 'output', 'auto')
    const attributes: Attributes =
      way === 'auto' ? { auto_pad: text(d.pick('SAME_UPPER', 'SAME_LOWER')) }
      : way === 'output' ? { output_shape: ints(extent.map((e, i) => Math.max(1, e + d.int(-2, at.strides[i]! - 1)))) }
      : { pads: ints(pads), ...(d.bool() ? { output_padding: ints(at.strides.map((s) => d.int(0, s - 1))) } : {}) }
    const fixed = d.bool()
    return node(d, 'ConvTranspose', d.opset(7), [normal([d.int(1, 2), ci, ...spatial]), weight(d, fixed, [ci, co, ...at.kernel]), ...(d.bool() ? [weight(d, fixed, [co * group])] : [])], {
      strides: ints(at.strides), ...(way === 'auto' ? {} : { dilations: ints(at.dilations) }), group: int(group), ...attributes,
    })
  },
  MatMul: (d) => {
    const [m, k, n] = [near(d), near(d), near(d)]
    const batch = d.shape(0, 3, 3)
    const lead = () => (d.bool() ? batch : d.broadcast(batch))
    return node(d, 'MatMul', d.opset(9), [normal(d.int(0, 9) ? [...lead(), m, k] : [k]), weight(d, d.bool(), d.int(0, 9) ? [...lead(), k, n] : [k])])
  },
  Gemm: (d) => {
    const [m, k, n] = [near(d), near(d), near(d)]
    const [ta, tb] = [d.int(0, 1), d.int(0, 1)]
    const c = d.pick([m, n], [n], [1, n], [m, 1], [1], [])
    return node(d, 'Gemm', d.opset(9), [normal(ta ? [k, m] : [m, k]), weight(d, d.bool(), tb ? [n, k] : [k, n]), weight(d, d.bool(), c)], { transA: int(ta), transB: int(tb), alpha: float(d.pick(1, 0.5)), beta: float(d.pick(1, 2)) })
  },
  MaxPool: (d) => pool(d, 'MaxPool', 10, true),
  AveragePool: (d) => pool(d, 'AveragePool', 10, false, { count_include_pad: int(d.int(0, 1)) }),
  LpPool: (d) => pool(d, 'LpPool', 18, true),
  GlobalAveragePool: (d) => node(d, 'GlobalAveragePool', d.opset(7), [normal([d.int(1, 3), d.int(1, 9), ...d.shape(1, 3, 13)])]),
  Resize: (d) => {
    const mode = d.pick('nearest', 'linear', 'cubic')
    const n = mode === 'cubic' ? 2 : d.pick(1, 2, 2, 3)
    const coordinates = d.pick('half_pixel', 'align_corners', 'asymmetric', 'pytorch_half_pixel')
    const scales = float32([n + 2], [1, 1, ...d.list(n, () => d.pick(0.5, 0.6, 1, 1.3, 2, 2.5, 3))])
    const rounding = mode === 'nearest' ? { nearest_mode: text(d.pick('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil')) } : {}
    return node(d, 'Resize', d.opset(13), [normal([d.int(1, 2), d.int(1, 5), ...d.list(n, () => d.int(2, 9))]), undefined, scales], { mode: text(mode), coordinate_transformation_mode: text(coordinates), ...rounding })
  },
  ...Object.fromEntries(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL2', 'ReduceLogSumExp'].map((op): [string, Case] => [op, (d) => {
    const shape = sizes(d, 1, 5, 1, 2, 3, 5, 8, 33, 65, 130)
    return node(d, op, d.opset(18), [normal(shape), ...(d.int(0, 3) ? [vector(...d.axes(shape.length, 1))] : [])], { keepdims: int(d.int(0, 1)) })
  }])),
  ...Object.fromEntries(['Softmax', 'LogSoftmax'].map((op): [string, Case] => [op, (d) => {
    const shape = sizes(d, 1, 4, 1, 2, 3, 5, 8, 33, 70, 130)
    const opset = d.opset(9)
    return node(d, op, opset, [normal(shape)], { axis: int(opset < 11 ? d.int(0, shape.length - 1) : d.axis(shape.length)) })
  }])),
  Concat: (d) => {
    const shape = d.shape(1, 5, 5)
    const axis = d.int(0, shape.length - 1)
    return node(d, 'Concat', d.opset(11), d.list(d.pick(1, 2, 3, 5, 9, 20), () => normal(shape.map((n, i) => (i === axis ? d.int(1, 5) : n)))), { axis: int(axis) })
  },
  Split: (d) => {
    const shape = d.shape(1, 5, 5)
    const axis = d.int(0, shape.length - 1)
    const parts = d.list(d.pick(1, 2, 3, 6, 7, 8, 12), () => d.int(1, 4))
    return node(d, 'Split', d.opset(13), [normal(shape.map((n, i) => (i === axis ? parts.reduce((a, b) => a + b) : n))), vector(...parts)], { axis: int(axis) }, { count: parts.length })
  },
  Slice: (d) => {
    const shape = d.shape(1, 5, 7)
    const axes = d.order(shape.length).slice(0, d.int(1, shape.length))
    const cuts = axes.map((a) => {
      const n = shape[a]!
      const [from, step] = [d.int(0, n - 1), d.int(1, 3)]
      const start = d.bool() ? from : from - n
      return d.bool() ? { start, end: d.pick(2 ** 40, 2 ** 31 - 1, n, d.int(from + 1, n)), step } : { start: d.pick(start, n + 3), end: d.pick(-(2 ** 31), -n - 1, ...(from > 0 ? [0, from - 1, from - 1 - n] : [])), step: -step }
    })
    return node(d, 'Slice', d.opset(10), [normal(shape), vector(...cuts.map((c) => c.start)), vector(...cuts.map((c) => c.end)), vector(...axes), vector(...cuts.map((c) => c.step))])
  },
  Pad: (d) => {
    const shape = d.list(d.int(1, 5), () => d.int(3, 6))
    const mode = d.pick('constant', 'reflect', 'edge')
    return node(d, 'Pad', d.opset(11), [normal(shape), vector(...d.list(2 * shape.length, () => d.int(mode === 'constant' ? -1 : 0, 2)))], { mode: text(mode) })
  },
  Transpose: (d) => {
    const shape = d.pick(d.list(2, () => d.int(15, 70)), sizes(d, 2, 6, 1, 2, 3, 4, 5))
    return node(d, 'Transpose', d.opset(7), [normal(shape)], { perm: ints(d.order(shape.length)) })
  },
  Expand: (d) => {
    const shape = sizes(d, 1, 5, 1, 2, 4, 5, 8)
    return node(d, 'Expand', d.opset(8), [normal(d.broadcast(shape).map((n) => (d.bool() ? n : 1))), vector(...shape)])
  },
  Add: (d) => arithmetic(d, 'Add'),
  Mul: (d) => arithmetic(d, 'Mul'),
  Sub: (d) => arithmetic(d, 'Sub'),
  BatchNormalization: (d) => {
    const c = d.int(1, 18)
    const fixed = d.bool()
    const positive = () => (fixed ? randomReal(d, [c], 0.5, 1.5) : { shape: [c], values: (r: { uniform(a: number, b: number): number }) => r.uniform(0.5, 1.5) })
    return node(d, 'BatchNormalization', d.opset(9), [normal([d.int(1, 3), c, ...d.shape(0, 3, 6)]), positive(), positive(), positive(), positive()])
  },
  InstanceNormalization: (d) => {
    const c = d.int(1, 18)
    return node(d, 'InstanceNormalization', d.opset(7), [normal([d.int(1, 3), c, ...d.list(d.int(1, 3), () => d.int(2, 9))]), weight(d, d.bool(), [c]), weight(d, d.bool(), [c])])
  },
  LayerNormalization: (d) => {
    const shape = sizes(d, 1, 4, 2, 3, 4, 5, 8, 12, 33, 64)
    const axis = d.int(0, shape.length - 1)
    return node(d, 'LayerNormalization', d.opset(17), [normal(shape), weight(d, d.bool(), shape.slice(axis)), ...(d.bool() ? [weight(d, d.bool(), shape.slice(axis))] : [])], { axis: int(axis), epsilon: float(0.01) })
  },
  LSTM: (d) => layer(d, 'LSTM', 4),
  GRU: (d) => layer(d, 'GRU', 3),
}

function pool(d: Draw, op: string, since: number, dilated: boolean, more: Attributes = {}): ReturnType<Case> {
  const opset = d.opset(since)
  const at = windows(d)
  // More than a hundred elements in a window are shared out among threads.
  const kernel = d.int(0, 3) ? at.kernel : at.kernel.map((_, i) => [160, 1, 1].slice(0, at.kernel.length).map((v) => v)[i]!)
  const large = kernel !== at.kernel
  const dilations = kernel.map((_, i) => (dilated && !large ? at.dilations[i]! : 1))
  const spatial = kernel.map((k, i) => (k - 1) * dilations[i]! + 1 + d.int(0, 6))
  const pads = at.pads.map((p, i) => Math.min(p, kernel[i % kernel.length]! - 1))
  const where: Attributes = d.int(0, 3) ? { pads: ints(pads), ceil_mode: int(d.int(0, 1)) } : { auto_pad: text(d.pick('SAME_UPPER', 'SAME_LOWER', 'VALID')) }
  return node(d, op, opset, [normal([d.int(1, 2), d.int(1, 5), ...spatial])], { kernel_shape: ints(kernel), strides: ints(at.strides), ...(dilations.some((v) => v > 1) ? { dilations: ints(dilations) } : {}), ...where, ...more })
}

function arithmetic(d: Draw, op: string): ReturnType<Case> {
  const shape = sizes(d, 1, 5, 1, 2, 3, 4, 5, 8)
  const side = () => (d.bool() ? shape : d.broadcast(shape))
  return node(d, op, d.opset(7), [normal(side()), weight(d, d.bool(), side())])
}

function layer(d: Draw, op: string, gates: number): ReturnType<Case> {
  const [length, batch, width, hidden] = [d.int(1, 4), d.int(1, 4), d.int(1, 9), d.int(1, 12)]
  const direction = d.pick('forward', 'reverse', 'bidirectional')
  const directions = direction === 'bidirectional' ? 2 : 1
  const fixed = d.bool()
  return node(d, op, d.opset(7), [normal([length, batch, width]), weight(d, fixed, [directions, gates * hidden, width]), weight(d, fixed, [directions, gates * hidden, hidden]), randomReal(d, [directions, 2 * gates * hidden])], {
    hidden_size: int(hidden), direction: text(direction), ...(op === 'GRU' ? { linear_before_reset: int(d.int(0, 1)) } : {}),
  })
}

/** One node whose inputs are all fed, of whatever types; answers are compared. */
export interface Typed {
  op: string
  opset: number
  attributes: Attributes
  inputs: Tensor[]
  /** Inputs that are part of the model, by their place. */
  fixed: number[]
  outputs: DType[]
}

const whole = (d: Draw, dtype: DType, shape: Shape, low: number, high: number): Tensor => {
  const values = d.list(sizeOf(shape), () => d.int(low, high))
  if (dtype === 'float32') return float32(shape, values)
  if (dtype === 'int64') return int64(shape, values)
  return dtype === 'int32' ? tensor('int32', shape, Int32Array.from(values)) : dtype === 'int8' ? tensor('int8', shape, Int8Array.from(values)) : tensor(dtype as 'uint8', shape, Uint8Array.from(values))
}
const typed = (op: string, opset: number, inputs: Tensor[], outputs: DType[], attributes: Attributes = {}, fixed: number[] = []): Typed => ({ op, opset, inputs, outputs, attributes, fixed })

export const typedCases: Record<string, (d: Draw) => Typed> = {
  Where: (d) => {
    const shape = d.shape(1, 5, 5)
    const dtype = d.pick<DType>('float32', 'int64', 'int32')
    const side = () => (d.bool() ? shape : d.broadcast(shape))
    return typed('Where', d.opset(16), [whole(d, 'bool', side(), 0, 1), whole(d, dtype, side(), -9, 9), whole(d, dtype, side(), -9, 9)], [dtype])
  },
  Comparison: (d) => {
    const shape = d.shape(1, 5, 5)
    const dtype = d.pick<DType>('float32', 'int64', 'int32')
    const side = () => (d.bool() ? shape : d.broadcast(shape))
    return typed(d.pick('Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'), d.opset(16), [whole(d, dtype, side(), -2, 2), whole(d, dtype, side(), -2, 2)], ['bool'])
  },
  Logic: (d) => {
    const shape = d.shape(1, 4, 5)
    return typed(d.pick('And', 'Or', 'Xor'), d.opset(7), [whole(d, 'bool', shape, 0, 1), whole(d, 'bool', d.broadcast(shape), 0, 1)], ['bool'])
  },
  'Arithmetic of integers': (d) => {
    const shape = d.shape(1, 4, 5)
    const dtype = d.pick<DType>('int64', 'int32')
    const op = d.pick('Add', 'Sub', 'Mul', 'Div', 'Mod', 'Max', 'Min')
    const side = () => (d.bool() ? shape : d.broadcast(shape))
    return typed(op, d.opset(14), [whole(d, dtype, side(), op === 'Div' ? 0 : -9, 9), whole(d, dtype, side(), op === 'Div' || op === 'Mod' ? 1 : -9, 9)], [dtype])
  },
  Cast: (d) => {
    const from = d.pick<DType>('float32', 'int64', 'int32', 'bool', 'uint8', 'int8')
    const to = d.pick<DType>('float32', 'int64', 'int32', 'bool', 'uint8', 'int8')
    const signed = !['uint8', 'bool'].includes(from) && to !== 'uint8'
    return typed('Cast', d.opset(13), [whole(d, from, d.shape(1, 4, 7), signed ? -9 : 0, from === 'bool' ? 1 : 9)], [to], { to: int(dataTypeNumbers[to]) })
  },
  Pow: (d) => {
    const shape = d.shape(1, 3, 5)
    return typed('Pow', d.opset(15), [whole(d, 'float32', shape, -3, 3), whole(d, 'float32', d.bool() ? [] : shape, 0, 4)], ['float32'], {}, d.bool() ? [1] : [])
  },
  Gather: (d) => {
    const shape = d.shape(1, 5, 6)
    const axis = d.int(0, shape.length - 1)
    const dtype = d.pick<DType>('float32', 'int64', 'int32')
    return typed('Gather', d.opset(13), [whole(d, dtype, shape, -9, 9), d.indices(d.shape(0, 2, 4), shape[axis]!)], [dtype], { axis: int(axis) }, d.bool() ? [1] : [])
  },
  GatherElements: (d) => {
    const shape = d.shape(1, 4, 6)
    const axis = d.int(0, shape.length - 1)
    return typed('GatherElements', d.opset(13), [whole(d, 'float32', shape, -9, 9), d.indices(shape.map((n) => d.int(1, n)), shape[axis]!)], ['float32'], { axis: int(axis) }, d.bool() ? [1] : [])
  },
  ScatterElements: (d) => {
    const shape = d.shape(1, 4, 6)
    const axis = d.int(0, shape.length - 1)
    const at = shape.map((n, i) => (i === axis ? 1 : d.int(1, n)))
    return typed('ScatterElements', d.opset(18), [whole(d, 'float32', shape, -9, 9), d.indices(at, shape[axis]!), whole(d, 'float32', at, -9, 9)], ['float32'], { axis: int(axis), reduction: text(d.pick('none', 'add', 'max', 'min')) }, d.bool() ? [1] : [])
  },
  ArgMax: (d) => {
    const shape = sizes(d, 1, 4, 1, 2, 5, 9, 70)
    return typed(d.pick('ArgMax', 'ArgMin'), d.opset(13), [whole(d, 'float32', shape, -4, 4)], ['int64'], { axis: int(d.axis(shape.length)), keepdims: int(d.int(0, 1)), select_last_index: int(d.int(0, 1)) })
  },
  TopK: (d) => {
    const shape = d.shape(1, 4, 12)
    const axis = d.axis(shape.length)
    const values = float32(shape, d.order(sizeOf(shape)))
    return typed('TopK', d.opset(11), [values, vector(d.int(1, shape.at(axis)!))], ['float32', 'int64'], { axis: int(axis), largest: int(d.int(0, 1)) }, [1])
  },
  CumSum: (d) => {
    const shape = sizes(d, 1, 4, 1, 2, 5, 9, 70)
    return typed('CumSum', d.opset(11), [whole(d, 'float32', shape, -9, 9), int64([], [d.axis(shape.length)])], ['float32'], { exclusive: int(d.int(0, 1)), reverse: int(d.int(0, 1)) }, [1])
  },
  Tile: (d) => {
    const shape = d.shape(1, 5, 4)
    return typed('Tile', d.opset(13), [whole(d, 'float32', shape, -9, 9), vector(...shape.map(() => d.int(1, 3)))], ['float32'], {}, [1])
  },
  'Movement of integers': (d) => {
    const shape = d.shape(2, 4, 5)
    const dtype = d.pick<DType>('int64', 'int32', 'bool')
    const x = whole(d, dtype, shape, 0, 1)
    return d.bool() ? typed('Transpose', d.opset(13), [x], [dtype], { perm: ints(d.order(shape.length)) }) : typed('Concat', d.opset(13), [x, x], [dtype], { axis: int(d.axis(shape.length)) })
  },
  'Sum of integers': (d) => {
    const shape = d.shape(1, 4, 5)
    const dtype = d.pick<DType>('int64', 'int32', 'float32')
    return typed('ReduceSum', d.opset(13), [whole(d, dtype, shape, -9, 9), vector(...d.axes(shape.length, 1))], [dtype], { keepdims: int(d.int(0, 1)) }, [1])
  },
  DequantizeLinear: (d) => {
    const shape = [d.int(1, 3), d.int(1, 5), d.int(1, 6)]
    const [dtype, low, high] = d.pick<[DType, number, number]>(['uint8', 0, 255], ['int8', -128, 127])
    const each = d.bool() ? [shape[1]!] : []
    return typed('DequantizeLinear', d.opset(13), [whole(d, dtype, shape, low, high), float32(each, d.list(sizeOf(each), () => d.int(1, 9) / 8)), whole(d, dtype, each, low, high)], ['float32'], { axis: int(1) }, d.bool() ? [1, 2] : [])
  },
  OneHot: (d) => {
    const depth = d.int(2, 6)
    const shape = d.shape(1, 3, 4)
    return typed('OneHot', d.opset(11), [d.indices(shape, depth, false), int64([], [depth]), float32([2], [0.25, 2])], ['float32'], { axis: int(d.int(-1, shape.length)) }, [1, 2])
  },
}
