/**
 * A bundle made ready to screen: purify, classify, score, compare with the calibration.
 */
import type { Detector } from '../../shared/bundle'
import type { Answer, Provider, ProviderChoice } from '../../shared/types'
import { answerOf } from '../bundle/classifier'
import { requireScreening } from '../bundle/load'
import type { LoadedBundle, ScreeningBundle } from '../bundle/load'
import type { Session } from '../runtime/session'
import { featuresOf, strangeness } from './appearance'
import { pValue } from './conformal'
import { combine, namesOf, rawScores } from './detector'
import type { RawScores } from './detector'
import { heatmapOf } from './heatmap'
import { createPipeline } from './pipeline'
import type { Pipeline } from './pipeline'

export interface ScreenedImage {
  /** Larger is less like an untouched scan. */
  score: number
  /** Each standardised score behind it. */
  components: RawScores
  /** Conformal p-value in (0, 1]. */
  pValue: number
  /** The image looks unlike those of the calibration; false where the bundle does not know. */
  unfamiliar: boolean
  before: Answer
  after: Answer
  /** [channels, height, width] in [0, 1]: what the model saw, and the same purified. */
  input: Float32Array
  purified: Float32Array
  /** Smoothed |input − purified|, [height, width], share of full range. */
  residualMap: Float32Array
}

export interface Screener {
  readonly bundle: ScreeningBundle
  readonly provider: Provider
  readonly fallbacks: Session['fallbacks']
  readonly onCpu: readonly string[]
  /** @param x [count, channels, height, width] in [0, 1]. @throws AssayError runtime-failed, bundle-invalid */
  screen(x: Float32Array): Promise<ScreenedImage[]>
  release(): Promise<void>
}

export function screenerOf(bundle: ScreeningBundle, pipeline: Pipeline): Screener {
  const { input: size, classes } = bundle.manifest
  const detector: Detector = bundle.manifest.detector
  const names = namesOf(detector)
  return {
    bundle,
    provider: pipeline.provider,
    fallbacks: pipeline.fallbacks,
    onCpu: pipeline.onCpu,
    async screen(x) {
      return (await pipeline.run(x)).map((image) => {
        const { score, components } = combine(rawScores(image, size, names), detector)
        return {
          score,
          components,
          pValue: pValue(score, detector.calibration.scores),
          unfamiliar: detector.appearance !== undefined && strangeness(featuresOf(image.purified, size), detector.appearance) > 1,
          before: answerOf(image.logBefore, classes),
          after: answerOf(image.logAfter, classes),
          input: image.input,
          purified: image.purified,
          residualMap: heatmapOf(image, size),
        }
      })
    },
    release: () => pipeline.release(),
  }
}

/** @throws AssayError bundle-incomplete, provider-unavailable, onnx-invalid */
export async function createScreener(bundle: LoadedBundle, options: { provider?: ProviderChoice } = {}): Promise<Screener> {
  const complete = requireScreening(bundle)
  return screenerOf(complete, await createPipeline(complete, options))
}
