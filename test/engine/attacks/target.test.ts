/** What attacks see of a model is its logits, whatever the file ends in, however it wants its images. */
import { describe, expect, it } from 'vitest'
import { lossAndGradient } from '../../../src/engine/attacks/programs'
import { classifierTarget, pipelineTarget, type AttackTarget } from '../../../src/engine/attacks/target'
import { loadBundle, type LoadedBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { add, cast, div, exp, matMul, mul, neg, reduceSum, reshape, sigmoid, softmax, sub, transpose } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, type Tensor } from '../../../src/engine/tensor/tensor'

const side = 4
const random = new Random('target')
const weights = Float32Array.from({ length: side * side * 2 * 3 }, () => random.normal())
const images = float32([2, 3, side, side], Float32Array.from({ length: 2 * 3 * side * side }, () => random.next()))

/** A bundle around a classifier that is written by `build` for two images. */
function bundleOf(outputs: number, build: (g: GraphBuilder, x: Value) => Value, classifier: { output: 'logits' | 'softmax' | 'sigmoid'; layout: 'nchw' | 'nhwc' }, input: { mean: number[]; std: number[] } = { mean: [0, 0, 0], std: [1, 1, 1] }): LoadedBundle {
  const g = new GraphBuilder()
  g.output('y', build(g, g.input('image', classifier.layout === 'nchw' ? [2, 3, side, side] : [2, side, side, 3])))
  const hash = '0'.repeat(64)
  return {
    folder: '',
    classifier: g.toBytes(),
    purifier: null,
    manifest: {
      format: 'assay-bundle/1', id: 'test', name: 'Test', description: '', modality: '', bodyPart: '', training: {},
      classes: Array.from({ length: Math.max(2, outputs) }, (_, i) => `class ${i}`),
      input: { width: side, height: side, channels: 3, ...input, intensity: { kind: 'declared-range' } },
      classifier: { file: 'classifier.onnx', sha256: hash, ...classifier },
    },
  }
}

async function logitsOf(target: AttackTarget, x: Tensor = images): Promise<number[]> {
  const g = new GraphBuilder()
  g.output('logits', target.logits(g, g.input('x', x.shape)))
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const { logits } = await session.run({ x })
  await session.release()
  return Array.from(logits!.data as Float32Array)
}

const dense = (g: GraphBuilder, x: Value, outputs: number) =>
  matMul(g, reshape(g, x, [2, 3 * side * side]), g.constant(float32([3 * side * side, outputs], weights.slice(0, 3 * side * side * outputs))))
const plain = () => logitsOf(classifierTarget(bundleOf(2, (g, x) => dense(g, x, 2), { output: 'logits', layout: 'nchw' }), 'cpu'))
const expectClose = (a: number[], b: number[]) => a.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, 4))

describe('a classifier as a target', () => {
  it('is attacked before its softmax', async () => {
    expectClose(await logitsOf(classifierTarget(bundleOf(2, (g, x) => softmax(g, dense(g, x, 2)), { output: 'softmax', layout: 'nchw' }), 'cpu')), await plain())
  })

  it('is attacked before its softmax, whatever shape and type it is given behind it', async () => {
    const shaped = bundleOf(2, (g, x) => cast(g, reshape(g, softmax(g, dense(g, x, 2)), [2, 2, 1, 1]), 'float64'), { output: 'softmax', layout: 'nchw' })
    expectClose(await logitsOf(classifierTarget(shaped, 'cpu')), await plain())
  })

  it('with one sigmoid output z has the logits 0 and z', async () => {
    const z = await logitsOf(classifierTarget(bundleOf(1, (g, x) => sigmoid(g, dense(g, x, 1)), { output: 'sigmoid', layout: 'nchw' }), 'cpu'))
    const bare = await logitsOf(classifierTarget(bundleOf(1, (g, x) => dense(g, x, 1), { output: 'logits', layout: 'nchw' }), 'cpu'))
    expect([z[0], z[2]]).toEqual([0, 0])
    expectClose(z, bare)
    expect(Math.abs(z[1]!)).toBeGreaterThan(0.01)
  })

  it('gets its images in its own layout and normalisation', async () => {
    const channelsLast = bundleOf(2, (g, x) => dense(g, transpose(g, x, [0, 3, 1, 2]), 2), { output: 'logits', layout: 'nhwc' })
    expectClose(await logitsOf(classifierTarget(channelsLast, 'cpu')), await plain())
    const [mean, std] = [[0.2, 0.4, 0.6], [0.5, 0.25, 0.1]]
    const outside = bundleOf(2, (g, x) => dense(g, x, 2), { output: 'logits', layout: 'nchw' }, { mean, std })
    const inside = bundleOf(2, (g, x) => dense(g, div(g, sub(g, x, g.constant(float32([1, 3, 1, 1], mean))), g.constant(float32([1, 3, 1, 1], std))), 2), { output: 'logits', layout: 'nchw' })
    expectClose(await logitsOf(classifierTarget(outside, 'cpu')), await logitsOf(classifierTarget(inside, 'cpu')))
  })

  it('with another number of outputs than classes is refused', async () => {
    const bundle = bundleOf(2, (g, x) => dense(g, x, 2), { output: 'logits', layout: 'nchw' })
    bundle.manifest.classes.push('a third')
    await expect(logitsOf(classifierTarget(bundle, 'cpu'))).rejects.toMatchObject({ code: 'bundle-invalid' })
  })
})

describe('a classifier of probabilities that are no operator of their own', () => {
  type Output = 'logits' | 'softmax' | 'sigmoid'
  const scaled = (g: GraphBuilder, x: Value, outputs: number, scale: number) => mul(g, dense(g, x, outputs), scale)
  const written: Record<Output, (g: GraphBuilder, z: Value) => Value> = {
    logits: (_, z) => z,
    softmax: (g, z) => {
      const powers = exp(g, sub(g, z, g.op('ReduceMax', [z, g.integers([1])])))
      return div(g, powers, reduceSum(g, powers, [1], true))
    },
    sigmoid: (g, z) => div(g, 1, add(g, exp(g, neg(g, z)), 1)),
  }
  const targetOf = (output: Output, outputs: number, scale: number) => classifierTarget(bundleOf(outputs, (g, x) => written[output](g, scaled(g, x, outputs, scale)), { output, layout: 'nchw' }), 'cpu')

  async function marginAndGradient(target: AttackTarget): Promise<{ gap: number[]; gradient: number[] }> {
    const g = new GraphBuilder()
    const { values, dx } = lossAndGradient(g, target, 'margin', g.input('x', images.shape))
    g.output('values', values)
    g.output('dx', dx)
    const session = await createSession(g.toBytes(), { provider: 'cpu' })
    const labels = { dtype: 'int64' as const, shape: [2], data: BigInt64Array.of(0n, 0n) }
    const found = await session.run({ x: images, labels })
    await session.release()
    return { gap: Array.from(found['values']!.data as Float32Array), gradient: Array.from(found['dx']!.data as Float32Array) }
  }
  const largest = (values: number[]): number => Math.max(...values.map(Math.abs))

  it.each([['softmax', 2, 1], ['softmax', 2, 30], ['sigmoid', 1, 1]] as const)('of a %s has the gradient of its logits', async (output, outputs, scale) => {
    const [ours, expected] = [await marginAndGradient(targetOf(output, outputs, scale)), await marginAndGradient(targetOf('logits', outputs, scale))]
    // At 30 the probabilities are so sure that single precision calls one of them 1.
    if (scale === 30) expect(largest(expected.gap)).toBeGreaterThan(20)
    ours.gap.forEach((v, i) => expect(v / expected.gap[i]!).toBeCloseTo(1, 3))
    ours.gradient.forEach((v, i) => expect(Math.abs(v - expected.gradient[i]!)).toBeLessThan(1e-3 * largest(expected.gradient)))
  })

  it.each([['softmax', 2], ['sigmoid', 1]] as const)('of a %s that is exactly 0 and 1 stays a number', async (output, outputs) => {
    const { gap, gradient } = await marginAndGradient(targetOf(output, outputs, 1e3))
    expect(gap.every((v) => Number.isFinite(v) && v !== 0)).toBe(true)
    expect(gradient.every(Number.isFinite)).toBe(true)
  })
})

describe('purifier and classifier as one target', () => {
  it('answer as the two models run one after the other', async () => {
    const bundle = await loadBundle('models/demo-phantom')
    const x = float32([2, 1, 128, 128], Float32Array.from({ length: 2 * 128 * 128 }, () => random.next()))
    const run = async (model: Uint8Array, image: Tensor) => {
      const session = await createSession(model, { provider: 'cpu' })
      const [result] = Object.values(await session.run({ x: image }))
      await session.release()
      return result!
    }
    const expected = await run(bundle.classifier, await run(bundle.purifier!, x))
    const ours = await logitsOf(pipelineTarget(bundle, 'cpu'), x)
    expectClose(ours, Array.from(expected.data as Float32Array))
  })

  it('need a purifier', () => {
    const bundle = bundleOf(2, (g, x) => dense(g, x, 2), { output: 'logits', layout: 'nchw' })
    expect(() => pipelineTarget(bundle)).toThrow(/no purifier/)
  })
})

