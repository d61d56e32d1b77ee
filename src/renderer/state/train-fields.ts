/**
 * The folded-away settings of a training: one record per parameter, with its words. Defaults, limits and choices come from
 * the job's own parameters, so that they are written down once.
 */
import { jobParameters } from '../../shared/job-parameters'
import type { TrainingKind } from '../../shared/training-record'
import { presetValues } from './train-presets'
import type { Task, Thoroughness, Values } from './train-presets'

interface FieldRecord {
  name: string
  label: string
  hint?: string
  /** `255ths`: typed in 255ths of the intensity range. `share`: typed in per cent. */
  unit?: '255ths' | 'share'
  /** Typed as words. */
  text?: true
  /** Set for settings of one task only. */
  task?: Task
}

const records: readonly FieldRecord[] = [
  { name: 'epochs', label: 'Epochs', hint: 'passes over the images' },
  { name: 'patience', label: 'Patience', hint: 'ends after so many epochs without progress; empty: never early' },
  { name: 'batch', label: 'Images per step' },
  { name: 'learningRate', label: 'Learning rate' },
  { name: 'schedule', label: 'Learning rate over time' },
  { name: 'freeze', label: 'Layers that stay as they are', hint: 'how many from the input on, or all-but-head', text: true, task: 'adapt-classifier' },
  { name: 'epsilon', label: 'Strongest attack', hint: 'in 255ths of the range', unit: '255ths' },
  { name: 'attackSteps', label: 'Steps of an attack, at most' },
  { name: 'noisyShare', label: 'Merely noisy images', hint: 'per cent', unit: 'share' },
  { name: 'adaptiveShare', label: 'Attacks that know the purifier', hint: 'per cent of the steps; each costs several times an ordinary one', unit: 'share' },
  { name: 'adaptiveEpsilon', label: 'Strongest of those', hint: 'in 255ths of the range', unit: '255ths' },
  { name: 'adaptiveSteps', label: 'Steps of those, at most' },
  { name: 'adversarialEpsilon', label: 'Adversarial training', hint: 'strength in 255ths of the range; 0: ordinary training', unit: '255ths' },
  { name: 'adversarialSteps', label: 'Steps of those attacks' },
  { name: 'classWeights', label: 'Weight of rare classes' },
  { name: 'augment', label: 'Random views of the images' },
  { name: 'orientation', label: 'Images have an upright' },
  { name: 'mixup', label: 'Mixing in pairs', hint: '0: none' },
  { name: 'labelSmoothing', label: 'Label smoothing' },
  { name: 'weightDecay', label: 'Weight decay' },
  { name: 'averaging', label: 'Averaging of weights' },
  { name: 'width', label: 'Channels of the first layer' },
  { name: 'depth', label: 'Convolutions at the bottleneck' },
  { name: 'blocks', label: 'Residual blocks per resolution' },
  { name: 'pooling', label: 'Pooling of the features' },
  { name: 'validationShare', label: 'Held back for measuring', hint: 'per cent of the patients', unit: 'share' },
  { name: 'seed', label: 'Seed', hint: 'the same seed gives the same model' },
]

/** Settings of the network's shape: what is gone on with has its own. */
const shapes: readonly string[] = ['width', 'depth', 'blocks', 'pooling', 'localContrast']

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
  options?: readonly unknown[]
  def?: { innerType?: Schema }
}

const shapeOf = (kind: TrainingKind): Readonly<Record<string, Schema>> => jobParameters[kind].shape as unknown as Record<string, Schema>

/** The schema below `default` and `optional`. */
const inner = (schema: Schema): Schema => (schema.def?.innerType ? inner(schema.def.innerType) : schema)

export interface Field extends FieldRecord {
  schema: Schema
  /** Choices of one, by their names in the parameters. */
  choices: readonly string[] | null
  /** What stands where nothing is typed, as typed; empty where the parameter may be absent. */
  standard: string
}

const asTyped = (value: unknown, unit: FieldRecord['unit']): string => {
  if (value === undefined) return ''
  if (typeof value !== 'number') return String(value)
  return String(Number((unit === '255ths' ? value * 255 : unit === 'share' ? value * 100 : value).toPrecision(6)))
}

/** The settings of a task, with what the preset fills in. */
export function fieldsOf(task: Task, kind: TrainingKind, thoroughness: Thoroughness): Field[] {
  const shape = shapeOf(kind)
  const preset: Values = presetValues(task, thoroughness)
  return records.flatMap((record) => {
    const schema = shape[record.name]
    if (!schema || (record.task && record.task !== task) || (task.startsWith('adapt') && shapes.includes(record.name))) return []
    const { options } = inner(schema)
    const standard = record.name in preset ? preset[record.name] : schema.safeParse(undefined).data
    return { ...record, schema, choices: options?.every((each) => typeof each === 'string') ? (options as string[]) : null, standard: asTyped(standard, record.unit) }
  })
}

/** The value of what was typed; undefined where it is none that the job takes. */
export function valueOf(field: Field, typed: string): number | string | boolean | undefined {
  const text = typed.trim()
  let value: unknown = text
  if (!field.choices) {
    if (text === '') return undefined
    if (field.text) return text
    const number = Number(text.replace(',', '.'))
    value = field.unit === '255ths' ? number / 255 : field.unit === 'share' ? number / 100 : number
  }
  const parsed = field.schema.safeParse(value)
  return parsed.success ? (parsed.data as number | string | boolean) : undefined
}
