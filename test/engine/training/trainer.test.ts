/** The loop itself, on a network of two numbers whose losses can be worked out by hand. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ParameterLayout } from '../../../src/engine/nn/parameters'
import { add, mul, reduceSum, square, sub } from '../../../src/engine/onnx/ops'
import { float32 } from '../../../src/engine/tensor/tensor'
import { freshState, loadCheckpoint } from '../../../src/engine/training/checkpoint'
import { createTrainingSession, trainingGraph, type TrainingSession } from '../../../src/engine/training/training-graph'
import { train, type TrainingPlan } from '../../../src/engine/training/trainer'

let session: TrainingSession
let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-trainer-'))
  const layout = ParameterLayout.of((_, p) => p('w', [2], { kind: 'constant', value: 0 }))
  // ‖w − goal‖²: every step goes nearer to the goal.
  session = await createTrainingSession(
    trainingGraph(layout, { weightDecay: 0, clipNorm: 10 }, (g, p) => ({ loss: reduceSum(g, square(g, sub(g, p('w', [2], { kind: 'constant', value: 0 }), add(g, mul(g, g.input('goal', [2]), 1), 0)))), metrics: {} })),
    { provider: 'cpu' },
  )
})
afterAll(async () => {
  await session.release()
  await rm(home, { recursive: true })
})

const plan = (changes: Partial<TrainingPlan> = {}): TrainingPlan => ({
  session,
  epochs: 6,
  stepsPerEpoch: 3,
  peakLearningRate: 0.1,
  schedule: 'cosine',
  warmUpSteps: 2,
  averaging: 0,
  metrics: ['loss'],
  feeds: () => Promise.resolve({ goal: float32([2], [1, -1]) }),
  validate: (w) => Promise.resolve({ first: w[0]! }),
  score: (record) => record.first!,
  checkpoint: { path: join(home, 'state.npz'), asked: 'this' },
  report: () => undefined,
  epochDone: () => undefined,
  ...changes,
})
const start = () => freshState(Float32Array.of(0, 0))

it('notes where the steps were taken, in a checkpoint too, for a training that goes on elsewhere', async () => {
  const { providers } = await train(plan(), { ...start(), providers: ['webgpu'] })
  expect(providers).toEqual(['webgpu', 'cpu'])
  expect((await train(plan(), { ...start(), providers })).providers).toEqual(['webgpu', 'cpu'])
  expect(await loadCheckpoint(join(home, 'state.npz'), 2, 'this')).toMatchObject({ providers: ['webgpu', 'cpu'] })
})

describe('the best epoch', () => {
  it('is kept, not the last', async () => {
    const scores = [0.1, 0.9, 0.3, 0.2, 0.1, 0.1]
    const seen: Float32Array[] = []
    const done = await train(plan({ score: ({ epoch }) => scores[epoch - 1]!, epochDone: (_, { averaged }) => void seen.push(averaged) }), start())
    expect(done.bestEpoch).toBe(2)
    expect(done.chosen).toEqual(seen[1])
    expect(done.weights).not.toEqual(done.chosen)
    expect(done.history).toHaveLength(6)
  })
  it('of equals is the later one', async () => {
    expect((await train(plan({ score: () => 1 }), start())).bestEpoch).toBe(6)
  })
  it('ends the training when patience is over', async () => {
    const done = await train(plan({ patience: 2, score: ({ epoch }) => (epoch === 1 ? 1 : 0) }), start())
    expect(done.history.map((r) => r.epoch)).toEqual([1, 2, 3])
    expect(done.bestEpoch).toBe(1)
  })
  it('is waited for on a plateau no longer than patience says, also after a pause, and of equals is still the later one', async () => {
    const scores = [0.5, 1, 1, 1, 1, 1]
    const level = { patience: 2, score: ({ epoch }: { epoch: number }) => scores[epoch - 1]! }
    const done = await train(plan(level), start())
    expect(done.history.map((r) => r.epoch)).toEqual([1, 2, 3, 4])
    expect(done.bestEpoch).toBe(4)
    const stop = new AbortController()
    await expect(train(plan({ ...level, signal: stop.signal, epochDone: ({ epoch }) => (epoch === 3 ? stop.abort() : undefined) }), start())).rejects.toMatchObject({ code: 'cancelled' })
    const resumed = await train(plan(level), (await loadCheckpoint(join(home, 'state.npz'), 2, 'this'))!)
    expect(resumed.history).toEqual(done.history)
    expect(resumed.chosen).toEqual(done.chosen)
  })
})

describe('asked to finish', () => {
  it('ends with the best so far', async () => {
    const stop = new AbortController()
    const done = await train(plan({ finish: stop.signal, score: ({ epoch }) => -epoch, epochDone: ({ epoch }) => (epoch === 3 ? stop.abort() : undefined) }), start())
    expect(done.history).toHaveLength(3)
    expect(done.bestEpoch).toBe(1)
  })
  it('within the first epoch measures and keeps what there is', async () => {
    const stop = new AbortController()
    const done = await train(plan({ finish: stop.signal, report: () => stop.abort() }), start())
    expect(done.step).toBe(1)
    expect(done.history).toHaveLength(1)
    expect(done.chosen[0]).toBeGreaterThan(0)
  })
  it('within the first epoch has the mean loss of the steps that were done', async () => {
    const losses: number[] = []
    const stop = new AbortController()
    const done = await train(plan({ finish: stop.signal, report: ({ loss }) => void (losses.push(loss) === 2 && stop.abort()) }), start())
    expect(done.history).toMatchObject([{ epoch: 1, loss: expect.closeTo((losses[0]! + losses[1]!) / 2, 6) as number }])
    // Whoever goes on after all comes to the end of that epoch as if nothing had been asked.
    const { history } = await train(plan(), (await loadCheckpoint(join(home, 'state.npz'), 2, 'this'))!)
    expect(history).toEqual((await train(plan(), start())).history)
  })
  it('before the first step is refused: there is nothing to keep', async () => {
    await expect(train(plan({ finish: AbortSignal.abort() }), start())).rejects.toMatchObject({ code: 'invalid-arguments', message: 'Nothing has been learned yet; leave --finish out.' })
  })
})

it('averaged weights lie between where they were and where they are, and are those that are measured', async () => {
  const done = await train(plan({ averaging: 0.9 }), start())
  expect(done.averaged[0]!).toBeGreaterThan(0)
  expect(done.averaged[0]!).toBeLessThan(done.weights[0]!)
  expect(done.history.at(-1)!.first).toBe(done.averaged[0])
})

it('a constant schedule stays at the peak after the warm-up, a cosine one falls', async () => {
  const rates = async (schedule: 'cosine' | 'constant') => (await train(plan({ schedule }), start())).history.map((r) => r.learningRate!)
  expect(await rates('constant')).toEqual(new Array(6).fill(0.1))
  const falling = await rates('cosine')
  falling.slice(1).forEach((rate, i) => expect(rate).toBeLessThan(falling[i]!))
})
