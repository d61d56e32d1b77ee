/**
 * What can be trained, and what the presets fill in. Whatever a preset leaves out has the default of the job's
 * own parameters.
 */
import type { TrainingKind } from '../../shared/training-record'
import { t } from '../language'

export type Task = 'adapt-purifier' | 'new-purifier' | 'adapt-classifier' | 'new-classifier'
export type Thoroughness = 'quick' | 'standard' | 'thorough'

export interface TaskRecord {
  id: Task
  kind: TrainingKind
  /** What a person has to choose a bundle for; null where there is none. */
  bundleLabel: 'train.from.adapt-purifier' | 'train.from.new-purifier' | 'train.from.adapt-classifier' | null
  /** The bundle must have a purifier already. */
  needsPurifier: boolean
  /** Added to the id of the bundle that is made, and, as a word, to its name. */
  made: 'adapted' | 'purified' | null
}

export const tasks: readonly TaskRecord[] = [
  {
    id: 'adapt-purifier',
    kind: 'train-purifier',
    bundleLabel: 'train.from.adapt-purifier',
    needsPurifier: true,
    made: 'adapted',
  },
  {
    id: 'new-purifier',
    kind: 'train-purifier',
    bundleLabel: 'train.from.new-purifier',
    needsPurifier: false,
    made: 'purified',
  },
  {
    id: 'adapt-classifier',
    kind: 'train-classifier',
    bundleLabel: 'train.from.adapt-classifier',
    needsPurifier: false,
    made: 'adapted',
  },
  {
    id: 'new-classifier',
    kind: 'train-classifier',
    bundleLabel: null,
    needsPurifier: false,
    made: null,
  },
]

export const taskOf = (id: Task): TaskRecord => tasks.find((task) => task.id === id)!

export const thoroughnesses: readonly Thoroughness[] = ['quick', 'standard', 'thorough']

/** Values by parameter name, as the job takes them. */
export type Values = Readonly<Record<string, number | string | boolean>>

const presets: Record<Task, Record<Thoroughness, Values>> = {
  // What has been learned already must not be unlearned: smaller steps, fewer of them.
  'adapt-purifier': { quick: { epochs: 2, learningRate: 3e-4 }, standard: { epochs: 8, learningRate: 3e-4, patience: 4 }, thorough: { epochs: 24, learningRate: 3e-4, patience: 8 } },
  'new-purifier': { quick: { epochs: 3 }, standard: { epochs: 8, patience: 4 }, thorough: { epochs: 24, patience: 8 } },
  'adapt-classifier': { quick: { epochs: 3, learningRate: 2e-4 }, standard: { epochs: 10, learningRate: 2e-4, patience: 5 }, thorough: { epochs: 30, learningRate: 2e-4, patience: 10 } },
  'new-classifier': { quick: { epochs: 6 }, standard: { epochs: 20, patience: 10 }, thorough: { epochs: 60, patience: 20 } },
}

export const presetValues = (task: Task, thoroughness: Thoroughness): Values => presets[task][thoroughness]

/** "8 epochs, ends early after 4 without progress". */
export function presetDetail(task: Task, thoroughness: Thoroughness): string {
  const { epochs, patience } = presetValues(task, thoroughness)
  return patience === undefined ? t('train.epochs', { epochs: String(epochs) }) : t('train.epochsPatient', { epochs: String(epochs), patience: String(patience) })
}
