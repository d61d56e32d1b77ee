/** What the two trainings share in talking to their job: progress, learning curves, settings for the record. */
import { readFile } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { idOf } from '../../shared/models'
import type { BeforeAfter } from '../../shared/training-record'
import type { LoadedBundle } from '../bundle/load'
import { checkLoaded } from '../data-check/loaded'
import type { LoadFailure } from '../dataset/model-inputs'
import type { JobContext, JobOutcome } from '../jobs/definition'
import type { ParameterLayout } from '../nn/parameters'
import { augmentations, type Augmentation, type AugmentationName } from './augment'
import { measureBeforeAfter, type BeforeAfterOptions } from './before-after'
import { percent, type Beginning, type TrainedPart } from './card'
import type { EpochRecord, TrainingState } from './checkpoint'
import type { TrainingRecord } from './record'
import { originsOfData, type DataPart, type DataPlaces, type TrainingData } from './training-data'

/** How far the views of the training images go. */
export const augmentationOf = ({ augment, orientation }: { augment: AugmentationName; orientation: 'upright' | 'any' }): Augmentation => ({ ...augmentations[augment], anyOrientation: orientation === 'any' })

/** A bundle's id from its folder's name. */
export const bundleId = (folder: string): string => idOf(basename(resolve(folder)))

/** A folder as seen from where the command was given: what a record may tell others about where data lay. */
export const seenFromHere = (path: string): string => relative(process.cwd(), resolve(path)) || '.'

/** Where the inputs lay, for the record. */
function pathsOf(parameters: DataPlaces & { bundle?: string | undefined; out?: string | undefined; about?: string | undefined }): Record<string, string> {
  const { data, labels, test, testLabels, about } = parameters
  // A new bundle of another's classifier says whose.
  const bundle = parameters.out === undefined ? undefined : parameters.bundle
  return Object.fromEntries(Object.entries({ bundle, data, labels, test, testLabels, about }).flatMap(([name, path]) => (path === undefined ? [] : [[name, seenFromHere(path)]])))
}

/** Settings that decide the result, without those that only say where it goes or how it is run. */
export function settingsOf<P extends Record<string, unknown>>(parameters: P): Record<string, unknown> {
  const { data: _data, out: _out, bundle: _bundle, labels: _labels, test: _test, testLabels: _testLabels, resume: _resume, finish: _finish, provider: _provider, about: _about, ...settings } = parameters
  return settings
}

/** Those of them that decide the weights: what a training is told apart from another by when it is resumed. What names of classes mean is in the hash of the labels. */
export function computingSettings<P extends Record<string, unknown>>(parameters: P): Record<string, unknown> {
  const { name: _name, modality: _modality, bodyPart: _bodyPart, classNames: _classNames, ...settings } = settingsOf(parameters)
  return settings
}

/** What the check has against the images that were loaded, as sentences without paths. @throws AssayError `cancelled` */
export async function dataWarnings({ training, validation }: TrainingData, test: DataPart | undefined, signal: AbortSignal): Promise<string[]> {
  const findings = await checkLoaded({ training, validation, test }, training.classes, signal)
  return findings.filter(({ level }) => level !== 'note').map(({ message }) => message)
}

interface FinishedTraining {
  parameters: Parameters<typeof pathsOf>[0] & Record<string, unknown>
  data: TrainingData
  layout: ParameterLayout
  /** Numbers of the network that are not in the layout, since their layers stay as they are; none by default. */
  kept?: number
  /** Of Assay. */
  version: string
  /** Where the steps were taken. */
  providers: readonly string[]
  validation: Record<string, number>
  test: Record<string, number> | undefined
  /** What the check of the data found. */
  warnings: readonly string[]
  /** The bundle whose network learned on; none for one from scratch. */
  before: LoadedBundle | undefined
}

function beginningWith({ manifest }: LoadedBundle, part: 'classifier' | 'purifier'): Beginning {
  const { about, [part]: training } = manifest.training as { about?: unknown; classifier?: TrainedPart; purifier?: TrainedPart }
  return { bundle: manifest.id, name: manifest.name, sha256: manifest[part]!.sha256, ...(typeof about === 'string' ? { about } : {}), ...(training ? { training } : {}) }
}

/** What a bundle's manifest tells of one training, and its card is written from. */
export function trainingRecord(part: 'classifier' | 'purifier', { parameters, data: { training, validation, leftOut, sha256 }, layout, kept = 0, version, providers, warnings, before, ...measured }: FinishedTraining) {
  const settings = settingsOf(parameters)
  const { from } = settings
  return {
    // What is gone on with is a setting, and where it lay a path like the others.
    settings: typeof from === 'string' && isAbsolute(from) ? { ...settings, from: seenFromHere(from) } : settings,
    paths: pathsOf(parameters),
    data: { images: training.labels.length, validationImages: validation.labels.length, ...(leftOut ? { leftOut } : {}), sha256, origins: originsOfData({ training, validation }), ...(warnings.length > 0 ? { warnings } : {}) },
    parameters: layout.size + kept,
    ...(kept > 0 ? { learned: layout.size } : {}),
    validation: measured.validation,
    ...(measured.test ? { test: measured.test } : {}),
    version,
    providers,
    ...(before ? { began: beginningWith(before, part) } : {}),
  }
}

/** `validationAccuracy: 0.95` → `validation accuracy 95.0 %`. */
function inWords(record: EpochRecord): string {
  return Object.entries(record)
    .filter(([name]) => name !== 'epoch' && name !== 'learningRate')
    .map(([name, value]) => {
      const words = name.replace(/([A-Z])/g, ' $1').toLowerCase()
      return `${words} ${/accuracy/i.test(name) ? percent(value) : value.toPrecision(3)}`
    })
    .join(', ')
}

/** @param finish ends the training before its first step */
export function trainingHooks(context: JobContext, finish: boolean) {
  let last = ''
  return {
    loading: {
      signal: context.signal,
      progress: (done: number, total: number) => context.progress({ done, total, message: 'reading images' }),
    },
    /** Tells what speaks against the data before hours are spent on it. */
    warn: (warnings: readonly string[]) => {
      if (warnings.length > 0) context.emit({ name: 'train.warnings', payload: { jobId: context.jobId, warnings: [...warnings] } })
    },
    /** @param live where the curves and the sample images go */
    training: (live: TrainingRecord) => ({
      signal: context.signal,
      finish: finish ? AbortSignal.abort() : context.finish,
      report: ({ done, total, message, loss }: { done: number; total: number; message: string; loss: number }) => {
        context.progress({ done, total, message: last ? `${message} (after the last epoch: ${last})` : message })
        live.step(done, loss)
      },
      epochDone: async (record: EpochRecord, state: Readonly<TrainingState>) => {
        last = inWords(record)
        await live.epoch(record, state)
      },
    }),
    /** The table; null with a warning where it cannot be measured, since what was learned is worth more than its table. @throws AssayError `cancelled` */
    beforeAfter: async (options: Omit<BeforeAfterOptions, 'signal' | 'progress'>): Promise<{ beforeAfter: BeforeAfter | null; warnings: string[] }> => {
      try {
        const beforeAfter = await measureBeforeAfter({ ...options, signal: context.signal, progress: (done, total) => context.progress({ message: `measuring before and after, ${done} of ${total}` }) })
        return { beforeAfter, warnings: [] }
      } catch (error) {
        const { code, message } = toAssayError(error)
        if (code === 'cancelled') throw error
        return { beforeAfter: null, warnings: [`The table of before and after is missing, since measuring it failed: ${message}`] }
      }
    },
    /** The result with the files that could not be read named in it. */
    outcome: (result: object, failures: readonly LoadFailure[]): JobOutcome =>
      failures.length > 0
        ? { result: { ...result, unreadable: failures.map(({ path, error }) => ({ path, code: error.code, message: error.message })) }, exitCode: 3 }
        : { result, exitCode: 0 },
  }
}

/** @throws AssayError `file-not-found` */
export async function aboutText(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new AssayError('file-not-found', `The text about the data, ${path}, cannot be read; check --about.`, { path }, { cause })
  }
}
