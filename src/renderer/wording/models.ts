/** Models in words: sizes, what a bundle can do, how its input is made. */
import { figure, number, t } from '../language'
import type { Detector, ModelInput, Origins } from '../../shared/bundle'
import type { BundleSummary } from '../../shared/types'

export const count = (n: number): string => number(n)

/** "1.2 MB", in powers of 1000 as file managers say them. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value < 10 ? figure(value.toFixed(1)) : Math.round(value)} ${unit}`
}

export type Ability = 'screens' | 'incomplete' | 'broken'

export const abilityOf = ({ error, canScreen }: Pick<BundleSummary, 'error' | 'canScreen'>): Ability => (error ? 'broken' : canScreen ? 'screens' : 'incomplete')

export const abilityWord = (ability: Ability): string => t(`models.ability.${ability}`)

/** "grey" or "RGB", rows × columns. */
export const inputInWords = ({ height, width, channels }: Pick<ModelInput, 'height' | 'width' | 'channels'>): string => `${height} × ${width}, ${channels === 1 ? t('models.grey') : 'RGB'}`

export function intensityInWords({ intensity }: Pick<ModelInput, 'intensity'>): string {
  if (intensity.kind === 'declared-range') return t('models.intensityDeclared')
  if (intensity.kind === 'fixed') return t('models.intensityFixed', { low: figure(intensity.low), high: figure(intensity.high) })
  return t('models.intensityPercentiles', { low: figure(intensity.lowPercentile), high: figure(intensity.highPercentile) })
}

const short = (value: number): string => (Math.abs(value * 255 - 1) < 1e-12 ? '1/255' : figure(Number(value.toPrecision(4))))
const one = (values: readonly number[]): string => (values.every((value) => value === values[0]) ? short(values[0]!) : values.map(short).join(`${t('number.separator')} `))

export function normalisationInWords({ mean, std }: Pick<ModelInput, 'mean' | 'std'>): string {
  if (mean.every((value) => value === 0) && std.every((value) => value === 1)) return t('models.takesUnit')
  const bytes = mean.every((value) => value === 0) && std.every((value) => Math.abs(value * 255 - 1) < 1e-12)
  return t(bytes ? 'models.meanStdBytes' : 'models.meanStd', { mean: one(mean), std: one(std) })
}

/** "residual, disagreement: the largest decides". */
export function decidesInWords({ scores, combine }: Pick<Detector, 'scores' | 'combine'>): string {
  const names = scores.map(({ name }) => name).join(', ')
  return scores.length > 1 ? t(combine === 'max' ? 'models.largest' : 'models.sum', { scores: names }) : names
}

/** "CR · SIEMENS, GEMED"; empty where no file says. */
export const originsInWords = ({ modalities, manufacturers }: Origins): string => [modalities, manufacturers].filter(({ length }) => length > 0).map((names) => names.join(', ')).join(' · ')

/** "NORMAL, PNEUMONIA"; of very many the first and how many more. */
export const someOf = (names: readonly string[], most = 12): string => (names.length <= most ? names.join(', ') : t('firstAndMore', { first: names.slice(0, most).join(', '), n: names.length - most }))
