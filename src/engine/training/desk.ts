/**
 * Trainings taken up again, for the interface: listed, followed while they run and looked at afterwards, gone on with
 * where they were paused.
 */
import { basename } from 'node:path'
import { beforeAfterSchema, trainingKindSchema } from '../../shared/training-record'
import type { BeginLine, EpochLine, OpenedTraining, StepLine, TrainingKind, TrainingLine, TrainingRead, TrainingSamples, TrainingSummary } from '../../shared/training-record'
import { AssayError } from '../../shared/errors'
import { jobParameters } from '../../shared/job-parameters'
import type { JobParameters } from '../../shared/job-parameters'
import { paceGroup } from '../../shared/training-pace'
import type { Job, PixelPlane } from '../../shared/types'
import { Recent } from '../bundle/recent'
import type { ByteStore, EnginePlaces } from '../jobs/definition'
import { listRecords, readRecord, readResult, type JobRecord } from '../jobs/records'
import { median } from '../tensor/median'
import { differencePlane, imagePlane, type ModelPlane } from '../screening/model-planes'
import { bytesOf } from '../tensor/tensor'
import { growingTrainingLines, placeOf, readTrainingLines, tellingFolder } from './record'
import { readSamples } from './samples'

/** Newest jobs among which trainings are looked for. */
const searched = 1000
/** Trainings whose lines are kept in memory. */
const recordsKept = 3

/** What a finished job answered, as far as the page shows it. */
interface Result {
  bundle?: string
  beforeAfter?: unknown
  warnings?: string[]
  unreadable?: OpenedTraining['unreadable']
}

interface Lines {
  begin: BeginLine | null
  steps: StepLine[]
  epochs: EpochLine[]
}

function sorted(lines: readonly TrainingLine[]): Lines {
  const of = <K extends TrainingLine['kind']>(kind: K) => lines.filter((line): line is Extract<TrainingLine, { kind: K }> => line.kind === kind)
  return { begin: of('begin').at(-1) ?? null, steps: of('step'), epochs: of('epoch') }
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function summarise({ job, parameters }: JobRecord, { begin, epochs }: Lines): TrainingSummary {
  const kind = job.kind as TrainingKind
  const from = text(parameters['from'])
  const timed = epochs.filter(({ seconds }) => seconds > 0).map(({ seconds }) => seconds)
  return {
    jobId: job.id,
    kind,
    state: job.state,
    name: text(parameters['name']) ?? basename(text(parameters['id']) ?? text(parameters['out']) ?? text(parameters['bundle']) ?? ''),
    from: kind === 'train-purifier' ? text(parameters['bundle']) : from,
    out: text(parameters['out']),
    data: text(parameters['data']) ?? '',
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    epochs: begin?.epochs ?? Number(parameters['epochs'] ?? 0),
    epochsDone: epochs.at(-1)?.epoch ?? 0,
    pace: begin && timed.length > 0 ? { secondsPerEpoch: median(timed), images: begin.images, pixels: begin.input.width * begin.input.height, group: paceGroup(kind, parameters, begin.input.channels) } : null,
  }
}

export class TrainingDesk {
  /** By folder. */
  private readonly records = new Recent(recordsKept, growingTrainingLines)

  constructor(
    private readonly places: Pick<EnginePlaces, 'dataFolder'>,
    private readonly bytes: ByteStore,
  ) {}

  /** @param known jobs of this engine as they stand: the record of one that runs cannot be told from one that was cut off */
  async list(known: readonly Job[]): Promise<TrainingSummary[]> {
    const trainings = (await listRecords(this.places.dataFolder, searched)).filter(({ job }) => trainingKindSchema.safeParse(job.kind).success)
    /** Where a younger job went on with an older one. */
    const seen = new Set<string>()
    const newest = trainings.filter(({ job, parameters }) => {
      // A training that was gone on with has several jobs and one checkpoint; one that begins anew is another. What came to
      // its end nothing went on with, whatever was asked.
      const place = `${job.kind} ${placeOf(parameters)}`
      const goneOn = seen.delete(place) && job.state !== 'done'
      if (parameters['resume'] === true) seen.add(place)
      return !goneOn
    })
    return Promise.all(newest.map(async (record) => summarise({ ...record, job: known.find(({ id }) => id === record.job.id) ?? record.job }, sorted(await readTrainingLines(await tellingFolder(this.places.dataFolder, record))))))
  }

  /**
   * @param read as the answer before told; steps and epochs up to there are left out
   * @throws AssayError `job-not-found`
   */
  async open(jobId: string, read: TrainingRead | undefined, known: readonly Job[]): Promise<OpenedTraining> {
    const record = await this.recordOf(jobId)
    const job = known.find(({ id }) => id === jobId) ?? record.job
    const { folder, lines } = await this.lines(record)
    const all = sorted(lines)
    const now: TrainingRead = { record: basename(folder), lines: lines.length }
    const follows = read !== undefined && read.record === now.record && read.lines <= now.lines
    const { steps, epochs } = follows ? sorted(lines.slice(read.lines)) : all
    const result = job.state === 'done' ? ((await readResult(this.places.dataFolder, jobId)) as Result | null) : null
    return {
      summary: summarise({ ...record, job }, all),
      parameters: record.parameters,
      read: now,
      follows,
      begin: all.begin,
      steps,
      epochs,
      bundle: result?.bundle ?? null,
      beforeAfter: beforeAfterSchema.nullable().catch(null).parse(result?.beforeAfter ?? null),
      warnings: result?.warnings ?? all.begin?.warnings ?? [],
      unreadable: result?.unreadable ?? [],
    }
  }

  /** @throws AssayError `job-not-found`, `result-not-found` where there are no samples (yet) */
  async samples({ jobId, epoch }: { jobId: string; epoch: number }): Promise<TrainingSamples> {
    const record = await this.recordOf(jobId)
    const { folder, lines } = await this.lines(record)
    const { begin, epochs } = sorted(lines)
    const line = epochs.find((each) => each.epoch === epoch)
    if (!begin || !line) throw new AssayError('result-not-found', `Epoch ${epoch} of this training has not been measured; choose another.`, { jobId, epoch })
    const { clean, attacked, purified } = await readSamples(folder, epoch, line.pictures)
    const plane = ({ description, values }: ModelPlane): PixelPlane => ({ ...description, id: this.bytes.put({ bytes: bytesOf(values), mediaType: 'application/octet-stream' }) })
    const image = (x: Float32Array | undefined): PixelPlane | null => (x ? plane(imagePlane(x, begin.input)) : null)
    return {
      epoch,
      images: clean.map((x, i) => {
        const changed = purified?.[i] ?? attacked?.[i]
        return {
          label: begin.samples.labels[i] ?? 0,
          clean: plane(imagePlane(x, begin.input)),
          attacked: image(attacked?.[i]),
          purified: image(purified?.[i]),
          difference: changed ? plane(differencePlane(x, changed, begin.input)) : null,
        }
      }),
    }
  }

  /** Kind and parameters with which a training goes on from its checkpoint. @throws AssayError `job-not-found` */
  async resumed(jobId: string): Promise<{ kind: TrainingKind; parameters: JobParameters[TrainingKind] }> {
    const { job, parameters } = await this.recordOf(jobId)
    const kind = job.kind as TrainingKind
    return { kind, parameters: jobParameters[kind].parse({ ...parameters, resume: true, finish: false }) as JobParameters[TrainingKind] }
  }

  private async lines(record: JobRecord): Promise<{ folder: string; lines: readonly TrainingLine[] }> {
    const folder = await tellingFolder(this.places.dataFolder, record)
    return { folder, lines: await this.records.of(folder).read() }
  }

  private async recordOf(jobId: string): Promise<JobRecord> {
    const record = await readRecord(this.places.dataFolder, jobId)
    if (!record || !trainingKindSchema.safeParse(record.job.kind).success) throw new AssayError('job-not-found', 'There is no such training; its records may have been removed.', { jobId: jobId.slice(0, 80) })
    return record
  }
}
