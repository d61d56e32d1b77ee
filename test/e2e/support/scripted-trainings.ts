/** Trainings and checks of data for the scripted engine: a test says when an epoch is over and how the job ends. */
import type { AnyEvent, CallName } from '../../../src/shared/contract'
import type { SerializedError } from '../../../src/shared/errors'
import { AssayError } from '../../../src/shared/errors'
import { jobParameters } from '../../../src/shared/job-parameters'
import { paceGroup } from '../../../src/shared/training-pace'
import type { DataCheck } from '../../../src/shared/training'
import type { BeforeAfter, EpochLine, OpenedTraining, StepLine, TrainingRead, TrainingSamples } from '../../../src/shared/training-record'
import type { BundleSummary, Job, PixelPlane } from '../../../src/shared/types'

const side = 48
const epochs = 12
const stepsPerEpoch = 20
const classes = ['clear', 'opacity']
const labels = [0, 1, 0, 1]

export const scriptedCheck: DataCheck = {
  classes: [
    { name: 'clear', training: 74, test: 12 },
    { name: 'opacity', training: 26, test: 13 },
  ],
  images: { training: 100, test: 25 },
  channels: 1,
  unreadable: [],
  patients: { known: true, training: 61, test: 20, inBoth: 0 },
  findings: [],
  giveaway: { balancedAccuracy: 0.93, chance: 0.5, features: [{ name: 'columns', balancedAccuracy: 0.91 }] },
  tone: null,
  seconds: 4,
}

const counted = (share: number) => ({ count: Math.round(25 * share), of: 25 })
const measured = (clean: number, balanced: number, two: number, four: number, adaptive: number | null, flagged: [number, number, number] | null): Omit<BeforeAfter['rows'][number], 'when' | 'purified'> => ({
  clean: counted(clean),
  balancedAccuracy: balanced,
  attacked: [
    { epsilon: 2 / 255, oblivious: counted(two), adaptive: adaptive === null ? null : counted(adaptive) },
    { epsilon: 4 / 255, oblivious: counted(four), adaptive: null },
  ],
  flagged: flagged && { alpha: 0.05, clean: counted(flagged[0]), attacked: [2, 4].map((k, i) => ({ epsilon: k / 255, flagged: counted(flagged[i + 1]!) })) },
})

const beforeAfter: BeforeAfter = {
  part: 'test',
  images: 25,
  steps: 10,
  rows: [
    { when: 'both', purified: false, ...measured(0.96, 0.957, 0.2, 0, null, null) },
    { when: 'before', purified: true, ...measured(0.88, 0.861, 0.72, 0.64, 0.08, [0.16, 0.8, 0.92]) },
    { when: 'after', purified: true, ...measured(0.96, 0.957, 0.92, 0.92, 0.12, [0.04, 0.96, 1]) },
  ],
}

export interface ScriptedTrainings {
  readonly answers: Partial<Record<CallName, (input: any) => unknown>>
  readonly bundle: BundleSummary
  /** What was asked to be started. */
  readonly started: { kind: string; parameters: Record<string, unknown> }[]
  start(kind: 'check-data' | 'train-classifier' | 'train-purifier', parameters: Record<string, unknown>): Job
  /** The check that runs ends so. */
  checked(end: DataCheck | SerializedError): void
  steps(upTo: number): void
  /** The next epoch is over. */
  epoch(best?: boolean): void
  end(end: 'done' | SerializedError): void
  /** Whether a finished bundle is among the models. */
  readonly made: boolean
}

interface Surroundings {
  bundle: BundleSummary
  jobs: ReadonlyMap<string, Job>
  update(job: Job): Job
  emit(event: AnyEvent): void
  store(id: string, bytes: Uint8Array): void
}

export function createScriptedTrainings({ bundle, jobs, update, emit, store }: Surroundings): ScriptedTrainings {
  let training: { jobId: string; kind: 'train-classifier' | 'train-purifier'; parameters: Record<string, unknown>; log: (EpochLine | StepLine)[] } | null = null
  let checkJob = ''
  let checkResult: DataCheck | null = null
  let made = false
  const mine = (): Job => jobs.get(training!.jobId)!
  const epochsOf = (lines: readonly (EpochLine | StepLine)[]) => lines.filter((line) => line.kind === 'epoch')
  const stepsOf = (lines: readonly (EpochLine | StepLine)[]) => lines.filter((line) => line.kind === 'step')

  const opened = (read?: TrainingRead): OpenedTraining => {
    const { jobId, kind, parameters, log } = training!
    const lines = epochsOf(log)
    const fresh = log.slice(read?.record === jobId ? read.lines : 0)
    const { state, startedAt, endedAt } = mine()
    return {
      summary: { jobId, kind, state, name: String(parameters['name']), from: 'scripted', out: String(parameters['out']), data: String(parameters['data']), startedAt, endedAt, epochs, epochsDone: lines.length, pace: lines.length > 0 ? { secondsPerEpoch: 42, images: 80, pixels: side * side, group: paceGroup(kind, jobParameters[kind].parse(parameters), 1) } : null },
      parameters,
      begin: { kind: 'begin', epochs, stepsPerEpoch, images: 80, validationImages: 20, input: { width: side, height: side, channels: 1 }, classes, reference: { validationAccuracyBare: 0.95, validationAccuracyBareAttacked: 0.05 }, samples: { labels, epsilon: 4 / 255 } },
      read: { record: jobId, lines: log.length },
      follows: read?.record === jobId,
      steps: stepsOf(fresh),
      epochs: epochsOf(fresh),
      bundle: state === 'done' ? 'scripted-adapted' : null,
      beforeAfter: state === 'done' ? beforeAfter : null,
      warnings: state === 'done' ? ['Only 16 scans stand behind the calibration; nothing can be flagged at an alpha of 0.05. Calibrate on at least 24 scans.'] : [],
      unreadable: state === 'done' ? [{ path: '/data/train/clear/17.dcm', code: 'file-truncated', message: 'The file ends in the middle; copy it again.' }] : [],
    }
  }

  const plane = (id: string, values: Float32Array): PixelPlane => {
    store(id, new Uint8Array(values.buffer))
    return { id, width: side, height: side, samples: 1, dtype: 'float32', slope: 1, intercept: 0, min: -1, max: 1, invert: false, windows: [{ center: 0.5, width: 1 }], unit: 'share of full range' }
  }
  /** A disc that is larger in the images of the second class; the attack is a chequered pattern. */
  function samples(epoch: number): TrainingSamples {
    const left = 1 / epoch
    const draw = (label: number, attack: number): Float32Array =>
      Float32Array.from({ length: side * side }, (_, i) => {
        const [x, y] = [i % side, Math.floor(i / side)]
        return Math.max(0, 0.75 - 0.5 * Number(Math.hypot(x - 24, y - 24) < 10 + 6 * label) + (attack * ((x + y) % 2 ? 4 : -4)) / 255)
      })
    return {
      epoch,
      images: labels.map((label, i) => {
        const [clean, purified] = [draw(label, 0), draw(label, left)]
        return { label, clean: plane(`c${i}`, clean), attacked: plane(`a${i}`, draw(label, 1)), purified: plane(`p${epoch}-${i}`, purified), difference: plane(`d${epoch}-${i}`, purified.map((v, at) => v - clean[at]!)) }
      }),
    }
  }

  const newJob = (id: string, kind: Job['kind'], title: string, total: number): Job => update({ id, kind, state: 'running', title, done: 0, total, message: '', startedAt: Date.now(), endedAt: null, remainingSeconds: null })

  const it: ScriptedTrainings = {
    bundle: { ...bundle, id: 'scripted-adapted', name: `${bundle.name}, adapted` },
    started: [],
    get made() {
      return made
    },
    answers: {
      'train.list': () => (training ? [opened().summary] : []),
      'train.open': ({ jobId, read }: { jobId: string; read?: TrainingRead }) => {
        if (training?.jobId !== jobId) throw new AssayError('job-not-found', 'There is no such training.')
        return opened(read)
      },
      'train.samples': ({ epoch }: { epoch: number }) => samples(epoch),
      'train.resume': () => {
        training!.jobId = `${training!.jobId}r`
        return newJob(training!.jobId, training!.kind, 'Training', epochs * stepsPerEpoch)
      },
      'jobs.finish': () => {
        setTimeout(() => it.end('done'), 50)
        return mine()
      },
      'jobs.wait': ({ jobId }: { jobId: string }) => ({ job: jobs.get(jobId), result: jobId === checkJob ? checkResult : null, exitCode: 0 }),
    },
    start(kind, parameters) {
      it.started.push({ kind, parameters })
      const id = `${kind}-${it.started.length}`
      if (kind === 'check-data') {
        checkJob = id
        return newJob(id, kind, 'Check', 125)
      }
      training = { jobId: id, kind, parameters, log: [] }
      return newJob(id, kind, 'Training', epochs * stepsPerEpoch)
    },
    checked(end) {
      const job = jobs.get(checkJob)!
      if ('code' in end) update({ ...job, state: 'failed', endedAt: Date.now(), error: end })
      else {
        checkResult = end
        update({ ...job, state: 'done', endedAt: Date.now() })
      }
    },
    steps(upTo) {
      const { jobId, log } = training!
      const first = (log.at(-1)?.step ?? 0) + 1
      for (let step = first; step <= upTo; step++) log.push({ kind: 'step', step, loss: 0.5 + 2 / Math.sqrt(step) + 0.15 * Math.sin(step * 2.4) })
      update({ ...mine(), done: upTo, message: `epoch ${Math.floor(upTo / stepsPerEpoch) + 1} of ${epochs}, loss 0.9`, remainingSeconds: (epochs * stepsPerEpoch - upTo) * 2 })
      emit({ name: 'train.metrics', payload: { jobId, epoch: null, step: upTo, metrics: { loss: 0.9 } } })
    },
    epoch(best = true) {
      const n = epochsOf(training!.log).length + 1
      it.steps(n * stepsPerEpoch)
      const metrics = { loss: 0.5 + 1.2 / n, learningRate: 3e-4, validationAccuracy: 0.95 - 0.3 / n, validationAccuracyAttacked: 0.93 - 0.6 / n, validationAccuracyStronglyAttacked: 0.9 - 0.85 / n }
      const answer = (label: number, probability: number) => ({ label, probability })
      training!.log.push({
        kind: 'epoch', epoch: n, step: n * stepsPerEpoch, seconds: 42, best, metrics, pictures: true,
        answers: { clean: labels.map((label) => answer(label, 0.97)), attacked: labels.map((label) => answer(1 - label, 0.99)), purified: labels.map((label, i) => answer(n > 1 || i % 2 ? label : 1 - label, 1 - 0.4 / n)) },
      })
      emit({ name: 'train.metrics', payload: { jobId: training!.jobId, epoch: n, step: n * stepsPerEpoch, metrics } })
    },
    end(end) {
      made ||= end === 'done'
      update({ ...mine(), state: end === 'done' ? 'done' : 'failed', endedAt: Date.now(), ...(end === 'done' ? {} : { error: end }) })
    },
  }
  return it
}
