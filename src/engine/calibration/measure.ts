/** What a calibration keeps of untouched scans: their raw scores and looks. Memory is bounded by one batch and the sample. */
import { createHash } from 'node:crypto'
import type { ScoreName } from '../../shared/bundle'
import { throwIfAborted } from '../dataset/model-inputs'
import { featuresOf } from '../screening/appearance'
import type { Features } from '../screening/appearance'
import { rawScores } from '../screening/detector'
import type { RawScores } from '../screening/detector'
import { HeatmapHistogram, heatmapOf } from '../screening/heatmap'
import { pipelineBatch } from '../screening/pipeline'
import type { Pipeline } from '../screening/pipeline'
import type { ImageSize } from '../screening/scores/score'
import { bytesOf } from '../tensor/tensor'
import type { CalibrationOptions } from './calibrate'
import type { Sample } from './sample'

export interface Measured {
  /** Of each scan that is no exact copy of an earlier one: raw scores, looks, and a name that scans of one patient share. */
  raw: RawScores[]
  features: Features[]
  groups: string[]
  /** Scans that were left out as copies. */
  copies: number
  /** 99th percentile of their heatmaps. */
  heatmapUsual: number
  /** Over all values as they came. */
  sha256: string
}

const digestOf = (values: Float32Array): string => createHash('sha256').update(bytesOf(values)).digest('base64')

/** The same values in pieces of `length`, the last one shorter; each piece is good until the next is asked for. */
async function* inPieces(source: Iterable<Float32Array> | AsyncIterable<Float32Array>, length: number): AsyncGenerator<Float32Array> {
  const piece = new Float32Array(length)
  let filled = 0
  for await (const values of source)
    for (let start = 0; start < values.length; ) {
      const part = values.subarray(start, start + length - filled)
      piece.set(part, filled)
      filled += part.length
      start += part.length
      if (filled < length) continue
      yield piece
      filled = 0
    }
  if (filled > 0) yield piece.subarray(0, filled)
}

/**
 * @param scans model inputs in pieces of any number of images, each [count, channels, height, width] in [0, 1]
 * @param sample is offered each of them, by its place in what is returned
 */
export async function measure(
  pipeline: Pipeline,
  scans: Iterable<Float32Array> | AsyncIterable<Float32Array>,
  { size, names, sample, groups, signal, progress }: Pick<CalibrationOptions, 'groups' | 'signal' | 'progress'> & { size: ImageSize; names: readonly ScoreName[]; sample?: Sample | undefined },
): Promise<Measured> {
  const raw: RawScores[] = []
  const features: Features[] = []
  const heat = new HeatmapHistogram()
  const hash = createHash('sha256')
  const known = new Set<string>()
  /** Places among all scans that were read. */
  const places: number[] = []
  let read = 0
  for await (const batch of inPieces(scans, pipelineBatch * size.channels * size.width * size.height)) {
    throwIfAborted(signal)
    hash.update(bytesOf(batch))
    const patients = sample && groups?.()
    for (const image of await pipeline.run(batch)) {
      const place = read++
      const digest = digestOf(image.input)
      if (known.has(digest)) continue
      known.add(digest)
      places.push(place)
      raw.push(rawScores(image, size, names))
      features.push(featuresOf(image.purified, size))
      heat.add(heatmapOf(image, size))
      // That some belong together may show only later on; for the sample what is known by now does.
      sample?.offer(image.input, patients?.[place])
    }
    progress?.({ scans: read })
  }
  const patients = groups?.()
  return { raw, features, groups: places.map((place) => patients?.[place] ?? `#${place}`), copies: read - places.length, heatmapUsual: heat.percentile(0.99), sha256: hash.digest('hex') }
}
