/** The parts of the training: views of images, twins, exported networks, checkpoints. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { residualClassifier } from '../../../src/engine/nn/classifier'
import { ParameterLayout } from '../../../src/engine/nn/parameters'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { readModel } from '../../../src/engine/onnx/reader'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import { augment, augmentations, type Augmentation } from '../../../src/engine/training/augment'
import { fingerprint, freshState, loadCheckpoint, saveCheckpoint } from '../../../src/engine/training/checkpoint'
import { accuracyOf } from '../../../src/engine/training/evaluate'
import { exportNetwork } from '../../../src/engine/training/export'
import { AugmentedBatches } from '../../../src/engine/training/training-data'
import { TwinMaker } from '../../../src/engine/training/twins'
import { linearTarget, side } from '../../support/tiny-target'

describe('views of an image', () => {
  const size = { channels: 2, height: 6, width: 8 }
  const random = new Random('image')
  const image = Float32Array.from({ length: 96 }, () => random.next())
  const still = augmentations.none
  const view = (seed: number, a: Augmentation, source = image) => {
    const out = new Float32Array(96)
    augment(source, out, size, new Random(seed), a)
    return out
  }
  it('with all ranges at 0 is the image itself', () => {
    view(1, still).forEach((v, i) => expect(v).toBeCloseTo(image[i]!, 6))
  })
  it('mirrored is the image itself or each row turned round, and both happen', () => {
    const turned = Float32Array.from(image, (_, i) => image[i - (i % 8) + 7 - (i % 8)]!)
    const seen = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const v = view(seed, { ...still, mirror: true })
      const is = (other: Float32Array) => v.every((x, i) => Math.abs(x - other[i]!) < 1e-5)
      expect(is(image) || is(turned)).toBe(true)
      seen.add(is(image) ? 'same' : 'turned')
    }
    expect(seen.size).toBe(2)
  })
  it('depends on the seed alone, and stays in [0, 1]', () => {
    expect(view(3, augmentations.standard)).toEqual(view(3, augmentations.standard))
    expect(view(3, augmentations.standard)).not.toEqual(view(4, augmentations.standard))
    for (let seed = 0; seed < 10; seed++) for (const v of view(seed, { ...augmentations.standard, contrast: 0.9, brightness: 0.5 })) expect(v >= 0 && v <= 1).toBe(true)
  })
  it('of any orientation are upside down about as often as not', () => {
    const ramp = Float32Array.from(image, (_, i) => Math.floor((i % 48) / 8) / 5)
    let down = 0
    for (let seed = 0; seed < 60; seed++) {
      const v = view(seed, { ...still, anyOrientation: true }, ramp)
      const half = (from: number) => v.slice(from, from + 24).reduce((a, b) => a + b, 0)
      if (half(0) > half(24)) down++
    }
    expect(down).toBeGreaterThan(15)
    expect(down).toBeLessThan(45)
  })
  it('in tint differ by one factor for each channel', () => {
    const pale = image.map((v) => 0.2 + 0.5 * v)
    const v = view(7, { ...still, tint: 0.2 }, pale)
    const factors = [0, 48].map((at) => v[at]! / pale[at]!)
    expect(factors[0]).not.toBeCloseTo(factors[1]!, 3)
    v.forEach((value, i) => expect(value / pale[i]!).toBeCloseTo(factors[i < 48 ? 0 : 1]!, 4))
  })
  it('in brightness is the image plus a constant, where nothing is cut off', () => {
    const pale = image.map((v) => 0.4 + 0.2 * v)
    const differences = view(5, { ...still, brightness: 0.1 }, pale).map((v, i) => v - pale[i]!)
    for (const d of differences) expect(d).toBeCloseTo(differences[0]!, 5)
    expect(Math.abs(differences[0]!)).toBeLessThanOrEqual(0.1)
  })
})

describe('batches', () => {
  const size = { channels: 1, height: 2, width: 2 }
  const images = { x: Float32Array.from({ length: 28 }, (_, i) => i / 28), labels: Int32Array.from([0, 1, 0, 1, 0, 1, 0]), size, classes: ['a', 'b'] }
  it('take every image once per epoch but for the rest, in an order of each epoch’s own, and the same at every asking', () => {
    const batches = new AugmentedBatches(images, 2, 1, augmentations.standard)
    expect(batches.stepsPerEpoch).toBe(3)
    const read = (epoch: number) => [0, 1, 2].map((step) => batches.at(epoch, step))
    const [first, second, again] = [read(0), read(1), read(0)]
    expect(again.map((b) => b.x)).toEqual(first.map((b) => b.x))
    expect(new AugmentedBatches(images, 2, 1, augmentations.standard).at(1, 2).x).toEqual(second[2]!.x)
    expect(second.map((b) => b.x)).not.toEqual(first.map((b) => b.x))
    expect(again[0]!.random.next()).toBe(first[0]!.random.next())
  })
  it('need as many images as one takes', () => {
    expect(() => new AugmentedBatches(images, 8, 1, augmentations.standard)).toThrowError(expect.objectContaining({ code: 'data-set-invalid' }))
  })
})

it('twins stay within ε and [0, 1], differ from their images, and are the same from the same numbers', async () => {
  const epsilon = 8 / 255
  const twins = new TwinMaker(linearTarget(), 4, { epsilon, steps: 3, noisyShare: 0, adaptiveShare: 0, adaptiveEpsilon: epsilon, adaptiveSteps: 1 })
  const random = new Random('twins')
  const none = float32([0], new Float32Array(0))
  const x = float32([4, 1, side, side], Float32Array.from({ length: 4 * side * side }, () => random.next()))
  const labels = int64([4], [0, 1, 0, 1])
  for (let i = 0; i < 8; i++) {
    const made = await twins.make(x, labels, new Random(i), none)
    expect(made).toEqual(await twins.make(x, labels, new Random(i), none))
    expect(made.data).not.toEqual(x.data)
    made.data.forEach((v, k) => {
      expect(v >= 0 && v <= 1).toBe(true)
      expect(Math.abs(v - x.data[k]!)).toBeLessThanOrEqual(epsilon + 1e-6)
    })
  }
  await twins.release()
})

it('an exported classifier answers batches of any size as the training graph does, with convolutions and no arithmetic on weights', async () => {
  const shape = { classes: 3, width: 4, blocks: 1 }
  const layout = ParameterLayout.of((g, p) => residualClassifier(g, p, g.input('x', [1, 1, 32, 32]), shape))
  const flat = layout.initialise(2)
  const bytes = await exportNetwork({ layout, input: [1, 32, 32], output: 'logits', network: (g, p, x) => residualClassifier(g, p, x, shape) }, flat)
  const model = readModel(bytes)
  expect(model.graph.inputs[0]!.shape!.slice(1)).toEqual([1, 32, 32])
  expect(model.graph.inputs[0]!.shape![0]).toBeTypeOf('string')
  const produced = new Set(model.graph.nodes.flatMap((n) => n.outputs))
  for (const node of model.graph.nodes.filter((n) => n.op === 'Conv')) expect(produced.has(node.inputs[1]!), 'weights are stored, not computed').toBe(false)
  const exported = await createSession(bytes, { provider: 'cpu' })
  const random = new Random('export')
  for (const n of [1, 3, 8]) {
    const x = float32([n, 1, 32, 32], Float32Array.from({ length: n * 1024 }, () => random.next()))
    const g = new GraphBuilder()
    g.output('logits', residualClassifier(g, layout.slices(g, g.input('weights', [layout.size])), g.input('x', x.shape), shape))
    const training = await createSession(g.toBytes(), { provider: 'cpu' })
    const expected = (await training.run({ x, weights: float32([layout.size], flat) })).logits!
    const { logits } = await exported.run({ x })
    await training.release()
    expect([...logits!.shape]).toEqual([n, 3])
    Array.from(expected.data as Float32Array).forEach((v, i) => expect(Number(logits!.data[i])).toBeCloseTo(v, 4))
  }
  await exported.release()
})

it('accuracy counts images, balanced accuracy counts classes alike', () => {
  const { accuracy, balancedAccuracy } = accuracyOf(Int32Array.of(0, 0, 0, 1, 0), Int32Array.of(0, 0, 0, 1, 1), 2)
  expect(accuracy).toBeCloseTo(4 / 5, 12)
  expect(balancedAccuracy).toBeCloseTo(3 / 4, 12)
})

it('a checkpoint comes back bit for bit, for the training that it was written by alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-checkpoint-'))
  const path = join(folder, 'deep', 'state.npz')
  const young = { ...freshState(Float32Array.of(0.1, -2e-30)), firstMoment: Float32Array.of(3, 4), secondMoment: Float32Array.of(5e-9, 6), step: 7, running: { loss: 1 / 3 } }
  const state = { ...young, history: [{ epoch: 1, loss: 0.1 + 0.2 }], best: Float32Array.of(1, 2), bestEpoch: 1, bestScore: 0.1 + 0.7 }
  const asked = fingerprint({ a: 1 })
  expect(await loadCheckpoint(path, 2, asked)).toBeUndefined()
  for (const each of [young, state]) {
    await saveCheckpoint(path, each, asked)
    expect(await loadCheckpoint(path, 2, asked)).toEqual(each)
  }
  await expect(loadCheckpoint(path, 2, fingerprint({ a: 2 }))).rejects.toMatchObject({ code: 'checkpoint-invalid' })
  await expect(loadCheckpoint(path, 3, asked)).rejects.toMatchObject({ code: 'checkpoint-invalid' })
  await rm(folder, { recursive: true })
})
