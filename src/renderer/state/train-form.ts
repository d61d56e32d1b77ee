/** What a training is to do, as the person fills it in, and the job that comes of it. */
import type { CallInput } from '../../shared/contract'
import { jobParameters } from '../../shared/job-parameters'
import { paceGroup } from '../../shared/training-pace'
import type { BundleSummary, ProviderChoice } from '../../shared/types'
import type { TrainingSummary } from '../../shared/training-record'
import { dictionaries, t } from '../language'
import { classNamesOf, type ClassNameRows } from './class-names'
import { freeId } from './import-form'
import { folderOf, idProblem, takenIds } from './new-bundle'
import type { BundlesHere } from './new-bundle'
import { asLeft, fieldsOf, valueOf } from './train-fields'
import { presetValues, taskOf } from './train-presets'
import type { Task, Thoroughness } from './train-presets'

export interface TrainForm {
  task: Task
  bundle: string
  data: string
  labels: string
  test: string
  testLabels: string
  classNames: ClassNameRows
  thoroughness: Thoroughness
  loss: 'siamese' | 'hgd' | 'dae'
  /** Bundle whose purifier a new one begins with; empty: it begins at random. */
  begin: string
  /** Of the bundle that is made; empty: as suggested. */
  name: string
  id: string
  /** Of a new classifier. */
  modality: string
  bodyPart: string
  size: string
  /** A file that says where a classifier's images come from and under which licence. */
  about: string
  /** As typed, by parameter; what is not in here is as the preset says. */
  settings: Readonly<Record<string, string>>
}

export const emptyForm: TrainForm = {
  task: 'adapt-purifier', bundle: '', data: '', labels: '', test: '', testLabels: '', classNames: {}, thoroughness: 'standard', loss: 'siamese', begin: '', name: '', id: '', modality: '', bodyPart: '', size: '128', about: '', settings: {},
}

export type StartJob = CallInput<'jobs.start'>
export type CheckParameters = Extract<StartJob, { kind: 'check-data' }>['parameters']
export type TrainJob = Extract<StartJob, { kind: 'train-classifier' | 'train-purifier' }>

/** What the form is judged against. */
export interface Surroundings extends BundlesHere {
  provider: ProviderChoice
}

/** A bundle that a task can start from. */
export const fits = (bundle: BundleSummary, task: Task): boolean => !bundle.error && (!taskOf(task).needsPurifier || bundle.canScreen)

/** Bundles whose purifier a new one can begin with: of images with as many channels. */
export function beginners({ task, bundle }: TrainForm, bundles: readonly BundleSummary[]): BundleSummary[] {
  const pupil = bundles.find(({ id }) => id === bundle)
  if (task !== 'new-purifier' || !pupil) return []
  return bundles.filter((each) => each.id !== bundle && fits(each, 'adapt-purifier') && each.channels === pupil.channels)
}

const endings = Object.values(dictionaries).flatMap((words) => [words['train.made.adapted'], words['train.made.purified']])
const nameEnding = new RegExp(`, (${endings.join('|')})( \\d+)?$`)

/** Where nothing is typed. */
export function suggested(form: TrainForm, here: BundlesHere): { id: string; name: string } {
  const { made } = taskOf(form.task)
  const taken = takenIds(here)
  const from = here.bundles.find(({ id }) => id === form.bundle)
  if (!from || !made) return { id: freeId('local-classifier', taken), name: t('train.made.local') }
  // A bundle that is adapted again does not gather endings, whatever language they are in.
  const plain = from.name.replace(nameEnding, '')
  const id = freeId(`${from.id.replace(/-(adapted|purified)(-\d+)?$/, '')}-${made}`, taken)
  const number = /-(\d+)$/.exec(id)?.[1]
  return { id, name: `${plain}, ${t(`train.made.${made}`)}${number ? ` ${number}` : ''}` }
}

export type TrainProblems = Partial<Record<'bundle' | 'data' | 'id' | 'size' | `settings.${string}`, string>>

export function problemsOf(form: TrainForm, here: BundlesHere): TrainProblems {
  const found: TrainProblems = {}
  const { kind, bundleLabel } = taskOf(form.task)
  const bundle = here.bundles.find(({ id }) => id === form.bundle)
  if (bundleLabel !== null && !(bundle && fits(bundle, form.task))) found.bundle = form.bundle && bundle && !bundle.canScreen ? t('train.problem.noPurifier') : t('train.problem.bundle')
  if (!form.data.trim()) found.data = t('train.problem.data')
  const ofId = idProblem(form.id, here)
  if (ofId) found.id = ofId
  if (form.task === 'new-classifier' && !(/^\d+$/.test(form.size) && Number(form.size) % 16 === 0 && Number(form.size) >= 32 && Number(form.size) <= 512)) found.size = t('train.problem.size')
  for (const field of fieldsOf(form.task, kind, form.thoroughness)) {
    const typed = form.settings[field.name]
    if (typed !== undefined && typed.trim() !== '' && valueOf(field, typed) === undefined) found[`settings.${field.name}`] = t(`train.problem.${field.unit ?? 'number'}`)
  }
  return found
}

const text = <K extends string>(name: K, value: string): Partial<Record<K, string>> => (value.trim() ? ({ [name]: value.trim() } as Record<K, string>) : {})

/** What the check of the data is asked; null while there is none to check. */
export function checkOf(form: TrainForm): CheckParameters | null {
  if (!form.data.trim()) return null
  const { bundleLabel, kind } = taskOf(form.task)
  return {
    data: form.data.trim(),
    ...text('labels', form.labels),
    ...text('test', form.test),
    ...text('testLabels', form.testLabels),
    ...classNamesOf(form.classNames),
    ...(bundleLabel === null ? {} : text(kind === 'train-classifier' ? 'from' : 'bundle', form.bundle)),
    ...(bundleLabel === null && /^\d+$/.test(form.size) ? { size: Number(form.size) } : {}),
  }
}

/** The job; null while something is missing. */
export function jobOf(form: TrainForm, around: Surroundings): TrainJob | null {
  if (Object.keys(problemsOf(form, around)).length > 0) return null
  const { bundles, dataFolder, provider } = around
  const { kind } = taskOf(form.task)
  const { id, name } = suggested(form, around)
  const made = form.id.trim() || id
  const settings: Record<string, unknown> = { ...presetValues(form.task, form.thoroughness) }
  for (const field of fieldsOf(form.task, kind, form.thoroughness)) {
    const left = asLeft(field, form.settings[field.name])
    // What nobody changed is the preset's as it was, not as it was rounded for the field.
    if (left === field.standard) continue
    const value = valueOf(field, left)
    if (value === undefined) delete settings[field.name]
    else settings[field.name] = value
  }
  const common = {
    ...settings,
    data: form.data.trim(),
    out: folderOf(made, dataFolder),
    id: made,
    name: form.name.trim() || name,
    provider,
    ...text('labels', form.labels),
    ...text('test', form.test),
    ...text('testLabels', form.testLabels),
    ...classNamesOf(form.classNames),
  }
  if (kind === 'train-purifier') {
    const begin = beginners(form, bundles).find(({ id: each }) => each === form.begin)?.id
    return { kind, parameters: { ...common, bundle: form.bundle, ...(form.task === 'adapt-purifier' ? { from: 'bundle' } : { loss: form.loss, ...(begin && { from: begin }) }) } }
  }
  const ofClassifier = { ...common, ...text('about', form.about) }
  if (form.task === 'adapt-classifier') return { kind, parameters: { ...ofClassifier, from: form.bundle } }
  return { kind, parameters: { ...ofClassifier, size: Number(form.size), ...text('modality', form.modality), ...text('bodyPart', form.bodyPart) } }
}

/**
 * Seconds for all epochs, from the pace of an earlier training that did the same to its images, scaled by images and
 * pixels; null where none was run here. Of several the one nearest in pixels speaks, the youngest first.
 * @param images in the training part, before some are held back
 * @param input what the network sees; its channels where the job does not say them
 */
export function estimate(job: TrainJob, past: readonly TrainingSummary[], images: number, input: { pixels: number; channels: number }): number | null {
  const { pixels, channels } = input
  const asked = jobParameters[job.kind].parse(job.parameters)
  const group = paceGroup(job.kind, asked, ('channels' in asked ? asked.channels : undefined) ?? channels)
  const known = past.filter(({ pace }) => pace?.group === group)
  const distance = ({ pace }: TrainingSummary): number => Math.abs(Math.log(pace!.pixels / pixels))
  const nearest = known.reduce<TrainingSummary | null>((best, each) => (best === null || distance(each) < distance(best) ? each : best), null)
  if (!nearest?.pace || images === 0) return null
  const learned = images * (1 - (asked.validationShare ?? 0.2))
  const { secondsPerEpoch, images: before, pixels: then } = nearest.pace
  return ((secondsPerEpoch * learned) / before) * (pixels / then) * asked.epochs
}
