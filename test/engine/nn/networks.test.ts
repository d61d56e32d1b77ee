/** The two networks: shapes at every size, parameters, and the gradient of the whole purifier objective. */
import { describe, expect, it } from 'vitest'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { residualClassifier } from '../../../src/engine/nn/classifier'
import { ParameterLayout, type ParameterSource } from '../../../src/engine/nn/parameters'
import { denoisingAutoencoder, purified } from '../../../src/engine/nn/purifier'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { makePhantom, phantomKinds } from '../../../src/engine/phantom/phantom'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, sizeOf, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'
import { purifierObjective, type PurifierLoss } from '../../../src/engine/training/purifier-objective'

const random = new Random('networks')
const images = (shape: Shape): Tensor<'float32'> => float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => random.next()))
type Network = (g: GraphBuilder, p: ParameterSource, x: Value) => Value

async function run(network: Network, x: Tensor<'float32'>, seed = 1): Promise<Tensor> {
  const layout = ParameterLayout.of((g, p) => network(g, p, g.input('x', x.shape)))
  const g = new GraphBuilder()
  g.output('y', network(g, layout.constants(g, layout.initialise(seed)), g.input('x', x.shape)))
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const { y } = await session.run({ x })
  await session.release()
  return y!
}

describe('classifier', () => {
  for (const [size, channels, width, blocks, classes] of [[32, 1, 4, 1, 2], [48, 3, 8, 1, 5], [64, 1, 6, 2, 3], [160, 1, 4, 1, 2]] as const)
    it(`${channels} × ${size} × ${size}, width ${width}, ${blocks} blocks: one row of ${classes} finite logits per image`, async () => {
      const y = await run((g, p, x) => residualClassifier(g, p, x, { classes, width, blocks }), images([2, channels, size, size]))
      expect([...y.shape]).toEqual([2, classes])
      for (const v of y.data as Float32Array) expect(Math.abs(v)).toBeLessThan(10)
    })

  it('convolves with weights of mean 0 and variance gain²/fan-in in every output channel', async () => {
    const layout = ParameterLayout.of((g, p) => residualClassifier(g, p, g.input('x', [1, 1, 32, 32]), { classes: 2, width: 8, blocks: 1 }))
    const g = new GraphBuilder()
    const shifted = layout.initialise(5).map((v) => 3 * v + 0.7)
    residualClassifier(g, layout.constants(g, shifted), g.input('x', [1, 1, 32, 32]), { classes: 2, width: 8, blocks: 1 })
    const kernels = g.nodes.filter((n) => n.op === 'Conv').map((n) => n.inputs[1]!)
    kernels.forEach((w, i) => g.output(`w${i}`, w))
    const session = await createSession(g.toBytes(), { provider: 'cpu' })
    const result = await session.run({ x: images([1, 1, 32, 32]) })
    await session.release()
    expect(kernels.length).toBeGreaterThan(8)
    const gains = new Set<string>()
    kernels.forEach(({ shape }, i) => {
      const fanIn = sizeOf(shape.slice(1))
      const data = Array.from(result[`w${i}`]!.data as Float32Array)
      for (let channel = 0; channel < shape[0]!; channel++) {
        const row = data.slice(channel * fanIn, (channel + 1) * fanIn)
        const mean = row.reduce((a, b) => a + b, 0) / fanIn
        expect(Math.abs(mean) * Math.sqrt(fanIn)).toBeLessThan(1e-4)
        const variance = row.reduce((a, v) => a + (v - mean) ** 2, 0) / fanIn
        // Every learned gain is 3 · 1 + 0.7 here.
        gains.add((Math.sqrt(variance * fanIn) / 3.7).toFixed(2))
      }
    })
    // √(2 / (1 − 1/π)) behind a Relu; 1 at the stem, whose input is centred, and in skips, where nothing is to grow.
    expect([...gains].sort()).toEqual(['1.00', '1.71'])
  })
})

describe('purifier', () => {
  for (const [height, width, channels, features] of [[32, 32, 1, 8], [40, 64, 3, 12], [160, 160, 1, 24]] as const)
    it(`${channels} × ${height} × ${width}: an image of the same shape in [0, 1], changed by less than 3 % of the range before training`, async () => {
      const plane = height * width
      const scans = [0, 1].map((i) => makePhantom({ seed: `${i}`, width, height, kind: phantomKinds[i]! }).pixels)
      const x = float32([2, channels, height, width], scans.flatMap((s) => Array.from({ length: channels * plane }, (_, i) => s[i % plane]!)))
      const y = await run((g, p, v) => purified(g, p, v, { width: features, depth: 2 }), x)
      expect([...y.shape]).toEqual(x.shape)
      const values = y.data as Float32Array
      expect(Math.sqrt(values.reduce((sum, v, i) => sum + (v - x.data[i]!) ** 2, 0) / values.length)).toBeLessThan(0.03)
      for (const v of values) expect(v >= 0 && v <= 1).toBe(true)
    })

  it('embeds at an eighth of the size with four times the width', () => {
    const g = new GraphBuilder()
    const layout = ParameterLayout.of((h, p) => denoisingAutoencoder(h, p, h.input('x', [1, 1, 64, 32]), { width: 6, depth: 2 }))
    const { embedding } = denoisingAutoencoder(g, layout.constants(g, layout.initialise(0)), g.input('x', [3, 1, 64, 32]), { width: 6, depth: 2 })
    expect(embedding.shape).toEqual([3, 24, 8, 4])
  })
})

describe('parameters', () => {
  const network: Network = (g, p, x) => residualClassifier(g, p, x, { classes: 2, width: 4, blocks: 1 })
  const layout = ParameterLayout.of((g, p) => network(g, p, g.input('x', [1, 1, 32, 32])))
  it('are the same from the same seed, others from another', () => {
    expect(layout.initialise(4)).toEqual(layout.initialise(4))
    expect(layout.initialise(4)).not.toEqual(layout.initialise(5))
  })
  it('as slices of a vector and as constants make the same network', async () => {
    const [flat, x] = [layout.initialise(2), images([2, 1, 32, 32])]
    const g = new GraphBuilder()
    const input = g.input('x', x.shape)
    g.output('sliced', network(g, layout.slices(g, g.input('weights', [layout.size])), input))
    g.output('constant', network(g, layout.constants(g, flat), input))
    const session = await createSession(g.toBytes(), { provider: 'cpu' })
    const { sliced, constant } = await session.run({ x, weights: float32([layout.size], flat) })
    Array.from(constant!.data as Float32Array).forEach((v, i) => expect(Number(sliced!.data[i])).toBeCloseTo(v, 5))
    await session.release()
  })
  it('of one name twice are refused', () => {
    expect(() => ParameterLayout.of((_, p) => [p('w', [1], { kind: 'constant', value: 0 }), p('w', [1], { kind: 'constant', value: 0 })])).toThrow(/w/)
  })
})

describe('gradient of the whole purifier objective by its weights', () => {
  const [batch, size] = [2, 16]
  const shape = { width: 4, depth: 1 }
  const classifier = { classes: 2, width: 4, blocks: 1 }
  const own = ParameterLayout.of((g, p) => residualClassifier(g, p, g.input('x', [1, 1, size, size]), classifier))
  // A head of some size, or the classifier has no opinion that could matter.
  const values = own.tensors(own.initialise(3))
  for (const [name, { data }] of values) if (name.startsWith('head.')) data.forEach((v, i) => (data[i] = 100 * v))
  const weights = own.flat(values)
  const target: AttackTarget = { description: 't', imageShape: [1, size, size], classes: ['a', 'b'], provider: 'cpu', logits: (g, x) => residualClassifier(g, own.constants(g, weights), x, classifier) }
  const layout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, 1, size, size]), shape))

  for (const kind of ['siamese', 'hgd', 'dae'] as PurifierLoss[])
    it(`${kind}: agrees with central differences along random directions to 2 % (single precision, kinks of Relu and |·|)`, async () => {
      const g = new GraphBuilder()
      const flat = g.input('weights', [layout.size])
      const { loss } = purifierObjective(g, layout.slices(g, flat), target, shape, batch, kind)
      g.output('loss', loss)
      g.output('slope', gradient(g, loss, [flat])[0]!)
      const session = await createSession(g.toBytes(), { provider: 'cpu' })
      const fixed = { x: images([batch, 1, size, size]), attacked: images([batch, 1, size, size]), labels: int64([batch], [0, 1]) }
      const feeds = Object.fromEntries(Object.entries(fixed).filter(([name]) => session.inputNames.includes(name)))
      // The last layer as strong as after training: at the start |purified − clean| sits on its kink.
      const last = layout.specs.findIndex((s) => s.name === 'noise.weight')
      const [from, count] = [layout.specs.slice(0, last).reduce((n, s) => n + sizeOf(s.shape), 0), sizeOf(layout.specs[last]!.shape)]
      const start = layout.initialise(7).map((v, i) => (i >= from && i < from + count ? 30 * v : v))
      const at = async (w: Float32Array) => session.run({ weights: float32([layout.size], w), ...feeds })
      const slope = Array.from((await at(start)).slope!.data as Float32Array)
      const norm = Math.hypot(...slope)
      expect(norm).toBeGreaterThan(1e-3)
      for (let k = 0; k < 4; k++) {
        // Half along the gradient, so that the derivative stands well above the rounding of the loss.
        const noise = slope.map(() => random.normal())
        const noiseNorm = Math.hypot(...noise)
        const direction = slope.map((d, i) => d / norm + noise[i]! / noiseNorm)
        const h = 2e-4
        const moved = async (sign: number) => Number((await at(start.map((w, i) => w + sign * h * direction[i]!))).loss!.data[0])
        const numeric = ((await moved(1)) - (await moved(-1))) / (2 * h)
        const analytic = slope.reduce((sum, d, i) => sum + d * direction[i]!, 0)
        expect(Math.abs(numeric - analytic) / norm, `analytic ${analytic}, numeric ${numeric}`).toBeLessThan(0.02)
      }
      await session.release()
    })
})
