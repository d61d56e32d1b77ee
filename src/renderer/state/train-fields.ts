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
  /** What runs where the parameter is absent; "none" by default. */
  absent?: PlainKey
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
  { name: 'channels', hint: 'train.hint.channels', absent: 'train.absent.channels' },
  { name: 'width' },
  { name: 'depth', hint: 'train.hint.depth' },
  { name: 'blocks' },
  { name: 'pooling' },
  { name: 'localContrast', hint: 'train.hint.localContrast' },
  { name: 'validationShare', hint: 'train.hint.validationShare', absent: 'train.absent.validationShare', unit: 'share' },
  { name: 'seed', hint: 'train.hint.seed' },
]

/** Settings of the network's shape: what is gone on with has its own. */
const shapes: readonly string[] = ['channels', 'width', 'depth', 'blocks', 'pooling', 'localContrast']

type Value = number | string | boolean

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
  options?: readonly (Value | Schema)[]
  /** Of a literal. */
  value?: Value
  def?: { type?: string; innerType?: Schema }
}

const shapeOf = (kind: TrainingKind): Readonly<Record<string, Schema>> => jobParameters[kind].shape as unknown as Record<string, Schema>

/** The schema below `default` and `optional`. */
const inner = (schema: Schema): Schema => (schema.def?.innerType ? inner(schema.def.innerType) : schema)

/** The few values that a parameter can have; null where it is a number or a text. */
function valuesOf({ def, options }: Schema): readonly Value[] | null {
  if (def?.type === 'boolean') return [false, true]
  return options?.map((each) => (typeof each === 'object' ? each.value! : each)) ?? null
}

export interface Field extends FieldRecord {
  schema: Schema
  values: readonly Value[] | null
  /** The same as typed; empty for none of them. */
  choices: readonly string[] | null
  /** The job may be without it: emptied, there is none. An emptied one that may not be absent is as the preset has it. */
  optional: boolean
  /** What the preset or the job itself puts where nothing is typed, as typed; empty for none. */
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
    const values = valuesOf(inner(schema))
    const byItself = schema.safeParse(undefined)
    const optional = byItself.success && byItself.data === undefined
    const standard = record.name in preset ? preset[record.name] : byItself.data
    return { ...record, schema, values, choices: values && [...(optional ? [''] : []), ...values.map(String)], optional, standard: asTyped(standard, record.unit) }
  })
}

/** The value of what was typed; undefined where it is none that the job takes. */
export function valueOf(field: Field, typed: string): Value | undefined {
  const text = typed.trim()
  if (field.values) return field.values.find((value) => String(value) === text)
  if (text === '') return undefined
  if (field.text) return text
  const number = Number(text.replace(',', '.'))
  const parsed = field.schema.safeParse(field.unit === '255ths' ? number / 255 : field.unit === 'share' ? number / 100 : number)
  return parsed.success ? (parsed.data as Value) : undefined
}

/** As the person left the field: what was typed, else what stands there anyway. Emptied, it is what its placeholder says. */
export const asLeft = ({ optional, standard }: Field, typed: string | undefined): string => (typed === undefined || (typed.trim() === '' && !optional) ? standard : typed.trim())
