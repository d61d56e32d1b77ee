/** Trainings as the Train page names them. */
import type { DataFinding } from '../../shared/training'
import type { Counted, MeasuredRow, OpenedTraining, TrainingKind } from '../../shared/training-record'
import type { JobState } from '../../shared/types'
import { figure, t } from '../language'
import { in255ths } from './amounts'
import { percent } from './probability'

export const kindName = (kind: TrainingKind): string => t(`train.kind.${kind}`)

export const stateWord = (state: JobState): string => t(`train.state.${state}`)

const named = [
  'loss', 'learningRate', 'reconstruction', 'validationLoss', 'validationAccuracy', 'validationBalancedAccuracy', 'validationAccuracyStronglyAttacked',
  'validationAccuracyAdaptive', 'validationAccuracyBare', 'validationAccuracyBareAttacked',
] as const

/** ε as people say it: "4/255", "1.5/255". */
export const strengthOf = (epsilon: number): string => in255ths(epsilon).replace(/[.,]0\//, '/')

/** `validationAccuracyAttacked` → "Attacked at 4/255"; what has no name yet by its own words. */
export function metricName(name: string, { begin, parameters }: Pick<OpenedTraining, 'begin' | 'parameters'>): string {
  // A purifier's sample images are of the attack that it is measured under; a classifier is measured under the one that it learns from.
  if (name === 'validationAccuracyAttacked') return t('train.metric.validationAccuracyAttacked', { strength: strengthOf(begin?.samples.epsilon ?? Number(parameters['adversarialEpsilon'])) })
  const known = named.find((each) => each === name)
  if (known) return t(`train.metric.${known}`)
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const isAccuracy = (metric: string): boolean => /accuracy/i.test(metric)
export const isLoss = (metric: string): boolean => /loss/i.test(metric)

/** Small numbers keep the digits that say something. */
export const metricValue = (metric: string, value: number): string => (isAccuracy(metric) ? percent(value) : value === 0 ? '0' : figure(Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3)))

export const countedText = ({ count, of }: Counted): string => (of === 0 ? '–' : percent(count / of))
export const countedTitle = ({ count, of }: Counted): string => t('train.counted', { count, of })

/** "Classifier alone, before". */
export function rowTitle({ when, purified }: Pick<MeasuredRow, 'when' | 'purified'>): string {
  const what = t(purified ? 'train.row.purified' : 'train.row.bare')
  return when === 'both' ? what : t(`train.row.${when}`, { what })
}

export const levelWord = (level: DataFinding['level']): string => t(`train.finding.${level}`)

/** "3 min 20 s" of something that is over. */
export function took(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
