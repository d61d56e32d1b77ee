/**
 * Forward pass and input gradient of well-known classifiers (batch 8, 3 × 224 × 224), as an attack needs them, against
 * PyTorch on the model that it exported itself. Both compute the same gradient first, or the ratio would mean nothing;
 * then they take turns, so that a busy machine slows both. Of each turn the fastest run counts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gradient } from '../src/engine/autodiff/gradient'
import { crossEntropyPerImage } from '../src/engine/nn/losses'
import { GraphBuilder } from '../src/engine/onnx/builder'
import { oneHot } from '../src/engine/onnx/ops'
import { readModel } from '../src/engine/onnx/reader'
import { createSession, type Session } from '../src/engine/runtime/session'
import { decodeNpz } from '../src/engine/tensor/npz'
import type { Tensor } from '../src/engine/tensor/tensor'
import { median, pythonWithTorch, runPython, serveFromPython } from './pytorch'

const models = ['resnet18', 'mobilenet_v2', 'densenet121', 'squeezenet1_1', 'efficientnet_b0']
const batch = 8
const rounds = 4
const runsPerRound = 2
/**
 * Largest differences, relative to the largest value. Of the gradient's elements some may differ by more: where an
 * activation lies at a kink within rounding, each side may take another slope.
 */
const tolerance = { logits: 1e-4, gradient: 1e-3, beyond: 0.03 }

const script = join(import.meta.dirname, 'input_gradient.py')
const threads = String(availableParallelism())

function gradientGraph(file: string, x: Tensor): GraphBuilder {
  const g = new GraphBuilder()
  const image = g.input('x', x.shape)
  const labels = g.input('labels', [batch], 'int64')
  const logits = g.inline(readModel(readFileSync(file)), { x: image }).logits!
  g.output('logits', logits)
  g.output('gradient', gradient(g, crossEntropyPerImage(g, logits, oneHot(g, labels, logits.shape[1]!)), [image])[0]!)
  return g
}

/** A Python that holds the model ready and answers each number of runs with their seconds. */
async function pytorchServer(python: string, name: string, folder: string) {
  const served = serveFromPython(python, script, 'serve', name, folder, threads)
  const { setting } = await served.next<{ setting: string }>()
  return {
    setting,
    run: (runs: number) => served.ask<number[]>(runs),
    stop: () => served.stop(),
  }
}

/** Fails unless both sides computed the same. */
function compare(name: string, found: Record<string, Tensor>, golden: Record<string, Tensor>): void {
  const differences = (value: string) => {
    const reference = golden[value]!.data as Float32Array
    const largest = reference.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    return (found[value]!.data as Float32Array).map((v, i) => Math.abs(v - reference[i]!) / largest)
  }
  const logits = differences('logits').reduce((m, v) => Math.max(m, v), 0)
  const gradients = differences('gradient')
  const beyond = gradients.filter((d) => !(d <= tolerance.gradient)).length / gradients.length
  if (!(logits <= tolerance.logits) || beyond > tolerance.beyond)
    throw new Error(`${name}: the two sides do not compute the same thing (logits ${logits.toExponential(1)}, ${(100 * beyond).toFixed(2)} % of the gradient beyond ${tolerance.gradient}).`)
}

async function secondsOf(session: Session, feeds: Record<string, Tensor>, runs: number): Promise<number[]> {
  const seconds: number[] = []
  for (let i = 0; i < runs; i++) {
    const started = performance.now()
    await session.run(feeds)
    seconds.push((performance.now() - started) / 1000)
  }
  return seconds
}

/** PyTorch's time by ours, after a line that tells both. */
async function ratioOf(python: string, name: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  try {
    runPython(python, script, 'export', name, folder, String(batch))
    const golden = decodeNpz(readFileSync(join(folder, 'golden.npz')))
    const feeds = { x: golden.x!, labels: golden.labels! }
    const session = await createSession(gradientGraph(join(folder, 'model.onnx'), golden.x!).toBytes(), { provider: 'cpu' })
    const torch = await pytorchServer(python, name, folder)
    try {
      compare(name, await session.run(feeds), golden)
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        ours.push(Math.min(...(await secondsOf(session, feeds, runsPerRound))))
        theirs.push(Math.min(...(await torch.run(runsPerRound))))
      }
      const ratio = median(theirs.map((t, i) => t / ours[i]!))
      const ms = (seconds: number) => `${(1000 * seconds).toFixed(0)} ms`
      console.log(`${name.padEnd(16)} Assay ${ms(median(ours))}, PyTorch ${ms(median(theirs))} (${torch.setting}): ${ratio.toFixed(2)}`)
      return ratio
    } finally {
      torch.stop()
      await session.release()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `npm run bench -- input-gradient [model]` */
export default async function run(): Promise<void> {
  const python = pythonWithTorch()
  if (!python) return
  const [chosen] = process.argv.slice(3)
  if (chosen !== undefined && !models.includes(chosen)) throw new Error(`No model ${chosen}; there are ${models.join(', ')}.`)
  console.log(`forward and input gradient of ${batch} images of 3 × 224 × 224, ${threads} threads; ratio: PyTorch's time by Assay's`)
  const ratios: number[] = []
  for (const name of chosen === undefined ? models : [chosen]) ratios.push(await ratioOf(python, name))
  if (ratios.length > 1) console.log(`speed relative to PyTorch, mean of ${ratios.length} models: ${(ratios.reduce((a, b) => a + b) / ratios.length).toFixed(2)}`)
}
