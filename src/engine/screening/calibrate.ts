/**
 * Teaches a bundle what untouched scans look like, and writes that into its manifest.
 *
 * A fifth of the scans, drawn by the seed, sets median and scale of each score; the others give the conformal scores.
 * Were the same scans used for both, their scores would not be exchangeable with those of a new scan.
 */
import { createHash } from 'node:crypto'
import { AssayError } from '../../shared/errors'
import type { Detector } from '../../shared/bundle'
import type { ProviderChoice } from '../../shared/types'
import { loadBundle } from '../bundle/load'
import { updateManifest } from '../bundle/write'
import { throwIfAborted } from '../dataset/model-inputs'
import { Random } from '../tensor/random'
import { scansNeeded } from './conformal'
import { combine, rawScores, standardise } from './detector'
import type { RawScores, ScoreName } from './detector'
import { HeatmapHistogram, heatmapOf } from './heatmap'
import { createPipeline, pipelineBatch } from './pipeline'
import type { Pipeline } from './pipeline'

const scoreNames: ScoreName[] = ['residual', 'disagreement']
const standardisingShare = 0.2
const fewestScans = 5

/** Scans to calibrate on, so that enough of them stand behind the p-values for `alpha` to flag anything. */
const scansFor = (alpha: number): number => Math.ceil(scansNeeded(alpha) / (1 - standardisingShare))

export interface CalibrationOptions {
  /** Says which scans these are, for the card. */
  label: string
  seed?: number
  provider?: ProviderChoice
  signal?: AbortSignal
  /** Scans done so far. */
  progress?: (done: number) => void
}

export interface Calibration {
  detector: Detector
  /** Sentences for the person; empty when all is well. */
  warnings: string[]
}

/**
 * The detector block from raw scores.
 * @throws AssayError data-set-invalid for fewer than five scans
 */
export function detectorFrom(raw: readonly RawScores[], seed: number, calibration: Omit<Detector['calibration'], 'scores'>): Detector {
  if (raw.length < fewestScans)
    throw new AssayError('data-set-invalid', `${raw.length} untouched scans are too few to calibrate on; give at least ${scansFor(0.05)}.`, { scans: raw.length })
  const order = new Random(seed).fork('calibration').shuffle(raw.map((_, i) => i))
  const standardising = Math.max(2, Math.round(raw.length * standardisingShare))
  const first = order.slice(0, standardising).map((i) => raw[i]!)
  const scores = scoreNames.map((name) => standardise(name, first.map((values) => values[name])))
  const conformal = order.slice(standardising).map((i) => combine(raw[i]!, scores).score)
  return { combine: 'max', scores, calibration: { ...calibration, scores: conformal.sort((a, b) => a - b) } }
}

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
 * Raw scores of untouched scans, their detector and what is to be said about it. Memory is bounded by one batch.
 * @param scans model inputs in pieces of any number of images, each [count, channels, height, width] in [0, 1]
 */
export async function calibrate(
  pipeline: Pick<Pipeline, 'run'>,
  size: { width: number; height: number; channels: 1 | 3 },
  scans: Iterable<Float32Array> | AsyncIterable<Float32Array>,
  { label, seed = 0, signal, progress }: Omit<CalibrationOptions, 'provider'>,
): Promise<Calibration> {
  const raw: RawScores[] = []
  const heat = new HeatmapHistogram()
  const hash = createHash('sha256')
  const step = pipelineBatch * size.channels * size.width * size.height
  for await (const batch of inPieces(scans, step)) {
    throwIfAborted(signal)
    hash.update(new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength))
    for (const image of await pipeline.run(batch)) {
      raw.push(rawScores(image, size))
      heat.add(heatmapOf(image, size))
    }
    progress?.(raw.length)
  }
  const detector = detectorFrom(raw, seed, {
    heatmapUsual: heat.percentile(0.99),
    data: { label, sha256: hash.digest('hex') },
    date: new Date().toISOString(),
  })
  const count = detector.calibration.scores.length
  const warnings: string[] = []
  if (count < scansNeeded(0.05))
    warnings.push(`Only ${count} scans stand behind the calibration; nothing can be flagged at an alpha of 0.05. Calibrate on at least ${scansFor(0.05)} scans.`)
  else if (count < 100) warnings.push(`Only ${count} scans stand behind the calibration; p-values below ${(1 / (count + 1)).toPrecision(2)} cannot occur.`)
  return { detector, warnings }
}

/**
 * Calibrates the bundle in `folder` on untouched scans and writes the result into its bundle.json, atomically.
 * @param inputs all scans as one array, or in pieces; each [count, channels, height, width] in [0, 1]
 * @throws AssayError bundle-incomplete without a purifier, data-set-invalid for too few scans, cancelled
 */
export async function calibrateBundle(
  folder: string,
  inputs: Float32Array | Iterable<Float32Array> | AsyncIterable<Float32Array>,
  options: CalibrationOptions,
): Promise<Calibration> {
  const bundle = await loadBundle(folder)
  const pipeline = await createPipeline(bundle, { provider: options.provider })
  try {
    const scans = inputs instanceof Float32Array ? [inputs] : inputs
    const calibration = await calibrate(pipeline, bundle.manifest.input, scans, options)
    await updateManifest(folder, (manifest) => ({ ...manifest, detector: calibration.detector }))
    return calibration
  } finally {
    await pipeline.release()
  }
}
