/**
 * The execution providers of this machine against the CPU provider, on what Assay spends its time with: screening (a
 * shipped purifier and the classifier behind it), one step of an attack on the classifier and on both, and a step of
 * the purifier's training. What a provider computes is compared with what the CPU computes, and the difference printed;
 * then all of them take turns.
 *
 *   npm run bench -- providers [webgpu …] [--bundle chest-xray] [--only training] [--threads 1] [--seconds 1]
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Provider } from '../src/shared/types'
import { samePerImage, writeStep } from '../src/engine/attacks/programs'
import { classifierTarget, pipelineTarget, type AttackTarget } from '../src/engine/attacks/target'
import { loadBundle } from '../src/engine/bundle/load'
import { difference, tolerances } from '../src/engine/devices/difference'
import { ParameterLayout } from '../src/engine/nn/parameters'
import { denoisingAutoencoder } from '../src/engine/nn/purifier'
import { GraphBuilder } from '../src/engine/onnx/builder'
import { operatorsOnCpu } from '../src/engine/runtime/placements'
import { platformProviders } from '../src/engine/runtime/providers'
import type { State } from '../src/engine/runtime/recurrent-session'
import { createSession, type Session, type SessionOptions } from '../src/engine/runtime/session'
import { Random } from '../src/engine/tensor/random'
import { float32, int64, sizeOf, type Tensor } from '../src/engine/tensor/tensor'
import { freshState } from '../src/engine/training/checkpoint'
import { purifierObjective } from '../src/engine/training/purifier-objective'
import { createTrainingSession, trainingGraph } from '../src/engine/training/training-graph'
import { median } from './pytorch'

interface Work {
  name: string
  graph: Uint8Array
  feeds: Record<string, Tensor>
  /** State of a training step that stays with the provider, as in a training. */
  state?: State<string>
  images: number
  /** Output that is compared. */
  output: string
}

const rounds = 3
const purifierShape = { width: 24, depth: 2 }

const random = new Random('providers')
const images = ({ imageShape }: AttackTarget, batch: number) => float32([batch, ...imageShape], Float32Array.from({ length: batch * sizeOf(imageShape) }, () => random.next()))
const labelled = (target: AttackTarget, batch: number) => int64([batch], Array.from({ length: batch }, (_, i) => i % target.classes.length))

function screening(target: AttackTarget, batch: number): Work {
  const g = new GraphBuilder()
  g.output('logits', target.logits(g, g.input('x', [batch, ...target.imageShape])))
  return { name: `screening, ${batch} at once`, graph: g.toBytes(), feeds: { x: images(target, batch) }, images: batch, output: 'logits' }
}

function attackStep(target: AttackTarget, batch: number, what: string): Work {
  const g = new GraphBuilder()
  writeStep(g, target, 'l2', 'cross-entropy', batch)
  const x = images(target, batch)
  // Along the gradient itself: its sign turns over at values near zero.
  return { name: `attack step, ${what}, ${batch} at once`, graph: g.toBytes(), feeds: { x, x0: x, labels: labelled(target, batch), epsilon: samePerImage(batch, 8), step: samePerImage(batch, 1) }, images: batch, output: 'next' }
}

/** @param kept whether the weights stay with the provider from step to step, as in a training, or come and go like any input */
function trainingStep(target: AttackTarget, batch: number, kept: boolean): Work {
  const layout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, ...target.imageShape]), purifierShape))
  const graph = trainingGraph(layout, { weightDecay: 0, clipNorm: 1 }, (g, p) => purifierObjective(g, p, target, purifierShape, batch, 'siamese'))
  const scalar = (v: number) => float32([], [v])
  const { weights, firstMoment, secondMoment, averaged } = freshState(layout.initialise(1))
  const state = { weights, firstMoment, secondMoment, averaged }
  const schedule = { learningRate: scalar(1e-3), correction1: scalar(10), correction2: scalar(1000), averaging: scalar(0.98) }
  const feeds = { ...schedule, x: images(target, batch), attacked: images(target, batch), labels: labelled(target, batch) }
  const work = { graph, images: batch, output: 'gradientNorm' }
  return kept
    ? { ...work, name: `training step, ${batch} pairs`, feeds, state }
    : { ...work, name: `training step, weights to and fro, ${batch} pairs`, feeds: { ...feeds, ...vectors(state) } }
}

const vectors = (state: State<string> = {}): Record<string, Tensor> => Object.fromEntries(Object.entries(state).map(([name, data]) => [name, float32([data.length], data)]))

type Runner = Pick<Session, 'run' | 'release'>

async function open({ graph, state }: Work, options: SessionOptions): Promise<Runner> {
  if (!state) return createSession(graph, options)
  const session = await createTrainingSession(graph, options)
  session.write(state as Parameters<typeof session.write>[0])
  return session
}

async function imagesPerSecond(session: Runner, { feeds, images }: Work, seconds: number): Promise<number> {
  const began = performance.now()
  let done = 0
  do {
    await session.run(feeds)
    done += images
  } while (performance.now() - began < 1000 * seconds)
  return done / ((performance.now() - began) / 1000)
}

export default async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: { bundle: { type: 'string', default: 'chest-xray' }, only: { type: 'string', default: '' }, threads: { type: 'string' }, seconds: { type: 'string', default: '1' } },
  })
  const others = (positionals.length ? positionals : platformProviders().filter((provider) => provider !== 'cpu')) as Provider[]
  const providers: Provider[] = ['cpu', ...others]
  const bundle = await loadBundle(join(import.meta.dirname, '..', 'models', values.bundle))
  const [bare, both] = [classifierTarget(bundle, 'cpu'), pipelineTarget(bundle, 'cpu')]
  const threads = values.threads === undefined ? undefined : Number(values.threads)
  console.log(`${values.bundle}, ${bare.imageShape.join(' × ')}; CPU with ${threads ?? availableParallelism()} threads; images per second, and as a multiple of the CPU's`)
  const works = [...[1, 8, 64].map((batch) => screening(both, batch)), attackStep(bare, 8, 'classifier'), attackStep(bare, 64, 'classifier'), attackStep(both, 64, 'both'), ...[8, 32].flatMap((batch) => [trainingStep(bare, batch, true), trainingStep(bare, batch, false)])]
  for (const work of works.filter(({ name }) => name.includes(values.only))) {
    const sessions = new Map<Provider, Runner>()
    let expected: Tensor | undefined
    const said: string[] = []
    try {
      for (const provider of providers)
        try {
          const session = await open(work, { provider, ...(threads === undefined ? {} : { threads }) })
          const got = (await session.run(work.feeds))[work.output]!
          expected ??= got
          if (provider !== 'cpu') {
            const onCpu = await operatorsOnCpu(work.graph, provider, { ...work.feeds, ...vectors(work.state) })
            said.push(`differs by ${difference(expected, got, tolerances.backward).largest.toExponential(1)}${onCpu.length > 0 ? `, leaves ${onCpu.join(', ')} to the CPU` : ''}`)
          }
          sessions.set(provider, session)
        } catch (error) {
          console.log(`FAILED: ${provider}, ${work.name}: ${(error as Error).message}`)
        }
      const rates = new Map<Provider, number[]>([...sessions.keys()].map((provider) => [provider, []]))
      for (let round = 0; round < rounds; round++) for (const [provider, session] of sessions) rates.get(provider)!.push(await imagesPerSecond(session, work, Number(values.seconds) / rounds))
      const cpu = median(rates.get('cpu')!)
      const line = [...rates].map(([provider, taken]) => `${provider} ${median(taken).toFixed(1)}${provider === 'cpu' ? '' : ` (${(median(taken) / cpu).toFixed(2)})`}`)
      console.log([work.name.padEnd(36), ...line, ...said].join('  '))
    } finally {
      for (const session of sessions.values()) await session.release()
    }
  }
}
