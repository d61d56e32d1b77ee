/**
 * How a model stood before a training and how it stands after, on the same images: bare and behind its purifier, clean and
 * under attack, and what the detector flags. Measured on the bundles as they lie on the disk, or will, which is what is going
 * to be used.
 */
import type { BeforeAfter, Counted, MeasuredRow } from '../../shared/training-record'
import type { ProviderChoice } from '../../shared/types'
import { numbered } from '../attacks/attack'
import { CompiledTarget } from '../attacks/compiled-target'
import { pgd } from '../attacks/pgd'
import { classifierTarget, pipelineTarget, type AttackTarget } from '../attacks/target'
import type { LoadedBundle } from '../bundle/load'
import { logProbabilities } from '../bundle/classifier'
import { sha256 } from '../bundle/content'
import { createImageSession } from '../bundle/image-session'
import { isSuspicious, pValue } from '../screening/conformal'
import { combine, namesOf, rawScores } from '../screening/detector'
import { classifierOutput, createPipeline, pipelineBatch } from '../screening/pipeline'
import { bytesOf } from '../tensor/tensor'
import { accuracyOf, argmax } from './evaluate'
import { someOf, type LabelledImages } from './training-data'

/** Strengths, in 1/255. An attacker who knows the purifier too needs the smaller one only: at the larger little is left of any. */
const strengths = [2, 4]
const adaptiveStrengths = [2]
const steps = 10
const alpha = 0.05
/** Attacks on more images than these would take longer than they tell. */
const mostImages = 200
/** The adaptive attack goes through both networks and costs several times the other. */
const mostAdaptive = 32
const attackBatch = 16

export interface BeforeAfterOptions {
  /** Null for a classifier that is new. */
  before: LoadedBundle | null
  after: LoadedBundle
  images: LabelledImages
  part: BeforeAfter['part']
  provider: ProviderChoice
  signal: AbortSignal
  /** Images under the same attack on the classifier of `after`, from whoever has them already. @param k strength in 1/255 */
  attacked?: (images: LabelledImages, k: number) => Promise<LabelledImages>
  /** Measurements done, of all. */
  progress?: (done: number, total: number) => void
}

interface Judged {
  bare: number[]
  purified: number[] | null
  /** Which images the detector flags. */
  flagged: boolean[] | null
}

/** The bundle's answers, by its own models as scans run them. */
async function openModel(bundle: LoadedBundle, provider: ProviderChoice): Promise<{ judge(x: Float32Array): Promise<Judged>; release(): Promise<void> }> {
  const { manifest } = bundle
  const largest = (logP: readonly number[]): number => argmax(logP, 0, logP.length)
  if (!bundle.purifier) {
    const classifier = await createImageSession(bundle.classifier, { provider })
    const piece = pipelineBatch * manifest.input.channels * manifest.input.height * manifest.input.width
    return {
      async judge(x) {
        const bare: number[] = []
        for (let start = 0; start < x.length; start += piece) bare.push(...logProbabilities(await classifierOutput(manifest, classifier, x.subarray(start, Math.min(x.length, start + piece))), manifest).map(largest))
        return { bare, purified: null, flagged: null }
      },
      release: () => classifier.release(),
    }
  }
  const pipeline = await createPipeline(bundle, { provider })
  const { detector } = manifest
  return {
    async judge(x) {
      const images = await pipeline.run(x)
      return {
        bare: images.map(({ logBefore }) => largest(logBefore)),
        purified: images.map(({ logAfter }) => largest(logAfter)),
        flagged: detector ? images.map((image) => isSuspicious(pValue(combine(rawScores(image, manifest.input, namesOf(detector)), detector).score, detector.calibration.scores), alpha)) : null,
      }
    },
    release: () => pipeline.release(),
  }
}

/** The images under PGD, one set for each strength in 1/255. */
async function attackedBy(target: AttackTarget, { x, labels }: LabelledImages, wanted: readonly number[], signal: AbortSignal, told: () => void): Promise<Float32Array[]> {
  const model = new CompiledTarget(target, attackBatch)
  try {
    return await inTurn(wanted, async (k) => {
      const epsilon = k / 255
      const request = { model, x, labels, norm: 'linf', epsilon, options: { ...pgd.defaults(epsilon, 'linf'), steps }, seed: 0, numbers: numbered(labels.length), signal } as const
      const { adversarial } = await pgd.run(request)
      told()
      return adversarial
    })
  } finally {
    await model.release()
  }
}

/** Whether a bundle's answers on these images can be held against their labels. */
const answersTo = ({ manifest: { classes, input } }: LoadedBundle, { classes: wanted, size }: LabelledImages): boolean =>
  classes.length === wanted.length && classes.every((name, i) => name.toLowerCase() === wanted[i]!.toLowerCase()) && input.width === size.width && input.height === size.height && input.channels === size.channels

const right = (predicted: readonly number[], { labels }: LabelledImages): Counted => ({ count: predicted.filter((label, i) => label === labels[i]).length, of: labels.length })
/** Whether these very images set the bundle's thresholds: what it flags of them is then no measure of how often it is wrong. */
const calibratedOn = ({ manifest: { detector } }: LoadedBundle, { x }: LabelledImages): boolean => detector?.calibration.data.sha256 === sha256(bytesOf(x))
const share = (flags: readonly boolean[]): Counted => ({ count: flags.filter(Boolean).length, of: flags.length })

/**
 * Measures both bundles. Where their classifier is the same one, its bare row and the attacks on it are made once; one
 * from before that answers to other classes or images of another size has no rows.
 * @throws AssayError cancelled, runtime-failed
 */
export async function measureBeforeAfter({ before: asked, after, images: all, part, provider, signal, attacked: known, progress }: BeforeAfterOptions): Promise<BeforeAfter> {
  const images = someOf(all, mostImages)
  const some = someOf(images, mostAdaptive)
  const before = asked && answersTo(asked, images) ? asked : null
  const sameClassifier = before?.manifest.classifier.sha256 === after.manifest.classifier.sha256
  const bundles = before ? [before, after] : [after]
  const rows: MeasuredRow[] = []
  const attacks = (sameClassifier ? 1 : bundles.length) * strengths.length + bundles.filter(({ purifier }) => purifier).length * adaptiveStrengths.length
  let done = 0
  const told = (): void => progress?.(++done, attacks)
  const oblivious = new Map<string, Float32Array[]>()
  for (const bundle of bundles) {
    const when = bundle === after ? 'after' : 'before'
    const hash = bundle.manifest.classifier.sha256
    if (!oblivious.has(hash)) {
      const fromElsewhere = (k: number): Promise<Float32Array> =>
        known!(images, k).then(({ x }) => {
          told()
          return x
        })
      oblivious.set(hash, known && hash === after.manifest.classifier.sha256 ? await inTurn(strengths, fromElsewhere) : await attackedBy(classifierTarget(bundle, provider), images, strengths, signal, told))
    }
    const model = await openModel(bundle, provider)
    try {
      const clean = await model.judge(images.x)
      const attacked = await inTurn(oblivious.get(hash)!, (x) => model.judge(x))
      const balanced = (predicted: readonly number[]): number => accuracyOf(predicted, images.labels, images.classes.length).balancedAccuracy
      const under = (judged: readonly { predicted: number[] }[], adaptive: readonly Counted[]): MeasuredRow['attacked'] =>
        strengths.map((k, i) => ({ epsilon: k / 255, oblivious: right(judged[i]!.predicted, images), adaptive: adaptive[adaptiveStrengths.indexOf(k)] ?? null }))
      if (!(sameClassifier && bundle === after))
        rows.push({ when: sameClassifier ? 'both' : when, purified: false, clean: right(clean.bare, images), balancedAccuracy: balanced(clean.bare), attacked: under(attacked.map(({ bare }) => ({ predicted: bare })), []), flagged: null })
      if (clean.purified) {
        const adaptive = await inTurn(await attackedBy(pipelineTarget(bundle, provider), some, adaptiveStrengths, signal, told), async (x) => right((await model.judge(x)).purified!, some))
        rows.push({
          when,
          purified: true,
          clean: right(clean.purified, images),
          balancedAccuracy: balanced(clean.purified),
          attacked: under(attacked.map(({ purified }) => ({ predicted: purified! })), adaptive),
          flagged: clean.flagged && { alpha, clean: calibratedOn(bundle, all) ? null : share(clean.flagged), attacked: strengths.map((k, i) => ({ epsilon: k / 255, flagged: share(attacked[i]!.flagged!) })) },
        })
      }
    } finally {
      await model.release()
    }
  }
  return { part, images: images.labels.length, steps, rows }
}

/** One after the other: a session runs one batch at a time. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}
