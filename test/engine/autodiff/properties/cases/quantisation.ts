/**
 * Quantised numbers. Rounding has no slope, so what is differentiated numerically is the same computation without it:
 * the straight-through estimator says that this is the gradient.
 */
import { int } from '../../../../../src/engine/onnx/model'
import { clip, mul, reshape } from '../../../../../src/engine/onnx/ops'
import { float32, tensor, type Tensor } from '../../../../../src/engine/tensor/tensor'
import { away, between, given, normal, type Cases, type Draw } from '../draw'
import type { Drawn } from '../harness'

export interface Quantised {
  scale: Tensor
  zero: Tensor
  low: number
  high: number
}

const zeroPoint = (dtype: 'uint8' | 'int8', shape: number[], value: number): Tensor =>
  dtype === 'uint8' ? tensor('uint8', shape, Uint8Array.from({ length: shape[0] ?? 1 }, () => value)) : tensor('int8', shape, Int8Array.from({ length: shape[0] ?? 1 }, () => value))

/** Parameters whose range of real numbers is [low, high]. */
export function parameters(d: Draw, dtype: 'uint8' | 'int8' = d.pick('uint8', 'int8')): Quantised {
  const scale = Math.fround(d.pick(0.01, 0.015, 0.02))
  const zero = dtype === 'uint8' ? d.int(100, 150) : d.int(-20, 20)
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127]
  return { scale: float32([], [scale]), zero: zeroPoint(dtype, [], zero), low: (least - zero) * scale, high: (most - zero) * scale }
}

/** Quantised, then taken back: the pair that exporters write around every operator. */
export function pair(d: Draw, opset: number): Drawn {
  const q = parameters(d)
  const shape = d.shape(1, 4)
  const axis = opset >= 13 && shape.length > 1 && d.bool() ? d.int(0, shape.length - 1) : undefined
  const count = axis === undefined ? 0 : shape[axis]!
  const dtype = q.zero.dtype as 'uint8' | 'int8'
  const scales = axis === undefined ? q.scale : float32([count], d.list(count, (i) => Math.fround(0.01 * (1 + (i % 2)))))
  const zero = axis === undefined ? q.zero : zeroPoint(dtype, [count], 0)
  const attributes = axis === undefined ? {} : { axis: int(axis) }
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127]
  return {
    opset,
    nodes: [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'], attributes: given(attributes) },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'], attributes: given(attributes) },
    ],
    free: { x: axis === undefined ? away(q.low, q.high)(shape, 1.5) : between(dtype === 'uint8' ? 0.1 : -1, 1)(shape) },
    constants: { s: scales, z: zero },
    outputs: ['y'],
    seed: d.seed(),
    // Of a position that is exactly halfway.
    step: 0.0202,
    surrogate: (g, { x }) => {
      if (axis === undefined) return [clip(g, x!, q.low, q.high)]
      const size = shape.map((_, i) => (i === axis ? count : 1))
      const scale = reshape(g, g.constant(scales), size)
      return [mul(g, clip(g, g.op('Div', [x!, scale]), least, most), scale)]
    },
  }
}

export const quantisation: Cases = {
  QuantizeLinear: (d) => pair(d, d.opset(10)),
  DequantizeLinear: (d) => pair(d, d.opset(10)),
  DynamicQuantizeLinear: (d) => ({
    opset: d.opset(11),
    nodes: [
      { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'z'] },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] },
    ],
    free: { x: normal(d.shape(1, 3)) },
    constants: {},
    outputs: ['y'],
    seed: d.seed(),
    forward: 0.02,
    surrogate: (g, { x }) => [g.op('Identity', [x!])],
  }),
}
