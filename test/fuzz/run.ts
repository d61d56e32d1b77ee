/**
 * Feeds mutated files to the real pool, as the engine would, and holds every answer against what Assay promises: a
 * picture that makes sense or a typed error, in time and within the memory.
 */
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecodePool } from '../../src/engine/image/pool/pool'
import type { WorkerEnd } from '../../src/engine/image/pool/pool'
import type { DecodeTask } from '../../src/engine/image/pool/task'
import { decodeWorkerFile } from '../../src/engine/image/pool/worker-file'
import { Random } from '../../src/engine/tensor/random'
import { AssayError } from '../../src/shared/errors'
import { checkAnswer } from './check-answer'
import { mutate } from './mutations'
import type { Seed } from './seeds'

export interface FuzzOptions {
  /** Number of the first case; each can be had again alone from the seed and its number. */
  first?: number
  count: number
  seed: number | string
  workers: number
  /** Milliseconds that a file may take. */
  timeLimit?: number
  /** Bytes that a file may take. */
  memoryLimit?: number
  /** Where offending files are put; nowhere when absent. */
  keep?: string
  workerFile?: string
  /** Told after each case. */
  progress?: (done: number) => void
}

export interface Offence {
  case: number
  name: string
  why: string
}

export interface FuzzReport {
  cases: number
  /** `ok` or an error's code → how many. */
  outcomes: Record<string, number>
  /** Why workers ended → how many. */
  workerEnds: Partial<Record<WorkerEnd, number>>
  offences: Offence[]
  /** Longest first. */
  slowest: { case: number; name: string; milliseconds: number; outcome: string }[]
  /** Of the whole process, bytes. */
  peakMemory: number
  seconds: number
}

function chooseTask(path: string, random: Random): DecodeTask {
  const draw = random.next()
  if (draw < 0.75) return { kind: 'frame', path }
  if (draw < 0.8) return { kind: 'frame', path, frame: random.integer(20) }
  if (draw < 0.86) return { kind: 'stored', path }
  if (draw < 0.92) return { kind: 'tags', path, patientData: random.next() < 0.5 }
  if (draw < 0.94) return { kind: 'source', path }
  return { kind: 'anonymise', path, salt: 'fuzz' }
}

/** The file of a case. */
export function fuzzCase(seeds: readonly Seed[], seed: number | string, number: number): { name: string; bytes: Uint8Array; random: Random } {
  const random = new Random(`fuzz/${seed}/${number}`)
  const from = seeds[random.integer(seeds.length)]!
  const { bytes, done } = mutate(from, random, seeds)
  return { name: `${from.name}: ${done.join(', ')}`, bytes, random }
}

export async function fuzz(seeds: readonly Seed[], options: FuzzOptions): Promise<FuzzReport> {
  const { first = 0, count, seed, workers, timeLimit = 5000, memoryLimit = 512 * 2 ** 20, keep } = options
  const folder = mkdtempSync(join(tmpdir(), 'assay-fuzz-'))
  const report: FuzzReport = { cases: 0, outcomes: {}, workerEnds: {}, offences: [], slowest: [], peakMemory: 0, seconds: 0 }
  const pool = new DecodePool({
    workerFile: options.workerFile ?? decodeWorkerFile(),
    size: workers,
    limits: { time: timeLimit, largestTimeFactor: 1, memory: memoryLimit },
    onWorkerEnd: (reason) => (report.workerEnds[reason] = (report.workerEnds[reason] ?? 0) + 1),
  })
  const began = performance.now()
  const memory = setInterval(() => (report.peakMemory = Math.max(report.peakMemory, process.memoryUsage.rss())), 10)

  async function one(number: number): Promise<void> {
    const { name, bytes, random } = fuzzCase(seeds, seed, number)
    const path = join(folder, `${number}`)
    writeFileSync(path, bytes)
    const task = chooseTask(path, random)
    const offend = (why: string): void => {
      report.offences.push({ case: number, name: `${task.kind} ${name}`, why })
      if (!keep) return
      mkdirSync(keep, { recursive: true })
      writeFileSync(join(keep, `${number}-${task.kind}`), bytes)
    }
    const start = performance.now()
    let outcome = 'ok'
    try {
      const wrong = checkAnswer(task, await pool.run(task))
      if (wrong) offend(wrong)
    } catch (error) {
      outcome = error instanceof AssayError ? error.code : 'untyped'
      const { message } = error as Error
      if (!(error instanceof AssayError) || outcome === 'internal' || outcome === 'decode-timeout') offend(`${outcome}: ${message}`)
      else if (error.facts.path !== path) offend(`no path with ${outcome}: ${message}`)
    }
    const milliseconds = performance.now() - start
    if (milliseconds > timeLimit && outcome !== 'decode-timeout') offend(`took ${Math.round(milliseconds)} ms`)
    unlinkSync(path)
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1
    report.slowest.push({ case: number, name: `${task.kind} ${name}`, milliseconds, outcome })
    if (report.slowest.length > 200) keepSlowest(report)
    report.cases++
    options.progress?.(report.cases)
  }

  let next = first
  const lane = async (): Promise<void> => {
    while (next < first + count) await one(next++)
  }
  try {
    await Promise.all(Array.from({ length: workers }, lane))
  } finally {
    clearInterval(memory)
    await pool.close()
    rmSync(folder, { recursive: true, force: true })
  }
  keepSlowest(report)
  report.seconds = (performance.now() - began) / 1000
  return report
}

function keepSlowest(report: FuzzReport): void {
  report.slowest.sort((a, b) => b.milliseconds - a.milliseconds)
  report.slowest.length = Math.min(report.slowest.length, 10)
}
