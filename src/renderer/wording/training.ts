/** Trainings as the Train page names them. */
import type { DataFinding } from '../../shared/training'
import type { Counted, MeasuredRow, TrainingKind } from '../../shared/training-record'
import type { JobState } from '../../shared/types'
import { percent } from './probability'

export const kindName: Record<TrainingKind, string> = { 'train-purifier': 'Purifier', 'train-classifier': 'Classifier' }

export const stateWord: Record<JobState, string> = { queued: 'Waits', running: 'Learns', done: 'Done', failed: 'Failed', cancelled: 'Paused' }

const metricNames: Readonly<Record<string, string>> = {
  loss: 'Loss',
  reconstruction: 'Reconstruction',
  validationLoss: 'Loss, held-back images',
  validationAccuracy: 'Untouched',
  validationBalancedAccuracy: 'Untouched, mean of the classes',
  validationAccuracyAttacked: 'Attacked at 4/255',
  validationAccuracyStronglyAttacked: 'Attacked at 8/255',
  validationAccuracyAdaptive: 'Attacked by one who knows the purifier, 2/255',
  validationAccuracyBare: 'Untouched, without the purifier',
  validationAccuracyBareAttacked: 'Attacked at 4/255, without the purifier',
}

/** `validationAccuracyAttacked` → "Attacked at 4/255"; what has no name yet by its own words. */
export function metricName(name: string): string {
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase()
  return metricNames[name] ?? words.charAt(0).toUpperCase() + words.slice(1)
}

export const isAccuracy = (metric: string): boolean => /accuracy/i.test(metric)
export const isLoss = (metric: string): boolean => /loss/i.test(metric)

/** Small numbers keep the digits that say something. */
export const metricValue = (metric: string, value: number): string => (isAccuracy(metric) ? percent(value) : value === 0 ? '0' : Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3))

export const countedText = ({ count, of }: Counted): string => (of === 0 ? '–' : percent(count / of))
export const countedTitle = ({ count, of }: Counted): string => `${count} of ${of} images`

/** "Classifier alone, before". */
export function rowTitle({ when, purified }: Pick<MeasuredRow, 'when' | 'purified'>): string {
  const what = purified ? 'Behind the purifier' : 'Classifier alone'
  return when === 'both' ? what : `${what}, ${when}`
}

export const levelWord: Record<DataFinding['level'], string> = { error: 'Must be mended', warning: 'Look at this first', note: 'Good to know' }

/** "3 min 20 s" of something that is over. */
export function took(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
