/** The settings of an import as a person types them, and as the engine wants them. */
import { bundleIdPattern } from '../../shared/bundle'
import type { Intensity } from '../../shared/bundle'
import { idOf } from '../../shared/models'
import type { FoundModel, GuessedSettings, ModelSettings } from '../../shared/models'
import { t } from '../language'

export interface ImportForm {
  name: string
  id: string
  modality: string
  bodyPart: string
  /** One class per line, in the order of the outputs. */
  classes: string
  height: string
  width: string
  channels: 1 | 3
  layout: ModelSettings['layout']
  output: ModelSettings['output']
  /** One number, or one per channel, separated by commas or spaces. */
  mean: string
  std: string
  intensity: Intensity['kind']
  /** Ends of the range that becomes 0 to 1: modality values for `fixed`, percentiles for `data-range`. */
  low: string
  high: string
  channelOrder: ModelSettings['channelOrder']
  inverted: boolean
}

export type FieldProblems = Partial<Record<keyof ImportForm, string>>

/** Ways in which classifiers commonly want their pixels, as mean and standard deviation of values in [0, 1]. */
export const rangePresets = [
  { id: 'unit', mean: [0], std: [1] },
  { id: 'bytes', mean: [0], std: [1 / 255] },
  { id: 'symmetric', mean: [0.5], std: [0.5] },
  { id: 'imagenet', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
] as const

export type RangePreset = (typeof rangePresets)[number]

/** ImageNet's numbers are for three channels. */
export const presetsFor = (channels: number): readonly RangePreset[] => rangePresets.filter(({ mean }) => mean.length <= channels)

const same = (a: readonly number[], b: readonly number[], channels: number): boolean =>
  Array.from({ length: channels }, (_, i) => Math.abs((a[i] ?? a[0]!) - (b[i] ?? b[0]!)) < 1e-9).every(Boolean)

export const presetOf = ({ mean, std, channels }: Pick<ModelSettings, 'mean' | 'std' | 'channels'>): RangePreset | undefined =>
  presetsFor(channels).find((preset) => same(preset.mean, mean, channels) && same(preset.std, std, channels))

/** 1/255 is written so: as a decimal it would be another number. */
export const numbersAsText = (values: readonly number[]): string => values.map((value) => (Math.abs(value * 255 - 1) < 1e-12 ? '1/255' : String(value))).join(', ')

/** "0.5, 1/255" as numbers; null for what is none. */
export function numbersIn(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '')
  const numbers = parts.map((part) => {
    const [above = '', below = '1', more] = part.split('/')
    return above === '' || below === '' || more !== undefined ? Number.NaN : Number(above) / Number(below)
  })
  return numbers.length > 0 && numbers.every(Number.isFinite) ? numbers : null
}

export const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Names that say nothing, for classes that the file does not name. */
export const placeholderClasses = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`)

/** An id that no bundle has: "vendor", or "vendor-2". */
export function freeId(wanted: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const id = n === 1 ? wanted : `${wanted}-${n}`
    if (!taken.includes(id)) return id
  }
}

export function formOf({ fileName }: Pick<FoundModel, 'fileName'>, guess: GuessedSettings, taken: readonly string[]): ImportForm {
  const name = fileName.replace(/\.onnx$/i, '')
  return {
    name,
    id: freeId(idOf(name), taken),
    modality: '',
    bodyPart: '',
    classes: (guess.classes ?? placeholderClasses(guess.classCount)).join('\n'),
    height: String(guess.height),
    width: String(guess.width),
    channels: guess.channels,
    layout: guess.layout,
    output: guess.output,
    mean: numbersAsText(guess.mean),
    std: numbersAsText(guess.std),
    intensity: guess.intensity.kind,
    low: '',
    high: '',
    channelOrder: guess.channelOrder,
    inverted: guess.inverted,
  }
}

/** What a form has to change to become these settings. */
export const fieldsOf = ({ classes, mean, std, channelOrder, inverted }: ModelSettings): Partial<ImportForm> => ({
  classes: classes.join('\n'),
  mean: numbersAsText(mean),
  std: numbersAsText(std),
  channelOrder,
  inverted,
})

function intensityOf({ intensity, low, high }: ImportForm, problems: FieldProblems): Intensity {
  if (intensity === 'declared-range') return { kind: intensity }
  const [from, to] = [numbersIn(low)?.[0] ?? Number.NaN, numbersIn(high)?.[0] ?? Number.NaN]
  const percentiles = intensity === 'data-range'
  if (!(from < to)) problems.low = t('import.problem.order')
  else if (percentiles && (from < 0 || to > 100)) problems.low = t('import.problem.percentiles')
  return percentiles ? { kind: intensity, lowPercentile: from, highPercentile: to } : { kind: intensity, low: from, high: to }
}

function normalisation(text: string, channels: number, positive: boolean): number[] | string {
  const values = numbersIn(text)
  if (!values || (values.length !== 1 && values.length !== channels)) return channels === 1 ? t('import.problem.one') : t('import.problem.perChannel', { channels })
  if (positive && values.some((value) => value <= 0)) return t('import.problem.positive')
  return values
}

/** @param outputs how many answers the model gives; 0 where that is not known */
export function readForm(form: ImportForm, outputs: number, taken: readonly string[]): { settings: ModelSettings | null; problems: FieldProblems } {
  const problems: FieldProblems = {}
  const side = (field: 'height' | 'width'): number => {
    const value = Number(form[field])
    if (!Number.isInteger(value) || value < 1 || value > 4096) problems[field] = t('import.problem.side')
    return value
  }
  const classes = linesIn(form.classes)
  if (outputs > 0 && classes.length !== outputs) problems.classes = t('import.problem.count', { outputs, classes: classes.length })
  else if (classes.length < 2) problems.classes = t('import.problem.few')
  else if (new Set(classes).size !== classes.length) problems.classes = t('import.problem.double')
  const mean = normalisation(form.mean, form.channels, false)
  const std = normalisation(form.std, form.channels, true)
  if (typeof mean === 'string') problems.mean = mean
  if (typeof std === 'string') problems.std = std
  const [height, width] = [side('height'), side('width')]
  const intensity = intensityOf(form, problems)
  const settings =
    Object.keys(problems).length > 0 || typeof mean === 'string' || typeof std === 'string'
      ? null
      : { classes, height, width, channels: form.channels, layout: form.layout, output: form.output, mean, std, intensity, channelOrder: form.channels === 1 ? ('rgb' as const) : form.channelOrder, inverted: form.inverted }
  // Naming does not keep anyone from trying the model.
  if (form.name.trim() === '') problems.name = t('import.problem.name')
  if (!bundleIdPattern.test(form.id)) problems.id = t('import.problem.id')
  else if (taken.includes(form.id)) problems.id = t('import.problem.idTaken')
  return { settings, problems }
}
