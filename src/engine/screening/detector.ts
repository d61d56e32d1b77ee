/**
 * How unlike an untouched scan an image is, from what the purifier took away and from how the classifier's mind
 * changed over it.
 *
 * Two raw scores, each on a logarithmic scale so that "unusual" is measured in factors; each standardised on
 * untouched scans by median and MAD, the larger one decides. Either trace of tampering is enough.
 */
import type { Detector, ModelInput } from '../../shared/bundle'
import { logOdds } from '../bundle/classifier'
import { gaussianBlur } from '../image/filter'
import { median } from '../tensor/median'
import type { PurifiedImage } from './pipeline'

export type ScoreName = Detector['scores'][number]['name']
export type RawScores = Record<ScoreName, number>
type Size = Pick<ModelInput, 'width' | 'height' | 'channels'>

/** Below this mean difference (a hundredth of an 8-bit step) two images count as equally untouched. */
const residualFloor = 0.01 / 255

/** Width in pixels of what counts as fine detail in what was removed. */
const fineDetail = 2

/**
 * ln of the mean absolute fine detail of x − purified. Fine, because a purifier may also correct brightness over wide
 * areas, which an attack does not do; the mean and not the mean square, because an attack is spread over the whole
 * image while the errors at a few sharp edges are not.
 */
export function residualScore(image: Pick<PurifiedImage, 'input' | 'purified'>, { width, height, channels }: Size): number {
  const size = width * height
  let sum = 0
  for (let c = 0; c < channels; c++) {
    const removed = new Float32Array(size)
    for (let i = 0; i < size; i++) removed[i] = image.input[c * size + i]! - image.purified[c * size + i]!
    const coarse = gaussianBlur(removed, width, height, fineDetail)
    for (let i = 0; i < size; i++) sum += Math.abs(removed[i]! - coarse[i]!)
  }
  return Math.log(residualFloor + sum / (size * channels))
}

/**
 * ln(1 + largest change of any class's log-odds). On log-odds a step from 0.99 to 0.999 counts as much as one from 0.5
 * to 0.91, so that sure classifiers are not blind; ln(1 + ·) keeps the long tail of unsure ones in bounds.
 */
export function disagreementScore({ logBefore, logAfter }: Pick<PurifiedImage, 'logBefore' | 'logAfter'>): number {
  const after = logOdds(logAfter)
  return Math.log1p(logOdds(logBefore).reduce((largest, value, i) => Math.max(largest, Math.abs(value - (after[i] ?? value))), 0))
}

export const rawScores = (image: PurifiedImage, size: Size): RawScores => ({
  residual: residualScore(image, size),
  disagreement: disagreementScore(image),
})

/** Smallest scale, in the scores' own logarithmic units, lest a few equal values make everything else an outlier. */
const scaleFloor = 0.02

/** Median, and 1.4826 × the median distance from it: the standard deviation if the scores were normal. */
export function standardise(name: ScoreName, values: readonly number[]): Detector['scores'][number] {
  const center = median(values)
  return { name, median: center, scale: Math.max(scaleFloor, 1.4826 * median(values.map((value) => Math.abs(value - center)))) }
}

export interface CombinedScore {
  /** The larger of the standardised scores; larger is less like an untouched scan. */
  score: number
  /** Each standardised score. */
  components: Partial<RawScores>
}

export function combine(raw: RawScores, scores: Detector['scores']): CombinedScore {
  const components: Partial<RawScores> = {}
  let score = -Infinity
  for (const { name, median: center, scale } of scores) {
    const value = (raw[name] - center) / scale
    components[name] = value
    score = Math.max(score, value)
  }
  return { score, components }
}
