/**
 * A full step of the purifier's training (8 pairs of 128 × 128, the shipped network: twins by three attack steps against
 * the classifier, then the optimiser's step on the Siamese loss) against PyTorch on the same networks, weights and
 * images. Both compute the same loss first, or the ratio would mean nothing; then they take turns, so that a busy machine
 * slows both. Of each turn the fastest step counts. `npm run bench -- purifier-step 1` runs both on one thread and counts
 * the processor's seconds, which hold on a busy machine too.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeStep } from '../src/engine/attacks/programs'
import type { AttackTarget } from '../src/engine/attacks/target'
import { residualClassifier } from '../src/engine/nn/classifier'
import { ParameterLayout, type ParameterSource } from '../src/engine/nn/parameters'
import { denoisingAutoencoder } from '../src/engine/nn/purifier'
import { GraphBuilder, type Value } from '../src/engine/onnx/builder'
import { readModel } from '../src/engine/onnx/reader'
import { createSession } from '../src/engine/runtime/session'
import { encodeNpz } from '../src/engine/tensor/npz'
import { Random } from '../src/engine/tensor/random'
import { float32, int64, sizeOf, type Tensor } from '../src/engine/tensor/tensor'
import { augmentations } from '../src/engine/training/augment'
import { freshState } from '../src/engine/training/checkpoint'
import { exportNetwork } from '../src/engine/training/export'
import { ascend } from '../src/engine/training/inner-attack'
import { purifierObjective } from '../src/engine/training/purifier-objective'
import { AugmentedBatches } from '../src/engine/training/training-data'
import { createTrainingSession, trainingGraph } from '../src/engine/training/training-graph'
import { median, pythonWithTorch, serveFromPython } from './pytorch'

const side = 128
const batch = 8
const rounds = 8
const stepsPerRound = 3
const epsilon = 8 / 255
const attackSteps = 3
const classifierShape = { classes: 2, width: 16, blocks: 1 }
const purifierShape = { width: 24, depth: 2 }

const image = [1, side, side] as const
const classifier = (g: GraphBuilder, p: ParameterSource, x: Value) => residualClassifier(g, p, x, classifierShape)

/** Named tensors of a flat vector, for the other side. */
function named(layout: ParameterLayout, flat: Float32Array, prefix: string): Record<string, Tensor> {
  let offset = 0
  return Object.fromEntries(
    layout.specs.map((spec) => {
      const count = sizeOf(spec.shape)
      const value = float32(spec.shape, flat.slice(offset, (offset += count)))
      return [`${prefix}${spec.name}`, value]
    }),
  )
}

/** Of every part the fastest. */
const fastest = (steps: [number, number][]): [number, number] => [Math.min(...steps.map(([attack]) => attack)), Math.min(...steps.map(([, training]) => training))]

export default async function run(): Promise<void> {
  const python = pythonWithTorch()
  if (!python) return
  const threads = Number(process.argv[3] ?? availableParallelism())
  const now = threads === 1 ? () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 : () => performance.now() / 1000
  const random = new Random('purifier step')
  const classifierLayout = ParameterLayout.of((g, p) => classifier(g, p, g.input('x', [1, ...image])))
  const purifierLayout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, ...image]), purifierShape))
  const classifierWeights = classifierLayout.initialise(1)
  const weights = purifierLayout.initialise(2)
  const x = Float32Array.from({ length: batch * side * side }, () => random.next())
  const start = x.map((v) => Math.min(1, Math.max(0, v + random.uniform(-epsilon, epsilon))))
  const labels = Array.from({ length: batch }, (_, i) => i % 2)

  const frozen = readModel(await exportNetwork({ layout: classifierLayout, input: image, output: 'logits', network: classifier }, classifierWeights))
  const target: AttackTarget = { description: 'bench', imageShape: image, classes: ['a', 'b'], provider: 'cpu', logits: (g, v) => g.inline(frozen, { x: v }).logits! }
  const session = await createTrainingSession(
    trainingGraph(purifierLayout, { weightDecay: 0, clipNorm: 1 }, (g, p) => purifierObjective(g, p, target, purifierShape, batch, 'siamese')),
    { provider: 'cpu', threads },
  )
  const scalar = (v: number) => float32([], [v])
  session.write(freshState(weights))
  const images = float32([batch, ...image], x)
  const given = int64([batch], labels)
  const stepGraph = new GraphBuilder()
  writeStep(stepGraph, target, 'linf', 'cross-entropy', batch)
  const attack = await createSession(stepGraph.toBytes(), { provider: 'cpu', threads })
  const twins = () => ascend(async (feeds) => (await attack.run(feeds))['next']!.data as Float32Array, images, given, start, { epsilons: new Float32Array(batch).fill(epsilon), steps: attackSteps })
  const step = async (attacked: Float32Array) => {
    const out = await session.run({
      learningRate: scalar(1e-3), correction1: scalar(10), correction2: scalar(1000), averaging: scalar(0.98),
      x: images, attacked: float32([batch, ...image], attacked), labels: given,
    })
    return { loss: Number(out.loss!.data[0]), gradientNorm: Number(out.gradientNorm!.data[0]) }
  }
  const timed = async (): Promise<[number, number]> => {
    const started = now()
    const attacked = await twins()
    const between = now()
    await step(attacked)
    return [between - started, now() - between]
  }

  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  try {
    const file = join(folder, 'state.npz')
    const settings = { epsilon: scalar(epsilon), attackSteps: int64([], [attackSteps]) }
    const arrays = { x: images, start: float32([batch, ...image], start), labels: given, ...settings }
    writeFileSync(file, encodeNpz({ ...named(classifierLayout, classifierWeights, 'c.'), ...named(purifierLayout, weights, 'p.'), ...arrays }))
    const torch = serveFromPython(python, join(import.meta.dirname, 'purifier_step.py'), file, String(threads))
    try {
      const ours = await step(await twins())
      const theirs = await torch.next<typeof ours>()
      console.log(`loss ${ours.loss.toFixed(6)} and ${theirs.loss.toFixed(6)}, gradient norm ${ours.gradientNorm.toFixed(4)} and ${theirs.gradientNorm.toFixed(4)}`)
      if (Math.abs(ours.loss / theirs.loss - 1) > 1e-3 || Math.abs(ours.gradientNorm / theirs.gradientNorm - 1) > 1e-2) throw new Error('The two sides do not compute the same thing.')

      const turns: { ours: [number, number]; theirs: [number, number] }[] = []
      for (let round = 0; round < rounds; round++) {
        const taken: [number, number][] = []
        for (let i = 0; i < stepsPerRound; i++) taken.push(await timed())
        turns.push({ ours: fastest(taken), theirs: fastest(await torch.ask(stepsPerRound)) })
      }
      console.log(`${batch} pairs of ${side} × ${side}, ${attackSteps} attack steps, ${threads === 1 ? 'processor seconds of one thread' : `${threads} threads`}; ratio: PyTorch's time by Assay's`)
      const report = (what: string, seconds: (parts: [number, number]) => number) => {
        const ms = (of: 'ours' | 'theirs') => `${(1000 * median(turns.map((turn) => seconds(turn[of])))).toFixed(0)} ms`
        console.log(`${what.padEnd(14)} Assay ${ms('ours')}, PyTorch ${ms('theirs')}: ${median(turns.map((turn) => seconds(turn.theirs) / seconds(turn.ours))).toFixed(2)}`)
      }
      report('twins', ([attack]) => attack)
      report('training step', ([, training]) => training)
      report('full step', ([attack, training]) => attack + training)
      const views = new AugmentedBatches({ x, labels: Int32Array.from(labels), size: { channels: image[0]!, height: side, width: side }, classes: ['a', 'b'] }, batch, 1, augmentations.light)
      const viewsTaken: number[] = []
      for (let i = 0; i < rounds * stepsPerRound; i++) {
        const started = now()
        views.at(i, 0)
        viewsTaken.push(now() - started)
      }
      const full = median(turns.map(({ ours: [attack, training] }) => attack + training))
      console.log(`${'random views'.padEnd(14)} ${(1000 * Math.min(...viewsTaken)).toFixed(1)} ms, made between the steps: ${((100 * Math.min(...viewsTaken)) / full).toFixed(1)} % of a full step`)
    } finally {
      torch.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await session.release()
    await attack.release()
  }
}
