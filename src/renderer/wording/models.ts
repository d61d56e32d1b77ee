/** Models in words: sizes, what a bundle can do, how its input is made. */
import { number } from '../language'
import type { ModelInput } from '../../shared/bundle'
import type { BundleSummary } from '../../shared/types'

export const count = (n: number): string => number(n)

/** "1.2 MB", in powers of 1000 as file managers say them. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

export type Ability = 'screens' | 'incomplete' | 'broken'

export const abilityOf = ({ error, canScreen }: Pick<BundleSummary, 'error' | 'canScreen'>): Ability => (error ? 'broken' : canScreen ? 'screens' : 'incomplete')

export const abilityWord: Record<Ability, string> = { screens: 'Can screen', incomplete: 'Cannot screen yet', broken: 'Broken' }

/** "grey" or "RGB", rows × columns. */
export const inputInWords = ({ height, width, channels }: Pick<ModelInput, 'height' | 'width' | 'channels'>): string => `${height} × ${width}, ${channels === 1 ? 'grey' : 'RGB'}`

export function intensityInWords({ intensity }: Pick<ModelInput, 'intensity'>): string {
  if (intensity.kind === 'declared-range') return 'what the bits of the file can store becomes 0 to 1'
  if (intensity.kind === 'fixed') return `${intensity.low} to ${intensity.high} becomes 0 to 1`
  return `percentiles ${intensity.lowPercentile} to ${intensity.highPercentile} of the image become 0 to 1`
}

const short = (value: number): string => (Math.abs(value * 255 - 1) < 1e-12 ? '1/255' : String(Number(value.toPrecision(4))))
const one = (values: readonly number[]): string => (values.every((value) => value === values[0]) ? short(values[0]!) : values.map(short).join(', '))

export function normalisationInWords({ mean, std }: Pick<ModelInput, 'mean' | 'std'>): string {
  if (mean.every((value) => value === 0) && std.every((value) => value === 1)) return 'none: the model takes 0 to 1'
  const range = mean.every((value) => value === 0) && std.every((value) => Math.abs(value * 255 - 1) < 1e-12) ? ': the model takes 0 to 255' : ''
  return `mean ${one(mean)}, std ${one(std)}${range}`
}

/** "NORMAL, PNEUMONIA"; of very many the first and how many more. */
export const someOf = (names: readonly string[], most = 12): string => (names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${count(names.length - most)} more`)
