/**
 * The record of a training in its job's folder: `training.jsonl`, a line at a time, and the sample images. Whatever
 * becomes of the process, what was measured stays to be looked at; a training that goes on takes the lines of the job
 * before it along.
 */
import { cp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { trainingLineSchema } from '../../shared/training-record'
import type { BeginLine, EpochLine, TrainingLine } from '../../shared/training-record'
import { GrowingLines, openLines, readLines, type LineLog } from '../bundle/line-log'
import type { JobContext } from '../jobs/definition'
import { jobFolder, listRecords, readRecord, type JobRecord } from '../jobs/records'
import type { EpochRecord, TrainingState } from './checkpoint'
import { keepsPictures, samplesFolder, writeSampleImages, writeSamplesOf, type SampleImages } from './samples'

const recordFile = 'training.jsonl'
/** Between two lines within an epoch. */
const stepMilliseconds = 1000
/** Newest jobs among which the one before is looked for. */
const searched = 200

const parseLine = (value: unknown): TrainingLine => trainingLineSchema.parse(value)

export const readTrainingLines = (folder: string): Promise<TrainingLine[]> => readLines(join(folder, recordFile), parseLine)

/** For reading them again and again while they grow. */
export const growingTrainingLines = (folder: string): GrowingLines<TrainingLine> => new GrowingLines(join(folder, recordFile), (text) => parseLine(JSON.parse(text)))

/** What decides where a training keeps its checkpoint, so that a later job is known to go on with it. */
export const placeOf = ({ out, bundle, data }: Record<string, unknown>): string => JSON.stringify([out ?? null, bundle ?? null, data ?? null])

const hasLines = (folder: string): Promise<boolean> => stat(join(folder, recordFile)).then(({ size }) => size > 0, () => false)

/**
 * Folder whose lines and sample images tell of a training: its job's own, or, where it goes on and has none (yet), that of
 * the newest job before which has some. A job that was stopped while it read its images leaves none.
 */
export async function tellingFolder(dataFolder: string, { job, parameters }: JobRecord): Promise<string> {
  const own = jobFolder(dataFolder, job.id)
  if (parameters['resume'] !== true || (await hasLines(own))) return own
  for (const { job: before, parameters: asked } of await listRecords(dataFolder, searched)) {
    if (before.id >= job.id || before.kind !== job.kind || placeOf(asked) !== placeOf(parameters)) continue
    // Nothing goes on from what came to its end.
    if (before.state === 'done') break
    const folder = jobFolder(dataFolder, before.id)
    if (await hasLines(folder)) return folder
  }
  return own
}

/** The same for a job that begins to write; undefined where the records before are gone. */
async function folderBefore({ jobId, places, folder }: JobContext): Promise<string | undefined> {
  const mine = await readRecord(places.dataFolder, jobId)
  const telling = mine && (await tellingFolder(places.dataFolder, mine))
  return telling === folder ? undefined : (telling ?? undefined)
}

/** Metrics of an epoch without what the line says by itself. */
const metricsOf = ({ epoch: _epoch, ...metrics }: EpochRecord): Record<string, number> => metrics

export class TrainingRecord {
  private lastStep = 0
  private begun = Date.now()
  /** One line after another. */
  private writing: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly log: LineLog<TrainingLine>,
    private readonly context: JobContext,
    private readonly begin: BeginLine,
    private readonly samples: SampleImages,
  ) {}

  /**
   * @param resumed where a training that goes on stands; null for one that begins
   * @throws AssayError disk-full, output-not-writable
   */
  static async open(context: JobContext, begin: Omit<BeginLine, 'kind' | 'samples'>, samples: SampleImages, resumed: Pick<TrainingState, 'step' | 'history' | 'bestEpoch'> | null): Promise<TrainingRecord> {
    const line: BeginLine = { kind: 'begin', ...begin, samples: { labels: [...samples.images.labels], epsilon: samples.epsilon } }
    const earlier: TrainingLine[] = []
    if (resumed) {
      const before = await folderBefore(context)
      if (before) await cp(join(before, samplesFolder), join(context.folder, samplesFolder), { recursive: true }).catch(() => undefined)
      const lines = before ? await readTrainingLines(before) : []
      const measured = resumed.history.at(-1)?.epoch ?? 0
      earlier.push(...lines.filter((each) => (each.kind === 'epoch' ? each.epoch <= measured : each.kind === 'step' && each.step <= resumed.step)))
      // The checkpoint knows the epochs too, though not how long they took.
      if (earlier.length === 0)
        earlier.push(...resumed.history.map((record): EpochLine => ({ kind: 'epoch', epoch: record.epoch, step: record.epoch * begin.stepsPerEpoch, seconds: 0, best: record.epoch === resumed.bestEpoch, metrics: metricsOf(record), answers: {}, pictures: false })))
    }
    await writeSampleImages(context.folder, samples)
    const log = await openLines(join(context.folder, recordFile), context.folder, parseLine)
    const record = new TrainingRecord(log, context, line, samples)
    await record.append([line, ...earlier])
    return record
  }

  /** Now and then; of steps close together only the first is kept. */
  step(step: number, loss: number): void {
    if (Date.now() - this.lastStep < stepMilliseconds) return
    this.lastStep = Date.now()
    // A line that is lost is no reason to stop the work.
    void this.append([{ kind: 'step', step, loss }]).catch(() => undefined)
    this.tell(null, step, { loss })
  }

  /** @param state as it is after the epoch. @throws AssayError disk-full, output-not-writable */
  async epoch(record: EpochRecord, { step, averaged, bestEpoch }: Pick<TrainingState, 'step' | 'averaged' | 'bestEpoch'>): Promise<void> {
    const seconds = (Date.now() - this.begun) / 1000
    const best = bestEpoch === record.epoch
    const { purified, answers } = await this.samples.look(averaged)
    const pictures = purified !== null && keepsPictures(record.epoch, this.begin.epochs, best)
    if (pictures) await writeSamplesOf(this.context.folder, record.epoch, this.samples.images, purified)
    const metrics = metricsOf(record)
    await this.append([{ kind: 'epoch', epoch: record.epoch, step, seconds, best, metrics, answers, pictures }])
    this.tell(record.epoch, step, metrics)
    this.begun = Date.now()
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined)
    await this.log.close()
  }

  private append(lines: readonly TrainingLine[]): Promise<void> {
    const written = this.writing.catch(() => undefined).then(() => this.log.append(lines))
    this.writing = written
    return written
  }

  private tell(epoch: number | null, step: number, metrics: Record<string, number>): void {
    this.context.emit({ name: 'train.metrics', payload: { jobId: this.context.jobId, epoch, step, metrics } })
  }
}
