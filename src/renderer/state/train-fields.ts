/**
 * The folded-away settings of a training: one record per parameter, whose words are in the dictionaries. Defaults, limits
 * and choices come from the job's own parameters, so that they are written down once.
 */
import { jobParameters } from '../../shared/job-parameters'
import type { TrainingKind } from '../../shared/training-record'
import type { Key, PlainKey } from '../language'
import { presetValues } from './train-presets'
import type { Task, Thoroughness, Values } from './train-presets'

interface FieldRecord {
  name: FieldName
  hint?: PlainKey
  /** `255ths`: typed in 255ths of the intensity range. `share`: typed in per cent. */
  unit?: '255ths' | 'share'
  /** Typed as words. */
  text?: true
  /** Set for settings of one task only. */
  task?: Task
}

/** Those that have a word in the dictionary. */
type FieldName = Key extends infer K ? (K extends `train.field.${infer Name}` ? Name : never) : never

const records: readonly FieldRecord[] = [
  { name: 'epochs', hint: 'train.hint.epochs' },
  { name: 'patience', hint: 'train.hint.patience' },
  { name: 'batch' },
  { name: 'learningRate' },
  { name: 'schedule' },
  { name: 'freeze', hint: 'train.hint.freeze', text: true, task: 'adapt-classifier' },
  { name: 'epsilon', hint: 'train.hint.255ths', unit: '255ths' },
  { name: 'attackSteps' },
  { name: 'noisyShare', hint: 'train.hint.share', unit: 'share' },
  { name: 'adaptiveShare', hint: 'train.hint.adaptiveShare', unit: 'share' },
  { name: 'adaptiveEpsilon', hint: 'train.hint.255ths', unit: '255ths' },
  { name: 'adaptiveSteps' },
  { name: 'adversarialEpsilon', hint: 'train.hint.adversarialEpsilon', unit: '255ths' },
  { name: 'adversarialSteps' },
  { name: 'classWeights' },
  { name: 'augment' },
  { name: 'orientation' },
  { name: 'mixup', hint: 'train.hint.mixup' },
  { name: 'labelSmoothing' },
  { name: 'weightDecay' },
  { name: 'averaging' },
  { name: 'width' },
  { name: 'depth' },
  { name: 'blocks' },
  { name: 'pooling' },
  { name: 'validationShare', hint: 'train.hint.validationShare', unit: 'share' },
  { name: 'seed', hint: 'train.hint.seed' },
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
