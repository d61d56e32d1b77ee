/** Which graphs share a decision about their provider. */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { modelKey } from '../../../src/engine/devices/model-key'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { matMul, reduceSum, sigmoid, square } from '../../../src/engine/onnx/ops'
import { float32 } from '../../../src/engine/tensor/tensor'

function graph({ batch = 2, weight = 1, backward = false, fed = false }): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('x', [batch, 10])
  const w = fed ? g.input('w', [10, 10]) : g.constant(float32([10, 10], Float32Array.from({ length: 100 }, (_, i) => weight * Math.sin(i))))
  const y = sigmoid(g, matMul(g, x, w))
  g.output('y', backward ? gradient(g, reduceSum(g, square(g, y)), [x])[0]! : y)
  return g.toBytes()
}

describe('the key of a model', () => {
  it('is the same for every batch size, and another one for other weights or with a gradient', () => {
    expect(modelKey(graph({ batch: 16 }))).toBe(modelKey(graph({})))
    expect(modelKey(graph({ weight: 1.5 }))).not.toBe(modelKey(graph({})))
    expect(modelKey(graph({ backward: true }))).not.toBe(modelKey(graph({})))
    expect(modelKey(graph({ backward: true, batch: 4 }))).toBe(modelKey(graph({ backward: true })))
  })

  it('tells everything apart where weights are fed in, and takes bytes that are no model', () => {
    expect(modelKey(graph({ fed: true, batch: 3 }))).not.toBe(modelKey(graph({ fed: true })))
    expect(modelKey(graph({ fed: true }))).toBe(modelKey(graph({ fed: true })))
    expect(modelKey(Uint8Array.of(1, 2, 3))).toMatch(/^[0-9a-f]{64}$/)
  })
})
