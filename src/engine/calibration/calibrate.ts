/**
 * Teaches a bundle what untouched scans look like, and writes that into its manifest.
 *
 * Some of the scans, drawn by the seed, choose the detector's scores and set median and scale of each; the others give
 * the conformal scores. Were the same scans used for both, their scores would not be exchangeable with those of a new
 * scan.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Appearance, Combine, Detector, Origins, ScoreName } from '../../shared/bundle'
import type { EarlierCalibration } from '../../shared/calibration'
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import { unfollowable } from '../attacks/compiled-target'
import { writeFileAtomic } from '../bundle/atomic'
import { openContent } from '../bundle/content'
import { loadBundle } from '../bundle/load'
import type { LoadedBundle } from '../bundle/load'
import { cardName, updateManifest, writeBundle } from '../bundle/write'
import { throwIfAborted } from '../dataset/model-inputs'
import { appearanceOf, featuresOf, setWarning, strangeness } from '../screening/appearance'
import type { Features } from '../screening/appearance'
import { isSuspicious, pValue, scansNeeded } from '../screening/conformal'
import { combine, namesOf, rawScores, standardise } from '../screening/detector'
import type { RawScores } from '../screening/detector'
import { HeatmapHistogram, heatmapOf } from '../screening/heatmap'
import { originWarnings } from '../screening/origins'
import { createPipeline, pipelineBatch } from '../screening/pipeline'
import type { Pipeline } from '../screening/pipeline'
import { scores } from '../screening/scores'
import type { Need } from '../screening/scores/score'
import { Random } from '../tensor/random'
import { withDetectorSection } from './card-section'
import { chooseScores } from './choose'
import type { Bout } from './choose'
import { Sample } from './sample'
import { attackedCopies, bouts, titleOf } from './sparring'

/** Share of the scans that standardises the scores, and the larger one that chooses them first. */
const standardisingShare = 0.2
const choosingShare = 0.3
/** A choice by fewer is luck; more only take time. */
const fewestToChoose = 20
export const mostToChoose = 64
export const fewestScans = 5
/** Scans with which the scores are chosen anew. */
export const scansToChoose = Math.ceil(fewestToChoose / choosingShare)
/** The share of untouched scans that figures of a calibration are told for. */
export const usualAlpha = 0.05
/** What a detector looks at that nothing was chosen for. */
const plainScores: { names: ScoreName[]; combine: Combine } = { names: ['residual', 'disagreement'], combine: 'max' }

/** Scans to calibrate on, so that enough of them stand behind the p-values for `alpha` to flag anything. */
export const scansFor = (alpha: number): number => Math.ceil(scansNeeded(alpha) / (1 - standardisingShare))

export interface CalibrationOptions {
  /** Says which scans these are, for the card. */
  label: string
  seed?: number
  provider?: ProviderChoice
  signal?: AbortSignal
  /** Choose the scores anew by attacking some of the scans (default); otherwise the bundle's are kept. */
  choose?: boolean
  /**
   * Further scans that choose and standardise the scores where too few of the others can be spared; they stand behind no
   * p-value, so the models may have learned from them. Model inputs as one array.
   */
  spare?: Float32Array
  /** The scans are of the data that the models learned from: what later ones are compared with. */
  learnedFrom?: boolean
  /** What the scans' files say of their devices, asked when all were read. */
  origins?: () => Origins
  /** Scans done so far, then the share of the choice that is done. */
  progress?: (at: { scans: number } | { choice: number; message: string }) => void
}

export interface Calibration {
  detector: Detector
  /** How the calibration that was there before does on these scans; null where there was none that could be asked. */
  earlier: EarlierCalibration | null
  /** Sentences for the person; empty when all is well. */
  warnings: string[]
}

/** How many of the scans choose and standardise where there are no others for it; the rest stand behind the p-values. */
export function setAside(scans: number, choose: boolean): { count: number; choose: boolean } {
  const choosing = Math.min(mostToChoose, Math.round(scans * choosingShare))
  if (choose && choosing >= fewestToChoose) return { count: choosing, choose: true }
  return { count: Math.max(2, Math.round(scans * standardisingShare)), choose: false }
}

/**
 * The detector block from raw scores.
 * @param aside places of the scans that chose and standardise the scores
 */
export function detectorFrom(raw: readonly RawScores[], aside: readonly number[], judges: Pick<Detector, 'scores' | 'combine'>, rest: Omit<Detector, 'scores' | 'combine' | 'calibration'> & { calibration: Omit<Detector['calibration'], 'scores'> }): Detector {
  const not = new Set(aside)
  const conformal = raw.filter((_, i) => !not.has(i)).map((each) => combine(each, judges).score)
  return { ...judges, ...rest, calibration: { ...rest.calibration, scores: conformal.sort((a, b) => a - b) } }
}

export const standardised = (names: readonly ScoreName[], how: Combine, raw: readonly RawScores[]): Pick<Detector, 'scores' | 'combine'> => ({
  combine: how,
  scores: names.map((name) => standardise(name, raw.map((values) => values[name]!))),
})

/** What the calibration that is to be replaced makes of untouched scans: it has not seen them. */
function judgedBy({ scores: chosen, combine: how, calibration, appearance }: Detector, raw: readonly RawScores[], features: readonly Features[]): EarlierCalibration {
  const flagged = raw.filter((values) => isSuspicious(pValue(combine(values, { scores: chosen, combine: how }).score, calibration.scores), usualAlpha)).length
  return {
    label: calibration.data.label,
    date: calibration.date,
    calibrationCount: calibration.scores.length,
    scores: chosen.map(({ name }) => name),
    heatmapUsual: calibration.heatmapUsual,
    flagged: { count: flagged, of: raw.length },
    unfamiliar: appearance ? { count: features.filter((each) => strangeness(each, appearance) > 1).length, of: raw.length } : null,
  }
}

/** Scores that a pipeline gives the evidence for. */
const within = (need: Need | undefined): ScoreName[] => scores.filter(({ needs }) => !needs || needs === need || need === 'embedding').map(({ name }) => name)

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
 * Raw scores of untouched scans, their detector and what is to be said about it. Memory is bounded by one batch and the
 * scans that choose.
 * @param scans model inputs in pieces of any number of images, each [count, channels, height, width] in [0, 1]
 */
async function calibrate(bundle: LoadedBundle, pipeline: Pipeline, scans: Iterable<Float32Array> | AsyncIterable<Float32Array>, options: CalibrationOptions): Promise<Calibration> {
  const { label, seed = 0, signal, progress, choose = true, spare, learnedFrom = false, origins } = options
  const { input: size, detector: earlier } = bundle.manifest
  const kept = earlier ? { names: namesOf(earlier), combine: earlier.combine } : plainScores
  const names = choose ? within(pipeline.need) : kept.names
  const random = new Random(seed).fork('calibration')
  const sample = new Sample(mostToChoose, random.fork('sample'))
  const raw: RawScores[] = []
  const features: Features[] = []
  const heat = new HeatmapHistogram()
  const hash = createHash('sha256')
  for await (const batch of inPieces(scans, pipelineBatch * size.channels * size.width * size.height)) {
    throwIfAborted(signal)
    hash.update(new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength))
    for (const image of await pipeline.run(batch)) {
      raw.push(rawScores(image, size, names))
      features.push(featuresOf(image.purified, size))
      heat.add(heatmapOf(image, size))
      if (choose) sample.offer(image.input)
    }
    progress?.({ scans: raw.length })
  }
  if (raw.length < fewestScans)
    throw new AssayError('data-set-invalid', `${raw.length} untouched scans are too few to calibrate on; give at least ${scansFor(usualAlpha)}.`, { scans: raw.length })

  const warnings: string[] = []
  const plan = setAside(raw.length, choose)
  /** The scans that choose, and their places among those that would stand behind the p-values. */
  async function whoChooses(): Promise<{ images: Float32Array[]; raw: RawScores[]; places: number[] } | undefined> {
    if (plan.choose) {
      const seats = random.fork('seats').shuffle(sample.places.map((_, i) => i)).slice(0, plan.count)
      const places = seats.map((seat) => sample.places[seat]!)
      return { images: seats.map((seat) => sample.images[seat]!), raw: places.map((i) => raw[i]!), places }
    }
    const length = size.channels * size.width * size.height
    if (!spare || spare.length < fewestToChoose * length) return undefined
    const evidence = await pipeline.run(spare)
    return { images: evidence.map((_, i) => spare.subarray(i * length, (i + 1) * length)), raw: evidence.map((image) => rawScores(image, size, names)), places: [] }
  }
  let aside = random.fork('order').shuffle(raw.map((_, i) => i)).slice(0, plan.count)
  let judges = standardised(kept.names, kept.combine, aside.map((i) => raw[i]!))
  let choice: Detector['choice']
  const choosers = choose ? await whoChooses() : undefined
  if (choosers) {
    try {
      const fought = await copiesOf(bundle, pipeline, choosers.images, names, options)
      ;({ choice, ...judges } = chooseScores(names, choosers.raw, fought))
      aside = choosers.places
    } catch (error) {
      if (!(error instanceof AssayError) || !(unfollowable.has(error.code) || error.code === 'onnx-operator-not-differentiable')) throw error
      warnings.push(`The scores were not chosen, since the classifier cannot be attacked (${error.message}); they are ${kept.names.join(' and ')}.`)
    }
  } else if (choose) warnings.push(`${raw.length} scans are too few to choose scores on; the bundle's were kept (${kept.names.join(', ')}). Give at least ${scansToChoose}.`)

  const cameFrom = origins?.()
  const appearance = appearanceOf(features, cameFrom)
  const trainedOn: Appearance | undefined = learnedFrom ? appearance : earlier?.trainedOn
  const detector = detectorFrom(raw, aside, judges, {
    // What was once chosen stays true of scores that are kept.
    ...(choice ? { choice } : !choosers && earlier?.choice ? { choice: earlier.choice } : {}),
    ...(appearance && { appearance }),
    ...(trainedOn && { trainedOn }),
    calibration: { heatmapUsual: heat.percentile(0.99), data: { label, sha256: hash.digest('hex') }, date: new Date().toISOString() },
  })
  const count = detector.calibration.scores.length
  if (count < scansNeeded(usualAlpha))
    warnings.push(`Only ${count} scans stand behind the calibration; nothing can be flagged at an alpha of ${usualAlpha}. Calibrate on at least ${scansFor(usualAlpha)} scans.`)
  else if (count < 100) warnings.push(`Only ${count} scans stand behind the calibration; p-values below ${(1 / (count + 1)).toPrecision(2)} cannot occur.`)
  if (!learnedFrom) {
    const strange = trainedOn && setWarning(features, trainedOn)
    warnings.unshift(...(cameFrom ? originWarnings(cameFrom, bundle.manifest) : []), ...(strange ? [strange] : []))
  }
  // One that was made for another purifier may look at what this one does not give.
  const judged = earlier && namesOf(earlier).every((name) => names.includes(name)) ? judgedBy(earlier, raw, features) : null
  return { detector, earlier: judged, warnings }
}

/** Raw scores of attacked copies of some scans. */
async function copiesOf(bundle: LoadedBundle, pipeline: Pipeline, images: readonly Float32Array[], names: readonly ScoreName[], { provider, seed = 0, signal, progress }: CalibrationOptions): Promise<Bout[]> {
  const { input: size } = bundle.manifest
  const x = new Float32Array(images.length * images[0]!.length)
  images.forEach((image, i) => x.set(image, i * image.length))
  const fought: Bout[] = []
  const watch = (done: number, bout: (typeof bouts)[number]): void => progress?.({ choice: done / bouts.length, message: `Choosing scores on ${images.length} scans under ${titleOf(bout)}` })
  for await (const { bout, x: attacked, moved } of attackedCopies(bundle, x, { provider, seed, signal, progress: watch })) {
    throwIfAborted(signal)
    const copies = (await pipeline.run(attacked)).filter((_, i) => moved[i]).map((image) => rawScores(image, size, names))
    if (copies.length > 0) fought.push({ title: titleOf(bout), kind: bout.attack === 'noise' ? 'noise' : 'attack', shown: bout.attack === 'pgd' && bout.k === 2, copies })
  }
  return fought
}

/** All scans as one array, or in pieces; each [count, channels, height, width] in [0, 1]. */
type Scans = Float32Array | Iterable<Float32Array> | AsyncIterable<Float32Array>

/**
 * The calibration of a bundle on untouched scans; nothing is written.
 * @throws AssayError bundle-incomplete without a purifier, data-set-invalid for too few scans, cancelled
 */
export async function calibrationOf(bundle: LoadedBundle, scans: Scans, options: CalibrationOptions): Promise<Calibration> {
  const pipeline = await createPipeline(bundle, { provider: options.provider, scores: options.choose === false ? 'own' : 'all' })
  try {
    return await calibrate(bundle, pipeline, scans instanceof Float32Array ? [scans] : scans, options)
  } finally {
    await pipeline.release()
  }
}

/** A bundle's card with this detector in it; undefined where it has none. */
async function cardWith(folder: string, detector: Detector): Promise<string | undefined> {
  const bytes = await (await openContent(folder)).read(cardName)
  const card = bytes && new TextDecoder().decode(bytes)
  return card ? (withDetectorSection(card, detector) ?? card) : undefined
}

/**
 * Calibrates the bundle in `folder` on untouched scans and writes the result into its bundle.json, atomically, and into
 * its card where it has one.
 * @throws AssayError like calibrationOf; output-not-writable, disk-full
 */
export async function calibrateBundle(folder: string, scans: Scans, options: CalibrationOptions): Promise<Calibration> {
  const calibration = await calibrationOf(await loadBundle(folder), scans, options)
  const { detector } = calibration
  const card = await cardWith(folder, detector)
  if (card !== undefined) await writeFileAtomic(join(folder, cardName), card)
  await updateManifest(folder, (manifest) => ({ ...manifest, detector }))
  return calibration
}

/**
 * Writes a copy of a bundle that has this calibration; the bundle itself stays as it is.
 * @throws AssayError output-not-writable, disk-full
 */
export async function writeCalibrated({ folder, manifest, classifier, purifier }: LoadedBundle, { detector }: Calibration, copy: { folder: string; id: string; name: string }): Promise<void> {
  const { id, name } = copy
  const card = (await cardWith(folder, detector))?.replace(`# ${manifest.name}\n`, () => `# ${name}\n`)
  await writeBundle(
    copy.folder,
    { ...manifest, id, name, detector, training: { ...manifest.training, calibrated: { bundle: manifest.id, name: manifest.name } } },
    { classifier, ...(purifier && { purifier }), ...(card !== undefined && { card }) },
  )
}
