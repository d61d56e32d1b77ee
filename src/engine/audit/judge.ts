/**
 * What the pipeline answers on images, by the bundle's models as scans run them: predicted classes behind each defence,
 * and the detector's score. Attacks are believed nothing; everything they return is judged here again.
 */
import type { Defence, Judgement } from '../../shared/audit'
import type { ProviderChoice } from '../../shared/types'
import { findingProbabilities, logProbabilities } from '../bundle/classifier'
import { createImageSession } from '../bundle/image-session'
import type { LoadedBundle } from '../bundle/load'
import type { Session } from '../runtime/session'
import { pValue } from '../screening/conformal'
import { combine, namesOf, rawScores } from '../screening/detector'
import { classifierOutput, pipelineBatch } from '../screening/pipeline'
import type { Passes } from '../screening/purify'
import { needOf } from '../screening/scores'
import type { Need } from '../screening/scores/score'
import { Random } from '../tensor/random'
import { openDefences } from './defences'

/** How fast the models are here. */
export interface Pace {
  /** Seconds of a pass through the bare classifier, per image. */
  pass: number
  /** Passes of classifier and purifier together, in those of the classifier; 1 without a purifier. */
  pipeline: number
}

/** Images that the models are timed on. */
const timed = 8

export interface Judge {
  readonly provider: string
  /** @param x [count, C, H, W] in [0, 1]. @param labels true classes */
  judge(x: Float32Array, labels: ArrayLike<number>): Promise<Judgement[]>
  /** Predicted class by defence alone. */
  predict(x: Float32Array): Promise<Record<string, number>[]>
  /** Measured now, on noise. */
  pace(): Promise<Pace>
  /** The images as the purifier leaves them; null without one. */
  purified(x: Float32Array): Promise<Float32Array | null>
  release(): Promise<void>
}

export interface JudgeOptions {
  bundle: LoadedBundle
  compare: readonly LoadedBundle[]
  defences: readonly Defence[]
  provider: ProviderChoice
  /** Index of the finding that is audited, of a model that answers several. */
  finding?: number
}

interface Answers {
  logP: number[][]
  /** Class probabilities: the bundle's classes, or "not there" and "there" of the finding. */
  probabilities: number[][]
}

const argmax = (row: readonly number[]): number => row.reduce((best, value, i) => (value > row[best]! ? i : best), 0)

export async function openJudge({ bundle, compare, defences: names, provider, finding }: JudgeOptions): Promise<Judge> {
  const { manifest } = bundle
  const { detector } = manifest
  const size = manifest.input.channels * manifest.input.height * manifest.input.width
  const classifier: Session = await createImageSession(bundle.classifier, { provider })
  const defences = await openDefences(bundle, names, compare, provider).catch(async (error: unknown) => {
    await classifier.release()
    throw error
  })

  async function answers(x: Float32Array): Promise<Answers> {
    const output = await classifierOutput(manifest, classifier, x)
    const logP = logProbabilities(output, manifest)
    return { logP, probabilities: finding === undefined ? logP.map((row) => row.map(Math.exp)) : findingProbabilities(output, finding, manifest) }
  }

  const scores = detector ? namesOf(detector) : []

  /** Answers behind every defence, and what the purifier did where it is one of them. */
  async function all(batch: Float32Array, need?: Need): Promise<{ by: Map<Defence, Answers>; passes?: Passes }> {
    const by = new Map<Defence, Answers>()
    const passes = names.includes('purifier') ? await defences.passes(batch, need) : undefined
    for (const name of names) by.set(name, await answers(name === 'purifier' && passes ? passes.purified : await defences.apply(name, batch)))
    return { by, ...(passes ? { passes } : {}) }
  }

  async function* batches(x: Float32Array): AsyncGenerator<{ start: number; count: number; batch: Float32Array }> {
    for (let start = 0; start * size < x.length; start += pipelineBatch) {
      const batch = x.subarray(start * size, Math.min(x.length, (start + pipelineBatch) * size))
      yield { start, count: batch.length / size, batch }
    }
  }

  const predictedOf = (by: Map<Defence, Answers>, i: number): Record<string, number> => Object.fromEntries([...by].map(([name, { probabilities }]) => [name, argmax(probabilities[i]!)]))

  return {
    provider: classifier.provider,
    async judge(x, labels) {
      const judged: Judgement[] = []
      for await (const { start, count, batch } of batches(x)) {
        const { by, passes } = await all(batch, needOf(scores))
        const [bare, after] = [by.get('none')!, by.get('purifier')]
        for (let i = 0; i < count; i++) {
          const label = labels[start + i]!
          const score =
            detector && passes && after
              ? combine(rawScores({ ...passes.of(i), logBefore: bare.logP[i]!, logAfter: after.logP[i]! }, manifest.input, scores), detector).score
              : null
          judged.push({
            predicted: predictedOf(by, i),
            confidence: { none: bare.probabilities[i]![label]!, ...(after && { purifier: after.probabilities[i]![label]! }) },
            score,
            pValue: score === null ? null : pValue(score, detector!.calibration.scores),
          })
        }
      }
      return judged
    },
    async predict(x) {
      const predicted: Record<string, number>[] = []
      for await (const { count, batch } of batches(x)) {
        const { by } = await all(batch)
        for (let i = 0; i < count; i++) predicted.push(predictedOf(by, i))
      }
      return predicted
    },
    async pace() {
      const random = new Random('pace of an audit')
      const x = Float32Array.from({ length: timed * size }, () => random.next())
      const time = async (work: () => Promise<unknown>): Promise<number> => {
        // The first run makes its plans; the second is the one that counts.
        await work()
        const begun = performance.now()
        await work()
        return performance.now() - begun
      }
      const alone = Math.max(1e-3, await time(() => answers(x)))
      const purifying = names.includes('purifier') ? await time(() => defences.apply('purifier', x)) : 0
      return { pass: alone / 1000 / timed, pipeline: 1 + purifying / alone }
    },
    async purified(x) {
      if (!names.includes('purifier')) return null
      const out = new Float32Array(x.length)
      for await (const { start, batch } of batches(x)) out.set(await defences.apply('purifier', batch), start * size)
      return out
    },
    async release() {
      await classifier.release()
      await defences.release()
    },
  }
}
