/**
 * Which images the training of a purifier holds back. They choose its best epoch and calibrate its detector, so that they
 * must be new to every network that is in it: the classifier, and the purifier that it begins with.
 */
import type { LoadedBundle } from '../bundle/load'
import { fewestScans } from '../calibration/calibrate'
import { amount, percent } from '../data-check/finding'
import { scansNeeded, usualAlpha } from '../screening/conformal'
import type { Accuracy } from './evaluate'
import { imagesOf, learnedBefore, withoutHeld, type LabelledImages, type LearnedRecord, type TrainingData } from './training-data'

/** Fewest scans held back of a person's own: fewer could not be calibrated on so that anything is flagged at α = 0.05. */
const fewestHeldBack = 30

/** Share of the images that is not learned from: the classifier's own where these are the images that it learned from. */
export function heldBack(images: number, asked: number | undefined, learned: LearnedRecord | undefined): number {
  if (asked !== undefined) return asked
  const share = learned?.settings?.validationShare ?? 0.2
  return images === imagesOf(learned ?? {}) ? share : Math.max(share, Math.min(0.5, fewestHeldBack / images))
}

/** How a bundle's classifier learned, as far as its manifest tells. */
export const classifierRecord = ({ manifest }: LoadedBundle): LearnedRecord | undefined => manifest.training.classifier as LearnedRecord | undefined

/** How its purifier learned, with the seed and the share that its images were really cut by. */
function purifierRecord(bundle: LoadedBundle): LearnedRecord {
  const record = (bundle.manifest.training.purifier ?? {}) as LearnedRecord
  const classifier = classifierRecord(bundle)
  const seed = classifier?.settings?.seed ?? record.settings?.seed
  return { ...record, settings: { ...(seed !== undefined && { seed }), validationShare: heldBack(imagesOf(record), record.settings?.validationShare, classifier) } }
}

export interface HeldBack {
  data: TrainingData
  /** Sentences for the person; empty when all is well. */
  warnings: string[]
  /** What to do to hold back more. */
  more: string
}

/**
 * Leaves out the images held back that the classifier or the purifier at the beginning learned from, where that is known
 * and the others are enough to calibrate on.
 * @param seed that the images were cut by
 */
export function newToAll(data: TrainingData, bundle: LoadedBundle, teacher: LoadedBundle | undefined, seed: number): HeldBack {
  const networks = [
    { name: `The classifier of ${bundle.manifest.id}`, record: classifierRecord(bundle) ?? {} },
    ...(teacher ? [{ name: `The purifier of ${teacher.manifest.id}`, record: purifierRecord(teacher) }] : []),
  ].flatMap((network) => {
    const places = learnedBefore(data, network.record)
    return places ? [{ ...network, places }] : []
  })
  const learned = new Set(networks.flatMap(({ places }) => places))
  const held = data.validation.labels.length
  const enough = held - learned.size >= fewestScans
  const warnings = networks.flatMap(({ name, record: { settings }, places }) => {
    if (places.length === 0) return []
    const otherwise = settings?.seed === seed ? `; with --validation-share ${settings.validationShare}, as it was trained with, none of them is held back` : ''
    const consequence = enough ? `They are left out, and ${amount(held - learned.size, 'image')} remain${otherwise}` : `Too few others remain to calibrate on, and all are kept: the figures flatter, and more untouched scans are flagged than the p-values say${otherwise}`
    return [`${name} learned from ${places.length} of the ${amount(held, 'image')} that are held back to measure and calibrate on. ${consequence}.`]
  })
  // Of a network's own images no more may be held back than it held back itself.
  const strictest = networks.reduce<LearnedRecord | undefined>((least, { record }) => (least && imagesHeld(least) <= imagesHeld(record) ? least : record), undefined)
  const more = !strictest
    ? 'give images of more patients, or hold back a larger share (--validation-share)'
    : held < imagesHeld(strictest) && strictest.settings?.seed === seed
      ? `hold back as many as the networks before did (--validation-share ${strictest.settings.validationShare}), or give images of more patients`
      : 'give images of more patients, or calibrate afterwards on scans that nothing has learned from (assay calibrate); a larger share would hold back images that the networks before learned from'
  return { data: enough && learned.size > 0 ? withoutHeld(data, learned) : data, warnings, more }
}

const imagesHeld = ({ data }: LearnedRecord): number => (data?.validationImages ?? 0) + (data?.leftOut ?? 0)

/** A warning where so few are held back that the detector will flag nothing at the usual α. */
export function tooFewToFlag({ data, more }: HeldBack): string[] {
  const { length } = data.validation.labels
  return length < scansNeeded(usualAlpha) ? [`Only ${amount(length, 'image')} are held back to calibrate on, and nothing can be flagged at an alpha of ${usualAlpha}; ${more}.`] : []
}

/** One-sided, at 5 %: of classifiers that guess one in twenty passes for better. */
const better = 1.645

/**
 * A warning where a classifier does no better on the images held back than guessing does, as far as so many can tell: the
 * images are not of its kind, or their classes are mixed up. Of one class alone nothing is known.
 */
export function noBetterThanGuessing(name: string, { balancedAccuracy }: Accuracy, { labels }: Pick<LabelledImages, 'labels'>): string[] {
  const counts = new Map<number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  if (counts.size < 2) return []
  const chance = 1 / counts.size
  // The standard error of the mean of the classes' accuracies, each that of so many guesses.
  const error = chance * Math.sqrt([...counts.values()].reduce((sum, count) => sum + (chance * (1 - chance)) / count, 0))
  if (balancedAccuracy > chance + better * error) return []
  return [`${name} is right for ${percent(balancedAccuracy)} of the ${amount(labels.length, 'image')} held back (mean of the classes), and guessing for ${percent(chance)}: they are not of the kind that it knows, or their classes are mixed up. A purifier gives a classifier its own answers back; check the classes, or adapt the classifier first.`]
}
