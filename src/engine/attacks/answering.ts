/**
 * The models of a bundle as ONNX Runtime runs them, asked for answers and nothing else: what an attack is judged by, and
 * what attacks by queries need of a model whose graph Assay cannot follow.
 */
import type { ProviderChoice } from '../../shared/types'
import { classifierInput, findingProbabilities, logProbabilities } from '../bundle/classifier'
import { createImageSession } from '../bundle/image-session'
import type { LoadedBundle } from '../bundle/load'
import type { Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'

export interface Answering {
  readonly sessions: readonly Session[]
  /** A row of logarithms of probabilities per image, whose differences are those of the logits. @param x [n, C, H, W] in [0, 1] */
  answers(x: Float32Array): Promise<number[][]>
  release(): Promise<void>
}

/** Images per call. */
const atOnce = 16

/** @param purify whether the purifier stands before the classifier */
export async function openAnswering(bundle: LoadedBundle, { provider, purify, finding }: { provider: ProviderChoice; purify: boolean; finding?: number }): Promise<Answering> {
  const { manifest } = bundle
  const { channels, height, width } = manifest.input
  const pixels = channels * height * width
  const classifier = await createImageSession(bundle.classifier, { provider })
  const purifier = purify && bundle.purifier ? await createImageSession(bundle.purifier, { provider }) : undefined

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
      for (let start = 0; start < x.length; start += atOnce * pixels) rows.push(...(await rowsOf(x.subarray(start, start + atOnce * pixels))))
      return rows
    },
    async release() {
      await classifier.release()
      await purifier?.release()
    },
  }
}
