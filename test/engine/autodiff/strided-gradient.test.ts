/**
 * Gradients through strided convolutions, and by images of few channels, written as convolutions. The same network
 * whose weights are inputs is differentiated the plain way (ConvTranspose); geometries are drawn at random.
 */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { conv, mul, reduceSum, relu } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

const drawn = (seed: string, shape: Shape, scale = 1): Tensor<'float32'> => {
  const random = new Random(seed)
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => scale * random.normal()))
}

interface Layer {
  channels: number
  kernel: readonly [number, number]
  strides: readonly [number, number]
  pads: readonly number[]
  relu: boolean
}

const square = (channels: number, k: number, s: number, p: number): Layer => ({ channels, kernel: [k, k], strides: [s, s], pads: [p, p, p, p], relu: true })

/** The gradient of a random projection of the last layer by the image, and the operators that compute it. */
async function gradientOf(layers: readonly Layer[], shape: Shape, constant: boolean): Promise<{ dx: Float32Array; operators: string[] }> {
  const g = new GraphBuilder()
  const x = g.input('x', shape)
  const feeds: Record<string, Tensor> = { x: drawn('x', shape, 2) }
  let v: Value = x
  layers.forEach(({ channels, kernel, strides, pads, relu: behind }, i) => {
    const of = [channels, v.shape[1]!, ...kernel]
    const weights = drawn(`weights ${i}`, of, 1 / Math.sqrt(sizeOf(of.slice(1))))
    if (!constant) feeds[`w${i}`] = weights
    v = conv(g, v, constant ? g.constant(weights) : g.input(`w${i}`, of), g.constant(drawn(`bias ${i}`, [channels], 0.5)), { strides, pads })
    if (behind) v = relu(g, v)
  })
  const before = g.nodes.length
  g.output('dx', gradient(g, reduceSum(g, mul(g, v, g.constant(drawn('projection', v.shape)))), [x])[0]!)
  const { nodes } = g.needed()
  const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
  const { dx } = await session.run(feeds)
  await session.release()
  return { dx: dx!.data as Float32Array, operators: nodes.filter((node) => g.nodes.indexOf(node) >= before).map((node) => node.op) }
}

async function expectSame(layers: readonly Layer[], shape: Shape): Promise<string[]> {
  const [blocked, plain] = [await gradientOf(layers, shape, true), await gradientOf(layers, shape, false)]
  const largest = plain.dx.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  expect(largest).toBeGreaterThan(0)
  expect(blocked.dx.reduce((m, v, i) => Math.max(m, Math.abs(v - plain.dx[i]!)), 0) / largest, JSON.stringify({ shape, layers })).toBeLessThan(1e-5)
  return blocked.operators
}

describe('gradients of strided convolutions', () => {
  it('of a stem and layers of stride 2, from phase to phase, need no ConvTranspose', async () => {
    const operators = await expectSame([square(16, 3, 1, 1), square(32, 3, 2, 1), square(16, 3, 2, 1)], [2, 1, 16, 24])
    expect(operators).not.toContain('ConvTranspose')
    expect(operators).toContain('DepthToSpace')
  })

  it('of a wide stem of stride 2 and three channels', async () => {
    expect(await expectSame([square(16, 7, 2, 3), square(16, 3, 1, 1)], [1, 3, 16, 16])).not.toContain('ConvTranspose')
  })

  it('where sizes are no multiples, or no output sees a pixel, are a ConvTranspose as before', async () => {
    expect(await expectSame([square(16, 3, 1, 1), square(16, 3, 2, 1)], [1, 2, 7, 8])).toContain('ConvTranspose')
    expect(await expectSame([square(16, 3, 1, 1), square(16, 1, 2, 0)], [1, 2, 8, 8])).toContain('ConvTranspose')
  })

  it('are right for any kernel, stride and padding', async () => {
    const random = new Random('geometries')
    const pick = <T>(...from: T[]): T => from[random.integer(from.length)]!
    const pair = (draw: () => number): [number, number] => [draw(), draw()]
    let rewritten = 0
    for (let round = 0; round < 50; round++) {
      const shape = [pick(1, 2), pick(1, 2, 3, 5, 16), 12 * pick(1, 2), 12 * pick(1, 2)]
      const layers = Array.from({ length: pick(1, 2, 2) }, (): Layer => {
        const kernel = pair(() => pick(1, 2, 3, 3, 4, 5))
        // Half of them so that sizes stay whole multiples.
        const begin = kernel.map((k) => (k - 1) >> 1)
        const pads = pick(true, false) ? [...begin, ...kernel.map((k, i) => k - 1 - begin[i]!)] : [0, 0, 0, 0].map(() => pick(0, 1, 1, 2))
        return { channels: pick(16, 32), kernel, strides: pair(() => pick(1, 1, 2, 2, 3)), pads, relu: pick(true, true, false) }
      })
      const operators = await expectSame(layers, shape)
      if (layers.some(({ strides }) => Math.max(...strides) > 1) && !operators.includes('ConvTranspose')) rewritten++
    }
    expect(rewritten).toBeGreaterThan(5)
  })
})
