/**
 * One look at a batch of images: the classifier's answer as they are, the purified images, the answer on those.
 * No judgement in here; detector.ts judges.
 */
import { AssayError } from '../../shared/errors'
import type { BundleManifest } from '../../shared/bundle'
import type { Provider, ProviderChoice } from '../../shared/types'
import { classifierInput, logProbabilities } from '../bundle/classifier'
import { createImageSession } from '../bundle/image-session'
import type { LoadedBundle } from '../bundle/load'
import type { Session } from '../runtime/session'
import type { Tensor } from '../tensor/tensor'
import { namesOf } from './detector'
import { embeddingOutput, purifierPasses } from './purify'
import { needOf } from './scores'
import type { Evidence, Need } from './scores/score'

export interface Pipeline {
  /** What the evidence is good for. */
  readonly need: Need | undefined
  readonly provider: Provider
  readonly fallbacks: Session['fallbacks']
  /** Operators of either network that the provider leaves to the CPU. */
  readonly onCpu: readonly string[]
  /** @param x [count, channels, height, width] in [0, 1]; any count. @throws AssayError runtime-failed, bundle-invalid */
  run(x: Float32Array): Promise<Evidence[]>
  release(): Promise<void>
}

/** Images per call of ONNX Runtime. Larger batches are no faster on a CPU and only take memory. */
export const pipelineBatch = 16

const only = (outputs: Record<string, Tensor>, session: Session): Tensor => {
  const output = outputs[session.outputNames[0] ?? '']
  if (!output) throw new AssayError('runtime-failed', 'A model of the bundle has no output; make the bundle again.')
  return output
}

/**
 * The classifier's output on images [count, channels, height, width] in [0, 1].
 * @throws AssayError runtime-failed
 */
export async function classifierOutput(manifest: BundleManifest, classifier: Session, x: Float32Array): Promise<Tensor> {
  return only(await classifier.run({ [classifier.inputNames[0] ?? 'x']: classifierInput(x, manifest) }), classifier)
}

export interface PipelineOptions {
  provider?: ProviderChoice
  /** For which scores evidence is wanted: those of the bundle's own detector (default), or all that its purifier allows. */
  scores?: 'own' | 'all'
}

/** The two networks behind the pipeline, given as sessions. */
export function pipelineOf(manifest: BundleManifest, classifier: Session, purifier: Session, { scores = 'own' }: Pick<PipelineOptions, 'scores'> = {}): Pipeline {
  const need: Need | undefined = scores === 'own' ? needOf(manifest.detector ? namesOf(manifest.detector) : []) : purifier.outputNames.includes(embeddingOutput) ? 'embedding' : 'second pass'
  const { channels, height, width } = manifest.input
  const size = channels * height * width
  const classify = async (x: Float32Array): Promise<number[][]> => logProbabilities(await classifierOutput(manifest, classifier, x), manifest)

  return {
    need,
    provider: classifier.provider,
    fallbacks: [...classifier.fallbacks, ...purifier.fallbacks.filter(({ provider }) => classifier.fallbacks.every((each) => each.provider !== provider))],
    onCpu: [...new Set([...(classifier.onCpu ?? []), ...(purifier.onCpu ?? [])])],
    async run(x) {
      if (x.length % size !== 0) throw new RangeError(`${x.length} values are not whole images of ${channels} × ${height} × ${width}`)
      const images: Evidence[] = []
      for (let start = 0; start < x.length; start += pipelineBatch * size) {
        const batch = x.subarray(start, Math.min(x.length, start + pipelineBatch * size))
        const passes = await purifierPasses(manifest, purifier, batch, need)
        const before = await classify(batch)
        const after = await classify(passes.purified)
        before.forEach((logBefore, i) => images.push({ ...passes.of(i), logBefore, logAfter: after[i] ?? [] }))
      }
      return images
    },
    async release() {
      await Promise.all([classifier.release(), purifier.release()])
    },
  }
}

/** @throws AssayError bundle-incomplete without a purifier; provider-unavailable, onnx-invalid */
export async function createPipeline(bundle: LoadedBundle, options: PipelineOptions = {}): Promise<Pipeline> {
  const { manifest } = bundle
  if (!bundle.purifier)
    throw new AssayError('bundle-incomplete', `The bundle ${manifest.id} has no purifier yet; train one with "assay train purifier".`, { bundle: manifest.id })
  let classifier = await createImageSession(bundle.classifier, options)
  try {
    let purifier = await createImageSession(bundle.purifier, options)
    // `auto` decides by the model. A screening says where it ran, in one word: the CPU, when the two do not agree.
    if (classifier.provider !== purifier.provider) {
      const onCpu = async (session: Session, model: Uint8Array): Promise<Session> => {
        if (session.provider === 'cpu') return session
        await session.release()
        return createImageSession(model, { ...options, provider: 'cpu' })
      }
      purifier = await onCpu(purifier, bundle.purifier)
      classifier = await onCpu(classifier, bundle.classifier)
    }
    return pipelineOf(manifest, classifier, purifier, options)
  } catch (error) {
    await classifier.release()
    throw error
  }
}
