/**
 * The models of a bundle as ONNX Runtime runs them, asked for answers and nothing else: what an attack is judged by, and
 * what attacks by queries need of a model whose graph Assay cannot follow.
 */
import type { ProviderChoice } from '../../shared/types'
import { classifierInput, findingProbabilities, logProbabilities } from '../bundle/classifier'
import type { LoadedBundle } from '../bundle/load'
import { readModel } from '../onnx/reader'
import { createSession, type Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'

export interface Answering {
  readonly sessions: readonly Session[]
  /** A row of logarithms of probabilities per image, whose differences are those of the logits. @param x [n, C, H, W] in [0, 1] */
  answers(x: Float32Array): Promise<number[][]>
  release(): Promise<void>
}

/** Images per call where the model leaves the batch open. */
const openBatch = 16

/** @param purify whether the purifier stands before the classifier */
export async function openAnswering(bundle: LoadedBundle, { provider, purify, finding }: { provider: ProviderChoice; purify: boolean; finding?: number }): Promise<Answering> {
  const { manifest } = bundle
  const { channels, height, width } = manifest.input
  const pixels = channels * height * width
  const declared = readModel(bundle.classifier).graph.inputs[0]?.shape?.[0]
  const step = typeof declared === 'number' && declared > 0 ? declared : openBatch
  const classifier = await createSession(bundle.classifier, { provider })
  const purifier = purify && bundle.purifier ? await createSession(bundle.purifier, { provider }) : undefined

  async function rowsOf(x: Float32Array): Promise<number[][]> {
    const image = float32([x.length / pixels, channels, height, width], x)
    const seen = purifier ? ((await purifier.run({ [purifier.inputNames[0]!]: image }))[purifier.outputNames[0]!]!.data as Float32Array) : x
    const output = (await classifier.run({ [classifier.inputNames[0]!]: classifierInput(seen, manifest) }))[classifier.outputNames[0]!]!
    if (finding === undefined) return logProbabilities(output, manifest)
    return findingProbabilities(output, finding, manifest).map((row) => row.map((p) => Math.log(Math.max(p, 1e-12))))
  }

  return {
    sessions: purifier ? [purifier, classifier] : [classifier],
    async answers(x) {
      const rows: number[][] = []
      for (let start = 0; start < x.length; start += step * pixels) {
        const cut = x.subarray(start, Math.min(x.length, start + step * pixels))
        const count = cut.length / pixels
        // A model of a fixed batch is given that many images, the last ones twice.
        const whole = step === openBatch || count === step ? cut : Float32Array.from({ length: step * pixels }, (_, i) => cut[i % cut.length]!)
        rows.push(...(await rowsOf(whole)).slice(0, count))
      }
      return rows
    },
    async release() {
      await classifier.release()
      await purifier?.release()
    },
  }
}
