/**
 * How unlike an untouched scan an image is: the scores that the bundle's detector names, each standardised on untouched
 * scans by median and MAD, made one number. Any trace of tampering is enough where the largest decides; where they are
 * added up, several weak ones are.
 */
import type { Detector, ScoreName } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import { median } from '../tensor/median'
import { scoreOf } from './scores'
import type { Evidence, ImageSize } from './scores/score'

export type RawScores = Partial<Record<ScoreName, number>>

export const rawScores = (evidence: Evidence, size: ImageSize, names: readonly ScoreName[]): RawScores =>
  Object.fromEntries(names.map((name) => [name, scoreOf(name).of(evidence, size)]))

export const namesOf = ({ scores }: Pick<Detector, 'scores'>): ScoreName[] => scores.map(({ name }) => name)

/** Smallest scale, in the scores' own logarithmic units, lest a few equal values make everything else an outlier. */
const scaleFloor = 0.02

/** Median, and 1.4826 × the median distance from it: the standard deviation if the scores were normal. */
export function standardise(name: ScoreName, values: readonly number[]): Detector['scores'][number] {
  const center = median(values)
  return { name, median: center, scale: Math.max(scaleFloor, 1.4826 * median(values.map((value) => Math.abs(value - center)))) }
}

export interface CombinedScore {
  /** Larger is less like an untouched scan. */
  score: number
  /** Each standardised score. */
  components: RawScores
}

/** @throws AssayError internal where a score of the detector was not computed */
export function combine(raw: RawScores, { scores, combine: how }: Pick<Detector, 'scores' | 'combine'>): CombinedScore {
  const components: RawScores = {}
  const values = scores.map(({ name, median: center, scale }) => {
    const value = raw[name]
    if (value === undefined) throw new AssayError('internal', `The score ${name} was not computed; this is a defect of Assay.`, { score: name })
    return (components[name] = (value - center) / scale)
  })
  return { score: how === 'max' ? Math.max(...values) : values.reduce((sum, value) => sum + Math.max(0, value), 0), components }
}
