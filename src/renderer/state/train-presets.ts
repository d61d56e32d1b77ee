/**
 * What can be trained, in words, and what the presets fill in. Whatever a preset leaves out has the default of the job's
 * own parameters.
 */
import type { TrainingKind } from '../../shared/training-record'

export type Task = 'adapt-purifier' | 'new-purifier' | 'adapt-classifier' | 'new-classifier'
export type Thoroughness = 'quick' | 'standard' | 'thorough'

export interface TaskRecord {
  id: Task
  kind: TrainingKind
  label: string
  /** One sentence on when it is the right one. */
  use: string
  /** What a person has to choose a bundle for; null where there is none. */
  bundleLabel: string | null
  /** The bundle must have a purifier already. */
  needsPurifier: boolean
  /** Added to the name of the bundle that is made. */
  made: string
}

export const tasks: readonly TaskRecord[] = [
  {
    id: 'adapt-purifier',
    kind: 'train-purifier',
    label: 'Adapt the purifier to local scans',
    use: 'Goes on from a bundle’s own purifier, so that it knows the devices and protocols of this house; the classifier stays as it is.',
    bundleLabel: 'Start from',
    needsPurifier: true,
    made: 'adapted',
  },
  {
    id: 'new-purifier',
    kind: 'train-purifier',
    label: 'New purifier',
    use: 'Learns a purifier from nothing for any classifier that gradients can be taken through, an imported one too.',
    bundleLabel: 'For the classifier of',
    needsPurifier: false,
    made: 'purified',
  },
  {
    id: 'adapt-classifier',
    kind: 'train-classifier',
    label: 'Adapt the classifier',
    use: 'Goes on from a bundle’s own classifier with local labels; it needs a purifier of its own afterwards.',
    bundleLabel: 'Start from',
    needsPurifier: false,
    made: 'adapted',
  },
  {
    id: 'new-classifier',
    kind: 'train-classifier',
    label: 'New classifier',
    use: 'Learns a classifier from nothing; for classes that no bundle has, and with a thousand images or more.',
    bundleLabel: null,
    needsPurifier: false,
    made: '',
  },
]

export const taskOf = (id: Task): TaskRecord => tasks.find((task) => task.id === id)!

export interface ThoroughnessRecord {
  id: Thoroughness
  label: string
  use: string
}

export const thoroughnesses: readonly ThoroughnessRecord[] = [
  { id: 'quick', label: 'Quick', use: 'to see whether it works' },
  { id: 'standard', label: 'Standard', use: 'for daily use' },
  { id: 'thorough', label: 'Thorough', use: 'over night' },
]

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
  return `${String(epochs)} epochs${patience === undefined ? '' : `, fewer if ${String(patience)} in a row bring nothing`}`
}
