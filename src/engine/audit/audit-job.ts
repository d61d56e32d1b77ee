/**
 * The job behind `assay audit`: labelled images in, attacked in every way that was asked for, a report out.
 *
 * Work goes in chunks of a fixed number of images. What a chunk came to is one write to results.jsonl, forced to disk,
 * with a line at its end that says the chunk is whole. Chunks that take long fall into parts, kept until the chunk is
 * whole; a power cut costs the part in flight, and an audit that was cut off and resumed reports what an uninterrupted
 * one does, times aside.
 */
import { basename, join, resolve } from 'node:path'
import type { AttackedRecord, AuditRecord, AuditReport, AuditRun, ImageRecord } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { assertWithinBounds, distances } from '../attacks/bounds'
import { CompiledTarget } from '../attacks/compiled-target'
import { findAttack } from '../attacks/registry'
import { writeFileAtomic } from '../bundle/atomic'
import type { LineLog } from '../bundle/line-log'
import { noneRead, throwIfAborted } from '../dataset/model-inputs'
import type { JobContext, JobDefinition } from '../jobs/definition'
import { assertSameAudit, chunkSize, openRecords, prepareOutput, readAuditJob, readChunk, readRecords, reportFile, tableFile, whileFolderHeld, writeAuditJob, writeChunk, type AuditJob, type ChunkImages } from './audit-folder'
import { beginningOf } from './beginning'
import { openEarlierAttacks, type EarlierAttacks } from './earlier-attacks'
import { openJudge, type Judge, type Pace } from './judge'
import { openAudit } from './images'
import { prepareAudit, type Prepared } from './prepare'
import { gradientProbe, repeatProbe } from './probes'
import { type ChunkLoad, goesOnWithTheRest, passesOf, type Weights, Workload } from './progress'
import { writeReports } from '../report/write'
import { reportInputOf } from './report-input'
import { resultsTable } from './results-table'
import { attackTitle, epsilonText, targetKey, targetOf } from './runs'
import { reportOf } from './score/report'
import { rowOf } from './score/rows'
import { chunkCount, cleanRun, tally as tallied } from './score/tally'
import { forgetUnfinished, joined, keepUnfinished, readUnfinished, type Part, picked } from './unfinished'

type Parameters = JobParameters['audit']

interface Outcome {
  result: AuditReport
  exitCode: 0 | 3
}

/** Images that the probes are made on. */
const probed = 64
/** Seconds that a part of a chunk may take before it is kept, and the sizes that it may have: those of batches. */
const partSeconds = 60
const partSizes = [16, 8, 4] as const

/** One audit under way: the folder, what is known so far, and what the chunks are computed with. */
class Audit {
  private readonly records: AuditRecord[]
  private readonly chunksDone = new Map<string, Set<number>>()
  private target: { key: string; model: CompiledTarget } | undefined
  private readonly weights: Weights
  private done = 0

  constructor(
    private readonly prepared: Prepared,
    private readonly job: AuditJob,
    private readonly folder: string,
    private readonly log: LineLog<AuditRecord>,
    private readonly judge: Judge,
    private readonly earlier: EarlierAttacks | null,
    private readonly context: JobContext,
    pace: Pace,
  ) {
    this.records = [...log.earlier]
    for (const record of this.records) if (record.kind === 'chunk') this.mark(record.run, record.chunk)
    const { defences } = job
    const purifiers = defences.filter((defence) => defence === 'purifier' || defence.startsWith('bundle:')).length
    this.weights = { pipeline: pace.pipeline, judging: 2 * (defences.length + purifiers * (pace.pipeline - 1)) }
  }

  private get shape(): readonly [number, number, number] {
    const { channels, height, width } = this.job.bundle.input
    return [channels, height, width]
  }

  private get images(): ImageRecord[] {
    return this.records.filter((record): record is ImageRecord => record.kind === 'image')
  }

  private mark(run: string, chunk: number): void {
    if (!this.chunksDone.has(run)) this.chunksDone.set(run, new Set())
    this.chunksDone.get(run)!.add(chunk)
  }

  private isDone = (run: string, chunk: number): boolean => this.chunksDone.get(run)?.has(chunk) === true

  /** Makes a chunk durable: its lines and the line that closes it, in one write. */
  private async close(run: string, chunk: number, lines: AuditRecord[], seconds: number): Promise<void> {
    const all: AuditRecord[] = [...lines, { kind: 'chunk', run, chunk, seconds }]
    await this.log.append(all)
    await forgetUnfinished(this.folder)
    this.records.push(...all)
    this.mark(run, chunk)
  }

  async run(): Promise<void> {
    await this.clean()
    const images = this.images
    if (images.length === 0) throw noneRead(this.job.data.path, this.records.flatMap((record) => (record.kind === 'unreadable' ? record.message : [])))
    const attackable = images.filter(({ label, clean }) => clean.predicted['none'] === label || clean.predicted['purifier'] === label)
    const chunks = Array.from({ length: chunkCount(this.job) }, (_, chunk) => attackable.filter(({ image }) => Math.floor(image / chunkSize) === chunk))
    const wanted = (run: AuditRun, chunk: number) => chunks[chunk]!.filter(({ image }) => image % (run.every ?? 1) === 0)
    const loadOf = (run: AuditRun, chunk: number): ChunkLoad => {
      const chosen = wanted(run, chunk)
      const taken = chosen.filter(({ image }) => this.earlier?.covers(run, chunk, image)).length
      return { attacked: chosen.length - taken, taken }
    }
    const work = new Workload(this.job, this.weights, this.job.runs.map((run) => chunks.map((_, chunk) => loadOf(run, chunk))))

    await this.probe(attackable)
    for (const [number, run] of this.job.runs.entries()) {
      const title = `${attackTitle(run, this.job.classes.length)} at ${epsilonText(run.epsilon, run.norm)}, ${run.check ? `check of ${run.threat}` : run.threat}`
      let [left, total] = [1, 0]
      for (const chunk of chunks.keys()) {
        // What was left so far tells how long an attack made of several goes on.
        if (chunk === 0 || goesOnWithTheRest(run, this.job.classes.length)) {
          const ahead = work.ahead(number, chunk, this.records)
          ;[left, total] = [ahead.left, Math.ceil(this.done + ahead.passes)]
        }
        const chosen = wanted(run, chunk)
        const cost = work.of(number, chunk, left)
        const tell = (share: number): void => this.context.progress({ done: Math.min(total, Math.floor(this.done + share * cost)), total, message: title })
        // What an earlier attempt did is passed over in silence: the pace begins with what is done now.
        if (!this.isDone(run.id, chunk)) {
          throwIfAborted(this.context.signal)
          await this.attack(run, chunk, chosen, left, tell)
          this.announce(run)
        }
        this.done += cost
      }
    }
    const total = Math.ceil(this.done)
    this.context.progress({ done: total, total })
  }

  /** Reads the images and judges them as they are. */
  private async clean(): Promise<void> {
    const { set } = this.prepared
    for (let chunk = 0; chunk < chunkCount(this.job); chunk++) {
      if (this.isDone(cleanRun, chunk)) continue
      throwIfAborted(this.context.signal)
      this.context.progress({ done: chunk * chunkSize, total: this.job.data.chosen, message: 'reading images' })
      const begun = performance.now()
      const { numbers, x, failures } = await set.load(chunk * chunkSize, Math.min((chunk + 1) * chunkSize, this.job.data.chosen), this.context.signal)
      const labels = Int32Array.from(numbers, (n) => set.labels[n]!)
      const judged = await this.judge.judge(x, labels)
      await writeChunk(this.folder, null, chunk, { x, labels, numbers: Int32Array.from(numbers) }, this.shape)
      const lines: AuditRecord[] = [
        ...failures.map(({ path, error }) => ({ kind: 'unreadable' as const, path, code: error.code, message: error.message })),
        ...numbers.map((image, i) => ({ kind: 'image' as const, image, path: set.paths[image]!, label: labels[i]!, clean: judged[i]! })),
      ]
      await this.close(cleanRun, chunk, lines, (performance.now() - begun) / 1000)
    }
  }

  /** Answers and gradients of what is attacked, before it is. */
  private async probe(attackable: readonly ImageRecord[]): Promise<void> {
    if (!this.prepared.parameters.checks || attackable.length === 0) return
    const step = Math.ceil(attackable.length / probed)
    const chosen = attackable.filter((_, i) => i % step === 0)
    for (const threat of this.job.threats) {
      const name = `probe/${threat}`
      const run = this.job.runs.find((candidate) => candidate.threat === threat && !candidate.variant)
      if (threat === 'transfer' || !run || this.isDone(name, 0)) continue
      this.context.progress({ done: 0, total: 0, message: `looking for masked gradients, ${threat}` })
      const begun = performance.now()
      const { x, labels } = await this.imagesOf(chosen)
      const model = this.targetFor(run)
      const lines: AuditRecord[] = [await repeatProbe(await model, x, threat, this.context.signal)]
      if (this.job.runs.some((r) => r.threat === threat && !r.variant && findAttack(r.attack).access === 'gradients')) lines.push(await gradientProbe(await model, x, labels, threat, this.context.signal))
      await this.close(name, 0, lines, (performance.now() - begun) / 1000)
    }
  }

  /** Clean images of any chunks, in the order of the records. */
  private async imagesOf(wanted: readonly ImageRecord[]): Promise<ChunkImages> {
    const pixels = this.shape.reduce((a, b) => a * b, 1)
    const x = new Float32Array(wanted.length * pixels)
    let loaded: { chunk: number; images: ChunkImages } | undefined
    for (const [i, { image }] of wanted.entries()) {
      const chunk = Math.floor(image / chunkSize)
      if (loaded?.chunk !== chunk) loaded = { chunk, images: await readChunk(this.folder, null, chunk) }
      const at = loaded.images.numbers.indexOf(image)
      if (at < 0) throw new AssayError('data-set-invalid', `The clean images in ${this.folder} are not those of its records; start the audit in another folder.`, { path: this.folder })
      x.set(loaded.images.x.subarray(at * pixels, (at + 1) * pixels), i * pixels)
    }
    return { x, labels: Int32Array.from(wanted, ({ label }) => label), numbers: Int32Array.from(wanted, ({ image }) => image) }
  }

  private async targetFor(run: AuditRun): Promise<CompiledTarget> {
    const key = targetKey(run)
    if (this.target?.key === key) return this.target.model
    await this.release()
    const { bundle, source, finding, parameters } = this.prepared
    const target = targetOf(run, { bundle, provider: parameters.provider, ...(source ? { source } : {}), ...(finding === undefined ? {} : { finding }) })
    this.target = { key, model: new CompiledTarget(target, parameters.batch) }
    return this.target.model
  }

  /** Most images of a part, by the pace that was written down when the audit was begun: whole chunks without one. */
  private partOf(run: AuditRun): number {
    const { pace, classes } = this.job
    const seconds = pace ? passesOf(run, classes.length, { pipeline: pace.pipeline, judging: 0 }) * pace.pass : 0
    return seconds * chunkSize <= partSeconds ? chunkSize : (partSizes.find((size) => seconds * size <= partSeconds) ?? partSizes.at(-1)!)
  }

  /** Attacks the images of a chunk that are not in `part`, which an earlier attempt left. */
  private async make(run: AuditRun, chunk: number, { x, labels, numbers }: ChunkImages, part: Part, expectedLeft: number, progress: (share: number) => void): Promise<Part> {
    const model = await this.targetFor(run)
    const { norm, epsilon, options } = run
    const [total, size, pixels] = [numbers.length, this.partOf(run), x.length / numbers.length]
    while (part.count < total) {
      const [from, to] = [part.count, Math.min(total, part.count + size)]
      const begun = performance.now()
      const result = await findAttack(run.attack).run({
        model, norm, epsilon, options,
        x: x.subarray(from * pixels, to * pixels), labels: labels.subarray(from, to), numbers: numbers.subarray(from, to),
        seed: this.job.seed, signal: this.context.signal, expectedLeft,
        progress: (share) => progress((from + share * (to - from)) / total),
      })
      // What was cancelled may be half done.
      throwIfAborted(this.context.signal)
      part = joined(part, { ...result, count: to - from, seconds: (performance.now() - begun) / 1000 })
      if (to < total) await keepUnfinished(this.folder, run.id, chunk, numbers, part)
    }
    return part
  }

  /** What an earlier audit made of the images of a chunk, and of those that it has not, what is made now. */
  private async attacked(run: AuditRun, chunk: number, chosen: readonly ImageRecord[], all: ChunkImages, left: number, progress: (share: number) => void): Promise<Part> {
    const earlier = await this.earlier?.take(run, chunk, [...all.numbers])
    const had = new Set(earlier?.images)
    if (earlier && had.size === chosen.length) return earlier
    const lacking = earlier && had.size > 0 ? await this.imagesOf(chosen.filter(({ image }) => !had.has(image))) : all
    const begun = await readUnfinished(this.folder, run.id, chunk, lacking.numbers)
    progress(begun.count / lacking.numbers.length)
    const made = await this.make(run, chunk, lacking, begun, left, progress)
    return earlier ? picked(joined(earlier, made), [...earlier.images, ...lacking.numbers], [...all.numbers]) : made
  }

  /** Attacks the images of a chunk, or takes what an earlier audit made of them, and judges what came of it. */
  private async attack(run: AuditRun, chunk: number, chosen: readonly ImageRecord[], left: number, progress: (share: number) => void): Promise<void> {
    if (chosen.length === 0) return this.close(run.id, chunk, [], 0)
    const images = await this.imagesOf(chosen)
    const { x, labels, numbers } = images
    const { norm, epsilon } = run
    const { adversarial, queries, brokenBy, seconds } = await this.attacked(run, chunk, chosen, images, left, progress)
    const { linf, l2 } = distances(x, adversarial, labels.length)
    assertWithinBounds(adversarial, run.minimumNorm ? undefined : { norm, epsilon, linf, l2 })
    const judged = await this.judge.judge(adversarial, labels)
    const rounded = await this.judge.predict(adversarial.map((v) => Math.round(v * 255) / 255))
    throwIfAborted(this.context.signal)
    const lines = chosen.map(
      ({ image }, i): AttackedRecord => ({
        kind: 'attacked',
        run: run.id,
        image,
        attacked: judged[i]!,
        predictedAt8Bits: rounded[i]!,
        linf: linf[i]!,
        l2: l2[i]!,
        ...(queries ? { queries: queries[i]! } : {}),
        ...(brokenBy ? { brokenBy: brokenBy[i]! } : {}),
      }),
    )
    // Before the lines, so that no line speaks of images that are not there.
    if (this.job.keep && !run.check) await writeChunk(this.folder, run.id, chunk, { x: adversarial, labels, numbers }, this.shape)
    await this.close(run.id, chunk, lines, seconds)
  }

  private announce(run: AuditRun): void {
    const row = run.check ? null : rowOf(tallied(this.job, this.records.filter((record) => record.kind === 'image' || (record.kind !== 'unreadable' && record.run === run.id))), run, run.epsilon)
    this.context.emit({ name: 'audit.run', payload: { jobId: this.context.jobId, run, done: this.chunksDone.get(run.id)!.size, total: chunkCount(this.job), row } })
  }

  async release(): Promise<void> {
    await this.target?.model.release()
    this.target = undefined
  }
}

/** What is made of the lines at the end: the table, the numbers, and the reports for people. */
async function finish(folder: string, job: AuditJob, judge: Judge): Promise<AuditReport> {
  const records = await readRecords(folder)
  const report = reportOf(job, records)
  await writeFileAtomic(join(folder, tableFile), resultsTable(job, records))
  await writeFileAtomic(join(folder, reportFile), `${JSON.stringify(report, null, 2)}\n`)
  await writeReports(folder, await reportInputOf(await openAudit(folder), report, judge))
  return report
}

async function runIn(folder: string, parameters: Parameters, context: JobContext): Promise<Outcome> {
  const resuming = await prepareOutput(folder, parameters.resume)
  context.progress({ message: 'loading the models' })
  const prepared = await prepareAudit(parameters, context.places.bundleFolders)
  const { bundle, compare, defences, finding } = prepared
  const judge = await openJudge({ bundle, compare, defences, provider: parameters.provider, ...(finding === undefined ? {} : { finding }) })
  try {
    context.progress({ message: 'hashing the data' })
    const begun = resuming ? await readAuditJob(folder) : null
    const pace = begun?.pace ?? (await judge.pace())
    let job: AuditJob = { ...(await beginningOf(prepared, judge.provider, context.places.version, context.signal)), pace }
    if (begun) {
      assertSameAudit(begun, job, folder)
      // The bundle may lie elsewhere by now, and its images are looked at from there.
      job = { ...begun, bundle: { ...begun.bundle, path: job.bundle.path } }
    }
    const earlier = job.attacked === null ? null : await openEarlierAttacks(job.attacked, job)
    await writeAuditJob(folder, job)
    const log = await openRecords(folder)
    const audit = new Audit(prepared, job, folder, log, judge, earlier, context, pace)
    try {
      await audit.run()
    } finally {
      await audit.release()
      await log.close()
    }
    context.progress({ message: 'writing the report' })
    const report = await finish(folder, job, judge)
    return { result: report, exitCode: report.unreadable.length ? 3 : 0 }
  } finally {
    await judge.release()
  }
}

function run(parameters: Parameters, context: JobContext): Promise<Outcome> {
  const folder = auditFolder(parameters, context.folder)
  return whileFolderHeld(folder, () => runIn(folder, parameters, context))
}

/** Where an audit is written: where it was asked for, or beside the job's own record. */
export const auditFolder = ({ out }: Pick<Parameters, 'out'>, jobFolder: string): string => resolve(out ?? join(jobFolder, 'audit'))

export const auditJob: JobDefinition<'audit'> = {
  kind: 'audit',
  title: ({ bundle, data }) => `Audit ${basename(bundle)} on ${basename(data)}`,
  /** `result` is an AuditReport. @throws AssayError for what concerns all images: bundle, data, attacks, output folder */
  run,
}
