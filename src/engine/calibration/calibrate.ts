/**
 * Teaches a bundle what untouched scans look like, and writes that into its manifest.
 *
 * Some of the scans, drawn by the seed, choose the detector's scores and set median and scale of each; the others give
 * the conformal scores. Were the same scans used for both, their scores would not be exchangeable with those of a new
 * scan.
 */
import type { Appearance, Choice, Combine, Detector, Origins, ScoreName } from '../../shared/bundle'
import type { EarlierCalibration } from '../../shared/calibration'
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import { unfollowable } from '../attacks/compiled-target'
import type { LoadedBundle } from '../bundle/load'
import { throwIfAborted } from '../dataset/model-inputs'
import { appearanceOf, setWarning, strangeness } from '../screening/appearance'
import type { Features } from '../screening/appearance'
import { isSuspicious, pValue, scansNeeded, usualAlpha } from '../screening/conformal'
import { combine, namesOf, rawScores, standardise } from '../screening/detector'
import type { RawScores } from '../screening/detector'
import { originWarnings } from '../screening/origins'
import { createPipeline } from '../screening/pipeline'
import type { Pipeline } from '../screening/pipeline'
import { scores } from '../screening/scores'
import type { Need } from '../screening/scores/score'
import { Random } from '../tensor/random'
import { choosersOf, fewestToChoose, mostToChoose, scansFor, scansToChoose, setAside, standardisers } from './aside'
import { chooseScores } from './choose'
import type { Bout } from './choose'
import { measure } from './measure'
import { Sample } from './sample'
import { attackedCopies, bouts, titleOf } from './sparring'

export const fewestScans = 5
/** What a detector looks at that nothing was chosen for. */
const plainScores: { names: ScoreName[]; combine: Combine } = { names: ['residual', 'disagreement'], combine: 'max' }

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
  /** Of each scan so far, in their order, a name that scans of one patient share; a scan by itself where it is absent. */
  groups?: () => readonly string[]
  /** Scans done so far, then the share of the choice that is done. */
  progress?: (at: { scans: number } | { choice: number; message: string }) => void
}

export interface Calibration {
  detector: Detector
  /** What was measured to choose the scores; null where this calibration did not choose them. */
  choice: Choice | null
  /** How the calibration that was there before does on these scans; null where there was none that could be asked, or it was made on them. */
  earlier: EarlierCalibration | null
  /** Sentences for the person; empty when all is well. */
  warnings: string[]
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

/** A detector from what was measured of untouched scans, and what is to be said about it. */
async function calibrate(bundle: LoadedBundle, pipeline: Pipeline, scans: Iterable<Float32Array> | AsyncIterable<Float32Array>, options: CalibrationOptions): Promise<Calibration> {
  const { label, seed = 0, choose = true, spare, learnedFrom = false, origins } = options
  const { input: size, detector: earlier } = bundle.manifest
  const kept = earlier ? { names: namesOf(earlier), combine: earlier.combine } : plainScores
  const names = choose ? within(pipeline.need) : kept.names
  const random = new Random(seed).fork('calibration')
  const sample = choose ? new Sample(mostToChoose, random.fork('sample')) : undefined
  const { raw, features, groups, copies, heatmapUsual, sha256 } = await measure(pipeline, scans, { ...options, size, names, sample })
  if (raw.length < fewestScans)
    throw new AssayError('data-set-invalid', `${raw.length} untouched scans are too few to calibrate on; give at least ${scansFor(usualAlpha)}.`, { scans: raw.length })

  const warnings: string[] = []
  const plan = setAside(raw.length, choose)
  // Of a single patient nobody could be set aside.
  const apart = new Set(groups).size > 1 ? groups : raw.map((_, i) => `#${i}`)
  /** The scans that choose, and those that may stand behind no p-value for it. */
  async function whoChooses(): Promise<{ images: Float32Array[]; raw: RawScores[]; aside: number[]; learned?: true } | undefined> {
    const images = plan.choose && sample?.images
    const own = images && choosersOf(apart, random.fork('seats').shuffle([...images.keys()]), plan.count)
    if (own) return { images: own.choosers.map((place) => images.get(place)!), raw: own.choosers.map((place) => raw[place]!), aside: own.aside }
    const length = size.channels * size.width * size.height
    if (!spare || spare.length < fewestToChoose * length) return undefined
    const evidence = await pipeline.run(spare)
    return { images: evidence.map((_, i) => spare.subarray(i * length, (i + 1) * length)), raw: evidence.map((image) => rawScores(image, size, names)), aside: [], ...(learnedFrom ? { learned: true } : {}) }
  }
  let aside = standardisers(apart, random.fork('order').shuffle(raw.map((_, i) => i)), setAside(raw.length, false).count)
  let judges = standardised(kept.names, kept.combine, aside.map((i) => raw[i]!))
  let choice: Choice | null = null
  const choosers = choose ? await whoChooses() : undefined
  if (choosers) {
    try {
      const fought = await copiesOf(bundle, pipeline, choosers.images, names, options)
      const chosen = chooseScores(names, choosers.raw, fought)
      judges = { scores: chosen.scores, combine: chosen.combine }
      choice = { ...chosen.choice, ...(choosers.learned ? { learned: true } : {}) }
      aside = choosers.aside
    } catch (error) {
      if (!(error instanceof AssayError) || !(unfollowable.has(error.code) || error.code === 'onnx-operator-not-differentiable')) throw error
      warnings.push(`The scores were not chosen, since the classifier cannot be attacked (${error.message}); they are ${kept.names.join(' and ')}.`)
    }
  } else if (choose) warnings.push(`${raw.length} scans${patientsIn(groups)} are too few to choose scores on; the bundle's were kept (${kept.names.join(', ')}). Give at least ${scansToChoose}.`)

  const cameFrom = origins?.()
  const appearance = appearanceOf(features, cameFrom, groups)
  const trainedOn: Appearance | undefined = learnedFrom ? appearance : earlier?.trainedOn
  const keptChoice = earlier && choiceKept(earlier)
  const detector = detectorFrom(raw, aside, judges, {
    ...(choice ? { choice } : keptChoice && { choice: keptChoice }),
    ...(appearance && { appearance }),
    ...(trainedOn && { trainedOn }),
    calibration: { heatmapUsual, data: { label, sha256 }, date: new Date().toISOString() },
  })
  const not = new Set(aside)
  warnings.push(...fewWarnings(groups.filter((_, i) => !not.has(i))))
  if (copies > 0) warnings.push(`${copies === 1 ? '1 scan is an exact copy of another and was' : `${copies} scans are exact copies of others and were`} left out: a copy tells nothing new.`)
  const again = earlier?.calibration.data.sha256 === sha256
  if (again && !choice && keptChoice)
    warnings.push('These are the scans of the calibration before, and some of them chose the scores that were kept, so that more untouched scans may be flagged than is said here; calibrate on others, or choose the scores anew.')
  if (!learnedFrom) {
    const strange = trainedOn && setWarning(features, trainedOn)
    warnings.unshift(...(cameFrom ? originWarnings(cameFrom, bundle.manifest) : []), ...(strange ? [strange] : []))
  }
  // One that was made for another purifier may look at what this one does not give; one that was made on these scans knows them.
  const judged = earlier && !again && namesOf(earlier).every((name) => names.includes(name)) ? judgedBy(earlier, raw, features) : null
  return { detector, choice, earlier: judged, warnings }
}

/** Of a detector whose scores are kept: what was once chosen stays true of them, of the scans that it was chosen on. */
const choiceKept = ({ choice, calibration: { data, date } }: Detector): Choice | undefined => choice && { ...choice, kept: choice.kept ?? { label: data.label, date } }

/** " of 3 patients", where scans share them. */
function patientsIn(groups: readonly string[]): string {
  const patients = new Set(groups).size
  return patients < groups.length ? ` of ${patients} ${patients === 1 ? 'patient' : 'patients'}` : ''
}

/** @param groups of the scans behind the p-values */
function fewWarnings(groups: readonly string[]): string[] {
  const [count, patients] = [groups.length, patientsIn(groups)]
  return [
    ...(count < scansNeeded(usualAlpha)
      ? [`Only ${count} scans stand behind the calibration; nothing can be flagged at an alpha of ${usualAlpha}. Calibrate on at least ${scansFor(usualAlpha)} scans.`]
      : count < 100
        ? [`Only ${count} scans stand behind the calibration; p-values below ${(1 / (count + 1)).toPrecision(2)} cannot occur.`]
        : []),
    ...(patients ? [`${count} scans${patients} stand behind the calibration, and scans of one patient are alike: the rate of false alarms can be off by more than its interval says; calibrate on scans of more patients.`] : []),
  ]
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
export type Scans = Float32Array | Iterable<Float32Array> | AsyncIterable<Float32Array>

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
