/** Foreign classifiers that learn on: which of their tensors do, with which gradients, and what file comes out. */
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { loadBundle, type LoadedBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { float, int, ints, type OnnxGraph } from '../../../src/engine/onnx/model'
import { add, averagePool, cast, clip, conv, div, greater, leakyRelu, matMul, mul, reduceMean, reduceSum, relu, reshape, sigmoid, softmax, sub, transpose } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, type Tensor } from '../../../src/engine/tensor/tensor'
import { purified } from '../../../src/engine/nn/purifier'
import { ParameterLayout } from '../../../src/engine/nn/parameters'
import { exportNetwork } from '../../../src/engine/training/export'
import type { TrainableNetwork } from '../../../src/engine/training/network'
import { networkOfBundle } from '../../../src/engine/training/onnx-network'
import { purifierOfBundle } from '../../../src/engine/training/purifier-of-bundle'

const side = 8
const batch = 2
const random = new Random('foreign networks')
const images = float32([batch, 3, side, side], Float32Array.from({ length: batch * 3 * side * side }, () => random.next()))

type Kind = LoadedBundle['manifest']['classifier']
interface Written {
  build: (g: GraphBuilder, x: Value, weight: (name: string, shape: readonly number[], low?: number) => Value) => Value
  classes?: number
  output?: Kind['output']
  layout?: Kind['layout']
  mean?: number[]
  /** Weights [a, b] that the file keeps as [b, a] and turns round itself. */
  turned?: string
}

/** A bundle around a classifier with random weights of the given names. */
function bundleOf({ build, classes = 3, output = 'logits', layout = 'nchw', mean = [0, 0, 0], turned }: Written): LoadedBundle {
  const g = new GraphBuilder()
  const numbers = new Random('weights')
  const weight = (name: string, shape: readonly number[], low = -1) => g.constant(float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => 0.4 * numbers.uniform(low, 1))), name)
  g.output('answer', build(g, g.input('image', layout === 'nchw' ? [batch, 3, side, side] : [batch, side, side, 3]), weight))
  const model = g.toModel()
  if (turned !== undefined) keepTurned(model.graph, turned)
  return {
    folder: '',
    classifier: writeModel(model),
    purifier: null,
    manifest: {
      format: 'assay-bundle/1', id: 'foreign', name: 'Foreign', description: '', modality: '', bodyPart: '', training: {},
      classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
      input: { width: side, height: side, channels: 3, mean, std: [1, 1, 1], intensity: { kind: 'declared-range' } },
      classifier: { file: 'classifier.onnx', sha256: '0'.repeat(64), output, layout },
    },
  }
}

/** The builder would work a Transpose of small constants out. */
function keepTurned(graph: OnnxGraph, name: string): void {
  const { shape, data } = graph.initializers.get(name) as Tensor<'float32'>
  const [rows, columns] = shape as [number, number]
  graph.initializers.set(name, float32([columns, rows], Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!)))
  for (const node of graph.nodes) node.inputs = node.inputs.map((input) => (input === name ? `${name}/turned` : input))
  graph.nodes.unshift({ op: 'Transpose', domain: '', name: 'turn', inputs: [name], outputs: [`${name}/turned`], attributes: { perm: ints([1, 0]) } })
}

const convolutions: Written = {
  output: 'softmax',
  build: (g, x, weight) => {
    const centred = div(g, sub(g, x, g.constant(float32([1, 3, 1, 1], [0.4, 0.5, 0.6]), 'mean')), g.constant(float32([1, 3, 1, 1], [0.2, 0.3, 0.4]), 'std'))
    let h = conv(g, centred, weight('stem.weight', [6, 3, 3, 3]), weight('stem.bias', [6]), { pads: [2, 2, 2, 2], dilations: [2, 2] })
    h = g.op('BatchNormalization', [h, weight('norm.weight', [6], 0.2), weight('norm.bias', [6]), g.constant(float32([6], new Float32Array(6).fill(0.1)), 'norm.running_mean'), g.constant(float32([6], new Float32Array(6).fill(0.7)), 'norm.running_var')], { epsilon: float(1e-5) })
    h = clip(g, h, -20, 20)
    h = g.op('PRelu', [h, weight('slope', [6, 1, 1])])
    h = conv(g, h, weight('depthwise.weight', [6, 1, 3, 3]), undefined, { group: 6, strides: [2, 2], pads: [1, 1, 1, 1] })
    h = leakyRelu(g, conv(g, h, weight('grouped.weight', [4, 3, 1, 1]), weight('grouped.bias', [4]), { group: 2 }), 0.1)
    const features = reshape(g, averagePool(g, h, 2), [batch, 16])
    return softmax(g, g.op('Gemm', [features, weight('head.weight', [3, 16]), weight('head.bias', [3])], { transB: int(1), alpha: float(0.5), beta: float(2) }))
  },
}

/** As Keras' converters write: channels last, matrix products of weights stored the other way round, biases added. */
const products: Written = {
  classes: 2,
  output: 'sigmoid',
  layout: 'nhwc',
  mean: [0.1, 0.2, 0.3],
  turned: 'dense',
  build: (g, x, weight) => {
    const h = conv(g, transpose(g, x, [0, 3, 1, 2]), weight('kernel', [5, 3, 2, 2]), undefined, { strides: [2, 2] })
    const lifted = g.op('ConvTranspose', [add(g, h, weight('offset', [1, 5, 1, 1])), weight('up', [5, 4, 2, 2]), weight('up.bias', [4])], { strides: ints([2, 2]) })
    const pooled = reduceMean(g, relu(g, lifted), [2, 3])
    const standard = g.op('LayerNormalization', [pooled, weight('layer.weight', [4], 0.2), weight('layer.bias', [4])], { axis: int(-1), epsilon: float(1e-3) })
    const hidden = add(g, matMul(g, mul(g, standard, weight('gain', [4], 0.2)), weight('dense', [4, 6])), weight('dense.bias', [6]))
    return sigmoid(g, add(g, matMul(g, hidden, weight('last', [6, 1])), weight('last.bias', [1])))
  },
}

/** Answers of the network with given weights, weighted so that every one counts, and the gradient by the weights. */
async function programs(net: TrainableNetwork) {
  const g = new GraphBuilder()
  const weights = g.input('weights', [net.layout.size])
  const logits = net.logits(g, net.layout.slices(g, weights), g.input('x', images.shape))
  const loss = reduceSum(g, mul(g, logits, g.constant(float32(logits.shape, Float32Array.from({ length: sizeOf(logits.shape) }, (_, i) => Math.sin(1 + i))))))
  g.output('logits', logits)
  g.output('loss', loss)
  g.output('slope', gradient(g, loss, [weights])[0]!)
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  return { run: (flat: Float32Array) => session.run({ x: images, weights: float32([flat.length], flat) }), release: () => session.release() }
}

const numbersOf = (t: Tensor | undefined) => Array.from(t!.data as Float32Array)

async function answersOfFile(bytes: Uint8Array, x: Tensor): Promise<number[]> {
  const session = await createSession(bytes, { provider: 'cpu' })
  const outputs = await session.run({ [session.inputNames[0]!]: x })
  await session.release()
  return numbersOf(outputs[session.outputNames[0]!])
}

describe('the weights of a foreign classifier', () => {
  it('are what its layers learn, in their order; normalisation, bounds and stored statistics are not', () => {
    const net = networkOfBundle(bundleOf(convolutions))
    expect(net.layout.specs.map(({ name, decay }) => [name, decay])).toEqual([
      ['stem.weight', true], ['stem.bias', false], ['norm.weight', false], ['norm.bias', false], ['slope', false],
      ['depthwise.weight', true], ['grouped.weight', true], ['grouped.bias', false], ['head.weight', true], ['head.bias', false],
    ])
    expect(net.layers.map(({ name, parameters, size }) => [name, parameters.length, size])).toEqual([['stem', 5, 186], ['depthwise', 1, 54], ['grouped', 2, 16], ['head', 2, 51]])
    expect(networkOfBundle(bundleOf(products)).layout.specs.map(({ name }) => name)).toEqual(['kernel', 'offset', 'up', 'up.bias', 'layer.weight', 'layer.bias', 'gain', 'dense', 'dense.bias', 'last'])
  })

  it.each([['convolutions', convolutions], ['products', products]])('of %s have the slopes that finite differences have, tensor by tensor', async (_, written) => {
    const net = networkOfBundle(bundleOf(written))
    const { run, release } = await programs(net)
    const at = net.initial!
    const slope = net.layout.tensors((await run(at)).slope!.data as Float32Array)
    for (const { name, shape } of net.layout.specs) {
      const own = slope.get(name)!.data
      // Along the gradient of this tensor alone, where the function rises most.
      const length = Math.hypot(...own)
      expect(length, name).toBeGreaterThan(1e-4)
      const step = 5e-4 * Math.sqrt(sizeOf(shape))
      const moved = (sign: number) => net.layout.flat(new Map([...net.layout.tensors(at)].map(([other, t]) => [other, other === name ? float32(shape, t.data.map((v, i) => v + (sign * step * own[i]!) / length)) : t])))
      const [up, down] = [await run(moved(1)), await run(moved(-1))].map(({ loss }) => Number(loss!.data[0])) as [number, number]
      expect(Math.abs((up - down) / (2 * step) / length - 1), name).toBeLessThan(0.03)
    }
    await release()
  })

  it('come back in the same file: byte by byte where nothing was learned, with the answers of the network where it was', async () => {
    for (const [written, x] of [[convolutions, images], [products, undefined]] as const) {
      const bundle = bundleOf(written)
      const net = networkOfBundle(bundle)
      expect(Buffer.compare(await net.export(net.initial!), bundle.classifier)).toBe(0)
      const learned = net.initial!.map((v, i) => v + 0.1 * Math.cos(i))
      const file = await net.export(learned)
      expect(file.length).toBe(bundle.classifier.length)
      expect(readModel(file).graph.nodes).toEqual(readModel(bundle.classifier).graph.nodes)
      if (!x) continue
      const { run, release } = await programs(net)
      const logits = numbersOf((await run(learned)).logits)
      await release()
      const shares = await answersOfFile(file, x)
      for (let image = 0; image < batch; image++) {
        const powers = logits.slice(3 * image, 3 * image + 3).map(Math.exp)
        powers.forEach((p, c) => expect(shares[3 * image + c]).toBeCloseTo(p / powers.reduce((a, b) => a + b), 5))
      }
    }
  })
})

describe('other classes than the classifier’s', () => {
  it('give it a new last layer, drawn by the seed, and leave the other weights', async () => {
    const bundle = bundleOf(convolutions)
    const classes = ['a', 'b', 'c', 'd', 'e']
    const [net, again, other] = [1, 1, 2].map((seed) => networkOfBundle(bundle, { classes, seed })) as [TrainableNetwork, TrainableNetwork, TrainableNetwork]
    const [own, before] = [net.layout.tensors(net.initial!), networkOfBundle(bundle).layout.tensors(networkOfBundle(bundle).initial!)]
    expect(own.get('head.weight')!.shape).toEqual([5, 16])
    expect(numbersOf(own.get('head.bias'))).toEqual([0, 0, 0, 0, 0])
    expect(own.get('stem.weight')).toEqual(before.get('stem.weight'))
    expect(again.initial).toEqual(net.initial)
    expect(other.initial).not.toEqual(net.initial)
    const file = await net.export(net.initial!)
    expect(readModel(file).graph.outputs[0]!.shape).toEqual([batch, 5])
    const shares = await answersOfFile(file, images)
    expect(shares).toHaveLength(2 * 5)
    expect(shares.slice(0, 5).reduce((a, b) => a + b)).toBeCloseTo(1, 5)
  })

  it('of the same number are other classes too', () => {
    const net = networkOfBundle(bundleOf(convolutions), { classes: ['x', 'y', 'z'] })
    expect(numbersOf(net.layout.tensors(net.initial!).get('head.bias'))).toEqual([0, 0, 0])
  })

  it('are refused where the last layer is not plain, and where findings are independent', () => {
    const scaled = bundleOf({ ...convolutions, output: 'logits', build: (g, x, weight) => mul(g, reshape(g, conv(g, x, weight('w', [3, 3, side, side])), [batch, 3]), g.constant(float32([1, 3], [1, 2, 3]))) })
    expect(() => networkOfBundle(scaled, { classes: ['a', 'b'] })).toThrowError(expect.objectContaining({ code: 'invalid-arguments', message: expect.stringContaining('Mul') as string }))
    expect(() => networkOfBundle(bundleOf(products), { classes: ['a', 'b', 'c'] })).toThrowError(expect.objectContaining({ code: 'invalid-arguments' }))
  })
})

describe('frozen layers', () => {
  it('keep their weights and are no part of what is learned', async () => {
    const bundle = bundleOf(convolutions)
    const names = (freeze: Parameters<typeof networkOfBundle>[1]) => networkOfBundle(bundle, freeze).layout.specs.map(({ name }) => name)
    expect(names({ freeze: 'all-but-head' })).toEqual(['head.weight', 'head.bias'])
    expect(names({ freeze: 2 })).toEqual(['grouped.weight', 'grouped.bias', 'head.weight', 'head.bias'])
    expect(names({ freeze: ['stem', 'grouped.bias'] })).toEqual(['depthwise.weight', 'grouped.weight', 'head.weight', 'head.bias'])
    const net = networkOfBundle(bundle, { freeze: 'all-but-head' })
    expect([net.layout.size, net.size]).toEqual([51, networkOfBundle(bundle).layout.size])
    const [before, after] = [bundle.classifier, await net.export(net.initial!.map((v) => v + 1))].map((bytes) => readModel(bytes).graph.initializers) as [Map<string, Tensor>, Map<string, Tensor>]
    expect(after.get('grouped.weight')).toEqual(before.get('grouped.weight'))
    expect(numbersOf(after.get('head.bias'))).toEqual(numbersOf(before.get('head.bias')).map((v) => Math.fround(v + 1)))
  })

  it('that do not exist, or leave nothing to learn, are refused', () => {
    expect(() => networkOfBundle(bundleOf(convolutions), { freeze: ['steam'] })).toThrowError(expect.objectContaining({ code: 'invalid-arguments', message: expect.stringContaining('stem, depthwise, grouped, head') as string }))
    expect(() => networkOfBundle(bundleOf(convolutions), { freeze: 4 })).toThrowError(expect.objectContaining({ code: 'invalid-arguments' }))
  })
})

it('a weight that no gradient reaches is named before anything is trained, and can be frozen', () => {
  const steps = bundleOf({ build: (g, x, weight) => matMul(g, reshape(g, cast(g, greater(g, conv(g, x, weight('first.weight', [2, 3, side, side])), 0), 'float32'), [batch, 2]), weight('head.weight', [2, 3])) })
  expect(() => networkOfBundle(steps)).toThrowError(expect.objectContaining({ code: 'onnx-operator-not-differentiable', message: expect.stringMatching(/first\.weight.*operator Conv/) as string }))
  expect(networkOfBundle(steps, { freeze: 1 }).layout.specs.map(({ name }) => name)).toEqual(['head.weight'])
})

it('a purifier of ours is read back from its file, and a foreign one refused', async () => {
  const bundle = await loadBundle('models/demo-phantom')
  const { shape, weights } = purifierOfBundle(bundle, 1)
  const { channels, height, width } = bundle.manifest.input
  const input = [channels, height, width]
  const layout = ParameterLayout.of((g, p) => purified(g, p, g.input('x', [1, ...input]), shape))
  const file = await exportNetwork({ layout, input, output: 'purified', network: (g, p, x) => purified(g, p, x, shape) }, weights)
  expect(readModel(file).graph).toEqual(readModel(bundle.purifier!).graph)
  expect(() => purifierOfBundle({ manifest: bundle.manifest, purifier: bundle.classifier }, 1)).toThrowError(expect.objectContaining({ code: 'invalid-arguments' }))
  expect(() => purifierOfBundle(bundle, 3)).toThrowError(expect.objectContaining({ code: 'invalid-arguments', message: expect.stringMatching(/for grey images, and these are colour/) as string }))
})
