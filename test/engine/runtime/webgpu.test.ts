/**
 * The WebGPU provider against the CPU provider, on the software adapter, where the networks have to be tiny.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeStep } from '../../../src/engine/attacks/programs'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { checkDevices } from '../../../src/engine/devices/check'
import { Chooser } from '../../../src/engine/devices/chooser'
import { measure, type Measure } from '../../../src/engine/devices/measure'
import { ProviderMemory } from '../../../src/engine/devices/memory'
import { residualClassifier } from '../../../src/engine/nn/classifier'
import { ParameterLayout } from '../../../src/engine/nn/parameters'
import { denoisingAutoencoder } from '../../../src/engine/nn/purifier'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { ints } from '../../../src/engine/onnx/model'
import { add, conv, logSoftmax, reduceMean, reduceSum, reshape, sign, spaceToDepth, split, square } from '../../../src/engine/onnx/ops'
import { onDevice } from '../../../src/engine/runtime/convert'
import { withoutLackingOperators } from '../../../src/engine/runtime/lowering'
import { chooseAutoWith, createSession, ortBinding } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, sizeOf, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'
import { freshState } from '../../../src/engine/training/checkpoint'
import { purifierObjective } from '../../../src/engine/training/purifier-objective'
import { createTrainingSession, trainingGraph } from '../../../src/engine/training/training-graph'
import { haveAdapter } from './software-adapter'
import { difference, onBoth } from './webgpu-compared'

const [batch, size] = [2, 16]
const shape = { classes: 2, width: 4, blocks: 1 }
const layout = ParameterLayout.of((g, p) => residualClassifier(g, p, g.input('x', [1, 1, size, size]), shape))
const weights = layout.initialise(3)
const target: AttackTarget = {
  description: 'tiny',
  imageShape: [1, size, size],
  classes: ['a', 'b'],
  provider: 'webgpu',
  logits: (g, x) => residualClassifier(g, layout.constants(g, weights), x, shape),
}

const random = new Random('webgpu')
const draw = (shape: Shape, make = () => random.next()): Tensor<'float32'> => float32(shape, Float32Array.from({ length: sizeOf(shape) }, make))
const x = draw([batch, 1, size, size])
const labels = int64([batch], [0, 1])

const numbers = (t: Tensor | undefined): number[] => Array.from(t!.data as Float32Array)

/** Names of the operators that ONNX Runtime would leave to the CPU: none, when it accepts a session without the CPU. */
async function runsWithoutTheCpu(bytes: Uint8Array): Promise<boolean> {
  const ort = await ortBinding()
  const options = { executionProviders: ['webgpu'], logSeverityLevel: 4 as const, extra: { session: { disable_cpu_ep_fallback: '1' } } }
  return ort.InferenceSession.create(bytes, options).then((s) => s.release().then(() => true), () => false)
}

describe.skipIf(!haveAdapter)('WebGPU agrees with the CPU', { timeout: 240_000 }, () => {
  it('on the operators that it lacks, written by others, and then needs no CPU for them', async () => {
    const g = new GraphBuilder()
    const v = g.input('x', [2, 2, 4, 4])
    g.output('sign', sign(g, v))
    g.output('logSoftmax', logSoftmax(g, v))
    g.output('logSoftmax1', logSoftmax(g, v, 1))
    g.output('spaceToDepth', spaceToDepth(g, v, 2))
    const parts = split(g, v, Array<number>(4).fill(1), 3)
    parts.push(...split(g, reshape(g, v, [64]), Array.from({ length: 16 }, (_, i) => (i % 2 ? 7 : 1)), 0))
    parts.forEach((part, i) => g.output(`part${i}`, part))
    const bytes = g.toBytes()
    const values = draw([2, 2, 4, 4], () => 30 * random.normal())
    values.data[0] = 0
    const { cpu, gpu } = (await onBoth(bytes, { x: values }))!
    expect(numbers(gpu.sign)).toEqual(numbers(cpu.sign))
    expect(numbers(gpu.spaceToDepth)).toEqual(numbers(cpu.spaceToDepth))
    parts.forEach((_, i) => expect(numbers(gpu[`part${i}`])).toEqual(numbers(cpu[`part${i}`])))
    expect(difference(cpu.logSoftmax, gpu.logSoftmax)).toBeLessThan(1e-6)
    expect(difference(cpu.logSoftmax1, gpu.logSoftmax1)).toBeLessThan(1e-6)
    expect(await runsWithoutTheCpu(bytes)).toBe(false)
    expect(await runsWithoutTheCpu(withoutLackingOperators(bytes, 'webgpu'))).toBe(true)
    expect(withoutLackingOperators(bytes, 'cpu')).toBe(bytes)
  })

  it('and has kernels of its own for all of a classifier and its gradient by the image', async () => {
    const g = new GraphBuilder()
    const image = g.input('x', x.shape)
    const logits = target.logits(g, image)
    const [dx] = gradient(g, reduceSum(g, square(g, logits)), [image])
    g.output('logits', logits)
    g.output('dx', dx!)
    expect(await runsWithoutTheCpu(withoutLackingOperators(g.toBytes(), 'webgpu'))).toBe(true)
  })

  it('on the graph that providers are checked with, whose pooling it has to leave to the CPU', async () => {
    // The real sizes would take minutes here: the check is not to wait for them.
    const devices = await checkDevices(['webgpu', 'cpu'], { longestStep: 0 })
    expect(devices.map(({ provider, state }) => [provider, state])).toEqual([['webgpu', 'agrees'], ['cpu', 'reference']])
    const { forward, backward, reason, milliseconds, onCpu } = devices[0]!
    // Not the very same numbers: another machine computed them.
    for (const apart of [forward!, backward!]) {
      expect(apart).toBeGreaterThan(0)
      expect(apart).toBeLessThan(1e-5)
    }
    expect(onCpu).toContain('MaxPool')
    expect(onCpu).not.toContain('Conv')
    expect(milliseconds).toBeUndefined()
    expect(reason).toMatch(/^too slow to be timed at a realistic size: \d+ ms for 2 images of 16 × 16$/)
    expect(devices[1]!.milliseconds).toBeGreaterThan(0)
  })

  it('and is what auto opens where it is faster, with what it leaves to the CPU', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-auto-'))
    const memory = new ProviderMemory(folder, 'a machine with fast graphics')
    await memory.change((machine) => ({ ...machine, devices: [{ provider: 'webgpu', state: 'agrees', milliseconds: 1 }, { provider: 'cpu', state: 'reference', milliseconds: 9 }] }))
    // The answers and the placements are real; only the clock is not.
    const fast: Measure = async (provider, ...rest) => ({ ...(await measure(provider, ...rest)), milliseconds: provider === 'webgpu' ? 1 : 9 })
    chooseAutoWith(new Chooser(memory, fast))
    try {
      const g = new GraphBuilder()
      const v = g.input('x', [1, 1, 6, 6])
      const pooled = g.op('MaxPool', [v], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) })
      g.output('dx', gradient(g, reduceSum(g, square(g, pooled)), [v])[0]!)
      const session = await createSession(g.toBytes())
      expect(session).toMatchObject({ provider: 'webgpu', fallbacks: [], onCpu: expect.arrayContaining(['MaxPool']) as string[] })
      const values = draw([1, 1, 6, 6])
      const { gpu, cpu } = (await onBoth(g.toBytes(), { x: values }))!
      expect((await session.run({ x: values })).dx!.data).toEqual(gpu.dx!.data)
      expect(difference(cpu.dx, gpu.dx)).toBeLessThan(1e-6)
      await session.release()
    } finally {
      chooseAutoWith(undefined)
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('on a step of PGD, but for signs of gradients near zero', async () => {
    const g = new GraphBuilder()
    writeStep(g, target, 'linf', 'cross-entropy', batch)
    const perImage = (value: number) => float32([batch, 1, 1, 1], [value, value])
    const { cpu, gpu } = (await onBoth(g.toBytes(), { x, x0: x, labels, epsilon: perImage(4 / 255), step: perImage(1 / 255) }))!
    const [a, b] = [numbers(cpu.next), numbers(gpu.next)]
    const others = a.filter((v, i) => Math.abs(v - b[i]!) > 1e-6).length
    expect(others).toBeLessThan(a.length / 100)
    expect(difference(cpu.loss, gpu.loss)).toBeLessThan(1e-4)
  })

  it('on a training step of the purifier', async () => {
    // A smaller classifier than elsewhere: nearly all of the time goes into making kernels, and its own are checked above.
    const smallest: AttackTarget = {
      ...target,
      logits: (g, v) => reduceMean(g, conv(g, v, g.constant(draw([target.classes.length, 1, 3, 3], () => random.normal())), undefined, { strides: [2, 2], pads: [1, 1, 1, 1] }), [2, 3]),
    }
    const purifier = { width: 4, depth: 1 }
    const own = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, 1, size, size]), purifier))
    const bytes = trainingGraph(own, { weightDecay: 0.01, clipNorm: 1 }, (g, p) => purifierObjective(g, p, smallest, purifier, batch, 'siamese'))
    const scalar = (v: number) => float32([], [v])
    const schedule = { learningRate: scalar(1e-3), correction1: scalar(10), correction2: scalar(1000), averaging: scalar(0.5) }
    const feeds = { ...schedule, x, attacked: draw(x.shape), labels }
    const run = async (provider: 'cpu' | 'webgpu') => {
      const session = await createTrainingSession(bytes, { provider })
      session.write(freshState(own.initialise(1)))
      const answers = await session.run(feeds)
      const first = await session.read()
      await session.run(feeds)
      const second = await session.read()
      // To sessions of the card as it is, to others fetched.
      const doubled = new GraphBuilder()
      doubled.output('y', add(doubled, doubled.input('w', [own.size]), doubled.input('w2', [own.size])))
      const elsewhere = await Promise.all(
        (['cpu', 'webgpu'] as const).map(async (other) => {
          const adder = await createSession(doubled.toBytes(), { provider: other })
          const { y } = await adder.run({ w: session.state('weights'), w2: session.state('weights') })
          return adder.release().then(() => y)
        }),
      )
      const there = onDevice(session.state('weights'))
      await session.release()
      return { answers, first, second, elsewhere, there }
    }
    const [cpu, gpu] = [await run('cpu'), await run('webgpu')]
    expect([cpu.there, gpu.there]).toEqual([false, true])
    expect(Object.keys(gpu.answers).sort()).toEqual(Object.keys(cpu.answers).sort())
    expect(difference(cpu.answers.loss, gpu.answers.loss)).toBeLessThan(1e-4)
    expect(difference(cpu.answers.gradientNorm, gpu.answers.gradientNorm)).toBeLessThan(1e-3)
    const vector = (data: Float32Array) => float32([data.length], data)
    // The first moment is the gradient; the first step of Adam itself is a sign, which rounding may turn.
    expect(difference(vector(cpu.first.firstMoment), vector(gpu.first.firstMoment))).toBeLessThan(1e-3)
    for (const { first, second, elsewhere } of [cpu, gpu]) {
      expect(second.weights).not.toEqual(first.weights)
      expect(first.averaged.every((a, i) => Math.abs(a - (own.initialise(1)[i]! + first.weights[i]!) / 2) < 1e-6)).toBe(true)
      expect(second.averaged.every((a, i) => Math.abs(a - (first.averaged[i]! + second.weights[i]!) / 2) < 1e-6)).toBe(true)
      for (const y of elsewhere) expect(y!.data).toEqual(second.weights.map((w) => 2 * w))
    }
  })
})
