import { totalmem } from 'node:os'
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { add, concat, exp, mul, reduceSum, relu, reshape } from '../../../src/engine/onnx/ops'
import { batchWithin, memoryBudget, peakMemory } from '../../../src/engine/runtime/memory'
import { float32 } from '../../../src/engine/tensor/tensor'

/** Bytes of so many single-precision numbers. */
const floats = (count: number) => 4 * count

describe('the peak of a graph’s memory', () => {
  it('counts input and output all the time, and of a chain two neighbours at a time', () => {
    const g = new GraphBuilder()
    let v = g.input('x', [10])
    for (let i = 0; i < 5; i++) v = relu(g, v)
    g.output('y', v)
    // x and y, and in the middle of the chain one value that is read and one that is written.
    expect(peakMemory(g)).toBe(floats(10 + 10 + 10 + 10))
  })

  it('counts what is kept for a later node', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [10])
    const kept = exp(g, x)
    const wide = concat(g, [relu(g, kept), kept, kept], 0)
    g.output('y', add(g, reduceSum(g, wide, [0], true), kept))
    // While the three are laid side by side: x, the kept one, the one just computed, all three together, and y.
    expect(peakMemory(g)).toBe(floats(10 + 10 + 10 + 30 + 10) + 8)
  })

  it('counts constants that are read, once, and no others', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [4])
    const c = g.constant(float32([4], [1, 2, 3, 4]))
    g.constant(float32([1000], new Float32Array(1000)))
    g.output('y', mul(g, add(g, x, c), c))
    expect(peakMemory(g)).toBe(floats(4 + 4 + 4 + 4))
  })

  it('takes a reshaped value for the same memory, alive as long as either is read', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [2, 3])
    const flat = reshape(g, exp(g, x), [6])
    const other = exp(g, exp(g, reshape(g, x, [6])))
    g.output('y', add(g, flat, other))
    // x and y; the reshaped one waits while the other two are computed one from the other; 8 bytes of the shape.
    expect(peakMemory(g)).toBe(floats(6 + 6 + 6 + 6 + 6) + 8)
  })

  it('leaves out nodes that no output needs', () => {
    const g = new GraphBuilder()
    const x = g.input('x', [10])
    exp(g, concat(g, Array.from({ length: 50 }, () => x), 0))
    g.output('y', relu(g, x))
    expect(peakMemory(g)).toBe(floats(20))
  })

  it('is larger with a backward graph, which keeps the activations', () => {
    const forward = new GraphBuilder()
    const both = new GraphBuilder()
    for (const g of [forward, both]) {
      const x = g.input('x', [100])
      let v = x
      for (let i = 0; i < 10; i++) v = exp(g, v)
      const loss = reduceSum(g, v)
      g.output('loss', loss)
      if (g === both) g.output('dx', gradient(g, loss, [x])[0]!)
    }
    expect(peakMemory(forward)).toBeLessThan(floats(350))
    expect(peakMemory(both)).toBeGreaterThan(floats(1100))
  })
})

describe('the batch that fits', () => {
  /** Three values of 100 numbers per image. */
  const build = (batch: number) => {
    const g = new GraphBuilder()
    g.output('y', relu(g, exp(g, g.input('x', [batch, 100]))))
    return g
  }

  it('is the wanted one where there is room', () => expect(batchWithin(floats(3 * 100 * 16), 16, build)).toBe(16))
  it('is the largest below the budget where there is not', () => {
    expect(batchWithin(floats(3 * 100 * 16) - 1, 16, build)).toBe(15)
    expect(batchWithin(floats(3 * 100 * 5 + 299), 64, build)).toBe(5)
  })
  it('is one image where not even that fits', () => expect(batchWithin(1, 16, build)).toBe(1))
  it('is within the budget also where memory does not grow in a straight line', () => {
    const square = (batch: number) => build(batch * batch)
    const found = batchWithin(floats(3 * 100 * 30), 20, square)
    expect(peakMemory(square(found))).toBeLessThanOrEqual(floats(3 * 100 * 30))
    expect(found).toBeGreaterThanOrEqual(1)
  })
})

it('the budget is a part of the machine’s memory', () => {
  expect(memoryBudget()).toBeGreaterThan(2 ** 26)
  expect(memoryBudget()).toBeLessThanOrEqual(totalmem())
})
