/**
 * Behind convolutions of constant weights gradients are written so that ONNX Runtime keeps its own layout. The same
 * network whose weights are inputs is differentiated the plain way: both gradients, and finite differences, agree.
 */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { inBlocks } from '../../../src/engine/autodiff/primitives/blocked-layout'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { add, averagePool, clip, concat, conv, mul, reduceSum, relu, sigmoid, square } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

type Weights = (name: string, shape: Shape) => Value

const drawn = (seed: string, shape: Shape, scale = 1): Tensor<'float32'> => {
  const random = new Random(seed)
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => scale * random.normal()))
}

const convolution = (g: GraphBuilder, w: Weights, x: Value, name: string, channels: number, kernel: number, group = 1): Value =>
  conv(g, x, w(name, [channels, x.shape[1]! / group, kernel, kernel]), w(`${name}.bias`, [channels]), { pads: Array<number>(4).fill(kernel >> 1), group })

function normalised(g: GraphBuilder, x: Value): Value {
  const channels = x.shape[1]!
  const vector = (name: string) => g.constant(float32([channels], drawn(name, [channels]).data.map((v) => 1 + 0.3 * v)))
  const variance = g.constant(float32([channels], drawn('variance', [channels]).data.map((v) => 0.5 + v * v)))
  return g.op('BatchNormalization', [x, vector('scale'), vector('bias'), vector('mean'), variance])
}

const networks: Record<string, (g: GraphBuilder, w: Weights, x: Value) => Value> = {
  'Relu and a sum of two ways': (g, w, x) => {
    const a = relu(g, convolution(g, w, x, 'a', 32, 3))
    const b = relu(g, add(g, convolution(g, w, a, 'b', 32, 3), a))
    return convolution(g, w, b, 'c', 16, 1)
  },
  'Relu6 between depthwise convolutions': (g, w, x) => {
    const a = clip(g, convolution(g, w, x, 'a', 32, 1), 0, 6)
    return convolution(g, w, clip(g, convolution(g, w, a, 'b', 32, 3, 32), 0, 6), 'c', 16, 1)
  },
  Swish: (g, w, x) => {
    const a = convolution(g, w, x, 'a', 16, 3)
    const b = convolution(g, w, mul(g, a, sigmoid(g, a)), 'b', 16, 3)
    // Either order of the operands.
    return convolution(g, w, mul(g, sigmoid(g, b), b), 'c', 16, 1)
  },
  'normalisation, Relu, convolution, laid beside what came before': (g, w, x) => {
    const a = convolution(g, w, x, 'a', 16, 3)
    const b = convolution(g, w, relu(g, normalised(g, a)), 'b', 16, 3)
    return averagePool(g, convolution(g, w, relu(g, normalised(g, concat(g, [a, b], 1))), 'c', 16, 1), 2)
  },
  'channels that fill no block': (g, w, x) => convolution(g, w, relu(g, convolution(g, w, x, 'a', 12, 3)), 'c', 5, 1),
}

const shape = [2, 16, 6, 8]

/** Loss and gradient of a network, with its weights as constants or as inputs. */
async function compiled(network: (g: GraphBuilder, w: Weights, x: Value) => Value, constant: boolean) {
  const g = new GraphBuilder()
  const x = g.input('x', shape)
  const feeds: Record<string, Tensor> = {}
  const weight = (name: string, of: Shape): Value => {
    const value = drawn(name, of, name.endsWith('bias') ? 0.5 : 1 / Math.sqrt(sizeOf(of.slice(1))))
    if (constant) return g.constant(value)
    feeds[`weight ${name}`] = value
    return g.input(`weight ${name}`, of)
  }
  const y = network(g, weight, x)
  const loss = reduceSum(g, mul(g, y, g.constant(drawn('projection', y.shape))))
  g.output('loss', loss)
  g.output('dx', gradient(g, loss, [x])[0]!)
  const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
  return {
    release: () => session.release(),
    run: async (at: Tensor<'float32'>) => {
      const found = await session.run({ ...feeds, x: at })
      return { loss: Number(found.loss!.data[0]), dx: Array.from(found.dx!.data as Float32Array) }
    },
  }
}

const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, e) => sum + e * e, 0))

describe('gradients in the layout of the convolutions', () => {
  for (const [name, network] of Object.entries(networks))
    it(name, async () => {
      const [blocked, plain] = await Promise.all([compiled(network, true), compiled(network, false)])
      const x = drawn('x', shape, 2)
      const found = await blocked.run(x)
      const expected = (await plain.run(x)).dx
      expect(norm(found.dx.map((v, i) => v - expected[i]!)) / norm(expected)).toBeLessThan(1e-5)
      // Along the gradient itself, where a difference of losses is largest.
      const h = 1e-3 / norm(found.dx)
      const moved = async (by: number) => (await blocked.run(float32(shape, x.data.map((v, i) => v + by * found.dx[i]!)))).loss
      expect(((await moved(h)) - (await moved(-h))) / (2 * h) / norm(found.dx) ** 2).toBeCloseTo(1, 1)
      await Promise.all([blocked.release(), plain.release()])
    })

  it('Relu6 has no slope at its bounds, as in PyTorch', async () => {
    const g = new GraphBuilder()
    const x = g.input('x', [1, 16, 1, 5])
    const identity = g.constant(float32([16, 16, 1, 1], Array.from({ length: 256 }, (_, i) => Number(i % 17 === 0))))
    g.output('dx', gradient(g, reduceSum(g, clip(g, conv(g, x, identity), 0, 6)), [x])[0]!)
    const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
    const row = [-1, 0, 3, 6, 7]
    const { dx } = await session.run({ x: float32([1, 16, 1, 5], Array.from({ length: 16 }, () => row).flat()) })
    expect(Array.from(dx!.data as Float32Array)).toEqual(Array.from({ length: 16 }, () => [0, 0, 1, 0, 0]).flat())
    await session.release()
  })

  it('a gradient of the gradient is one too', async () => {
    const g = new GraphBuilder()
    const x = g.input('x', [4])
    const dx = gradient(g, reduceSum(g, square(g, relu(g, x))), [x])[0]!
    g.output('ddx', gradient(g, reduceSum(g, square(g, dx)), [x])[0]!)
    const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
    // dx = 2·relu(x), and the gradient of Σ dx² is 8·relu(x).
    const { ddx } = await session.run({ x: float32([4], [-1, 0, 0.5, 1e-20]) })
    expect(Array.from(ddx!.data as Float32Array)).toEqual(Array.from(Float32Array.of(0, 0, 4, 8e-20)))
    await session.release()
  })
})

describe('where the layout holds', () => {
  const g = new GraphBuilder()
  const x = g.input('x', [1, 16, 4, 4])
  const weights = (co: number) => g.constant(drawn('w', [co, 16, 1, 1]))
  const blocked = conv(g, x, weights(16))

  it('behind a convolution of whole blocks and constant weights, and what keeps it', () => {
    expect([blocked, relu(g, blocked), add(g, blocked, relu(g, blocked)), concat(g, [blocked, blocked], 1)].map((v) => inBlocks(g, v))).toEqual([true, true, true, true])
  })
  it('not at an input, of weights that are inputs, of channels that fill no block, or where something broadcasts', () => {
    const learned = conv(g, x, g.input('w', [16, 16, 1, 1]))
    const gate = conv(g, g.op('GlobalAveragePool', [x]), weights(16))
    expect([x, learned, conv(g, x, weights(12)), mul(g, blocked, gate)].map((v) => inBlocks(g, v))).toEqual([false, false, false, false])
  })
})
