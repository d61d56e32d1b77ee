/**
 * One optimiser step of the purifier (Siamese loss, 8 pairs of 128 × 128, the shipped network) against PyTorch on the
 * same network, weights and images. Both compute the same loss first, or the ratio would mean nothing; then they take
 * turns, so that a busy machine slows both.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttackTarget } from '../src/engine/attacks/target'
import { residualClassifier } from '../src/engine/nn/classifier'
import { ParameterLayout, type ParameterSource } from '../src/engine/nn/parameters'
import { denoisingAutoencoder } from '../src/engine/nn/purifier'
import type { GraphBuilder, Value } from '../src/engine/onnx/builder'
import { readModel } from '../src/engine/onnx/reader'
import { createSession } from '../src/engine/runtime/session'
import { encodeNpz } from '../src/engine/tensor/npz'
import { Random } from '../src/engine/tensor/random'
import { float32, int64, sizeOf, type Tensor } from '../src/engine/tensor/tensor'
import { exportNetwork } from '../src/engine/training/export'
import { purifierObjective } from '../src/engine/training/purifier-objective'
import { trainingGraph } from '../src/engine/training/training-graph'
import { median, pythonWithTorch, runPython } from './pytorch'

const side = 128
const batch = 8
const rounds = 5
const stepsPerRound = 6
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

export default async function run(): Promise<void> {
  const python = pythonWithTorch()
  if (!python) return
  const random = new Random('purifier step')
  const classifierLayout = ParameterLayout.of((g, p) => classifier(g, p, g.input('x', [1, ...image])))
  const purifierLayout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, ...image]), purifierShape))
  const classifierWeights = classifierLayout.initialise(1)
  const weights = purifierLayout.initialise(2)
  const x = Float32Array.from({ length: batch * side * side }, () => random.next())
  const attacked = x.map((v) => Math.min(1, Math.max(0, v + random.uniform(-8, 8) / 255)))
  const labels = Array.from({ length: batch }, (_, i) => i % 2)

  const frozen = readModel(await exportNetwork({ layout: classifierLayout, input: image, output: 'logits', network: classifier }, classifierWeights))
  const target: AttackTarget = { description: 'bench', imageShape: image, classes: ['a', 'b'], provider: 'cpu', logits: (g, v) => g.inline(frozen, { x: v }).logits! }
  const session = await createSession(
    trainingGraph(purifierLayout, { weightDecay: 0, clipNorm: 1 }, (g, p) => purifierObjective(g, p, target, purifierShape, batch, 'siamese')),
    { provider: 'cpu' },
  )
  const vector = (data: Float32Array) => float32([data.length], data)
  const scalar = (v: number) => float32([], [v])
  let state = { weights: vector(weights), firstMoment: vector(weights.map(() => 0)), secondMoment: vector(weights.map(() => 0)) }
  const step = async () => {
    const out = await session.run({
      ...state,
      learningRate: scalar(1e-3), correction1: scalar(10), correction2: scalar(1000),
      x: float32([batch, ...image], x), attacked: float32([batch, ...image], attacked), labels: int64([batch], labels),
    })
    state = { weights: out.nextWeights as Tensor<'float32'>, firstMoment: out.nextFirstMoment as Tensor<'float32'>, secondMoment: out.nextSecondMoment as Tensor<'float32'> }
    return { loss: Number(out.loss!.data[0]), gradientNorm: Number(out.gradientNorm!.data[0]) }
  }

  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  try {
    const file = join(folder, 'state.npz')
    const arrays = { x: float32([batch, ...image], x), attacked: float32([batch, ...image], attacked), labels: int64([batch], labels) }
    writeFileSync(file, encodeNpz({ ...named(classifierLayout, classifierWeights, 'c.'), ...named(purifierLayout, weights, 'p.'), ...arrays }))
    const script = join(import.meta.dirname, 'purifier_step.py')
    const threads = String(availableParallelism())
    const ours = await step()
    const theirs = runPython<{ loss: number; gradientNorm: number }>(python, script, file, threads, '0')
    console.log(`loss ${ours.loss.toFixed(6)} and ${theirs.loss.toFixed(6)}, gradient norm ${ours.gradientNorm.toFixed(4)} and ${theirs.gradientNorm.toFixed(4)}`)
    if (Math.abs(ours.loss / theirs.loss - 1) > 1e-3 || Math.abs(ours.gradientNorm / theirs.gradientNorm - 1) > 1e-2) throw new Error('The two sides do not compute the same thing.')

    const [assay, torch]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < stepsPerRound; i++) {
        const started = performance.now()
        await step()
        assay.push((performance.now() - started) / 1000)
      }
      torch.push(...runPython<{ seconds: number[] }>(python, script, file, threads, String(stepsPerRound)).seconds)
    }
    const [a, t] = [median(assay), median(torch)]
    console.log(`purifier step, ${batch} pairs of ${side} × ${side}, ${threads} threads: Assay ${(1000 * a).toFixed(0)} ms, PyTorch ${(1000 * t).toFixed(0)} ms`)
    console.log(`speed relative to PyTorch: ${(t / a).toFixed(2)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await session.release()
  }
}
