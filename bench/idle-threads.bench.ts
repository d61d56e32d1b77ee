/**
 * What it brings that ONNX Runtime's threads do not spin between two runs: a shipped purifier and the classifier behind
 * it, once with ONNX Runtime's defaults and once with ours, alone and with all cores but one busy otherwise.
 *
 *   npm run bench -- idle-threads
 *
 * Both ways take turns within one process.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { idleThreads, openSession, ortBinding } from '../src/engine/runtime/session'
import { median } from './pytorch'

const bundle = join(import.meta.dirname, '..', 'models', 'chest-xray')
const side = 128
const rounds = 7
const millisecondsPerRound = 700

type Way = (batch: number) => Promise<unknown>

async function open(extra: ReturnType<typeof idleThreads> | undefined): Promise<Way> {
  const ort = await ortBinding()
  const load = (file: string) => openSession(ort, readFileSync(join(bundle, file)), 'cpu', {}, { extra: extra ?? {} })
  const [purifier, classifier] = await Promise.all([load('purifier.onnx'), load('classifier.onnx')])
  return async (batch) => {
    const x = new ort.Tensor('float32', new Float32Array(batch * side * side).fill(0.3), [batch, 1, side, side])
    const purified = await purifier.run({ [purifier.inputNames[0]!]: x })
    await classifier.run({ [classifier.inputNames[0]!]: purified[purifier.outputNames[0]!]! })
  }
}

async function imagesPerSecond(way: Way, batch: number): Promise<number> {
  const began = performance.now()
  let images = 0
  while (performance.now() - began < millisecondsPerRound) {
    await way(batch)
    images += batch
  }
  return images / ((performance.now() - began) / 1000)
}

/** Keeps all cores but one busy, as other programs do. */
function busyCores(): () => Promise<unknown> {
  const workers = Array.from({ length: Math.max(1, availableParallelism() - 1) }, () => new Worker('for (;;) Math.sqrt(Math.random())', { eval: true }))
  return () => Promise.all(workers.map((worker) => worker.terminate()))
}

export default async function run(): Promise<void> {
  const ways = { defaults: await open(undefined), ours: await open(idleThreads()) }
  console.log(`${availableParallelism()} cores; images per second through a purifier and a classifier`)
  for (const beside of ['alone', 'beside busy cores']) {
    const release = beside === 'alone' ? undefined : busyCores()
    for (const batch of [1, 8, 64]) {
      const rates = { defaults: [] as number[], ours: [] as number[] }
      for (const way of [ways.defaults, ways.ours]) await way(batch)
      for (let round = 0; round < rounds; round++)
        for (const way of ['defaults', 'ours'] as const) rates[way].push(await imagesPerSecond(ways[way], batch))
      const [theirs, ours] = [median(rates.defaults), median(rates.ours)]
      console.log(`${beside.padEnd(18)} batch ${String(batch).padStart(2)}   ONNX Runtime's defaults ${theirs.toFixed(0).padStart(5)}   ours ${ours.toFixed(0).padStart(5)}   × ${(ours / theirs).toFixed(2)}`)
    }
    await release?.()
  }
}
