/** Whether every class has enough images, and enough patients, for what is to be done with them. */
import type { BundleManifest } from '../../shared/bundle'
import type { DataFinding } from '../../shared/training'
import { byIdentifier } from '../dataset/patients'
import { scansNeeded } from '../screening/conformal'
import { amount, finding, listed, type Sample } from './finding'

/** Below these a network hardly learns the class, or a share of it says nothing. */
const fewTraining = 20
const fewTest = 10
const fewPatients = 5
/** Largest class over smallest. */
const imbalanced = 5
/** For a p-value of 0.05, of scans that were held back: a fifth of all where nothing says which. */
const fewForCalibration = scansNeeded(0.05)
const heldBack = 1 / 5

/** @param test images of the test; else of the training, those that are put aside to measure on included */
export function countsOf(samples: readonly Sample[], classes: readonly string[], test: boolean): number[] {
  const counts = classes.map(() => 0)
  for (const sample of samples) if ((sample.part === 'test') === test) counts[sample.label]!++
  return counts
}

/** Of images for a classifier that learns on. @param classes of the images, which are not the bundle's own */
export const otherClasses = (classes: readonly string[], { id, classes: own }: Pick<BundleManifest, 'id' | 'classes'>): DataFinding =>
  finding('note', 'other-classes', classes.length, `The images are of the classes ${listed(classes)}, while ${id} tells ${listed(own)} apart, so that its classifier gets a new last layer; name them as the bundle does if the same is meant.`)

/** @param samples of training (and validation, which counts as training here) and test */
export function classFindings(samples: readonly Sample[], classes: readonly string[]): DataFinding[] {
  const learned = samples.filter(({ part }) => part !== 'test')
  const tested = samples.filter(({ part }) => part === 'test')
  return [...classes.flatMap((name, label) => [...ofTraining(learned, name, label), ...ofTest(tested, name, label)]), ...ofAll(learned, classes)]
}

function ofTraining(learned: readonly Sample[], name: string, label: number): DataFinding[] {
  const members = learned.filter((sample) => sample.label === label)
  const patients = new Set(members.map(({ group }) => group)).size
  if (!members.some(({ part }) => part === 'training')) return [finding('error', 'class-missing', 0, `No image of ${name} can be used for training; add some, or leave the class out.`)]
  if (patients === 1 && members.length > 1) {
    const [by, advice] = byIdentifier(members[0]!.group) ? [' by the identifier in the DICOM files', 'name the patients in a table of labels or a manifest.csv if that is not so, or add others'] : ['', 'add others']
    return [finding('error', 'class-tiny', members.length, `All ${amount(members.length, 'image')} of ${name} are of one patient${by}, so that none can be held back to measure on; ${advice}.`)]
  }
  if (members.length < 2) return [finding('error', 'class-tiny', 1, `${name} has a single image, so that none can be held back to measure on; add others, or leave the class out.`)]
  if (members.length < fewTraining || patients < fewPatients)
    return [finding('warning', 'class-tiny', members.length, `${name} has ${amount(members.length, 'image')}${patients < members.length ? ` of ${amount(patients, 'patient')}` : ''} for training, too few to learn it or to measure it; add others, or join it with another class.`)]
  return []
}

function ofTest(tested: readonly Sample[], name: string, label: number): DataFinding[] {
  if (tested.length === 0) return []
  const count = tested.filter((sample) => sample.label === label).length
  if (count === 0) return [finding('warning', 'class-missing', 0, `The test has no image of ${name}; add some, or its figures say nothing of that class.`)]
  return count < fewTest ? [finding('warning', 'class-tiny', count, `The test has ${amount(count, 'image')} of ${name}, too few for a figure that holds; add others.`)] : []
}

function ofAll(learned: readonly Sample[], classes: readonly string[]): DataFinding[] {
  const counts = classes.map((_, label) => learned.filter((sample) => sample.label === label).length)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const total = learned.length
  const held = learned.filter(({ part }) => part === 'validation').length
  return [
    ...(least > 0 && most / least >= imbalanced
      ? [finding('note', 'class-imbalance', total, `${classes[counts.indexOf(most)]!} has ${(most / least).toFixed(1)} times as many images as ${classes[counts.indexOf(least)]!}; weigh the classes, and read balanced accuracy.`)]
      : []),
    ...(total > 0 && (held || heldBack * total) < fewForCalibration
      ? [finding('note', 'too-few', held || total, `${held ? `What is put aside, ${amount(held, 'image')},` : `A fifth of ${amount(total, 'image')}`} is too few to calibrate on: p-values of 0.05 take ${fewForCalibration} scans that were not learned from; calibrate on more with assay calibrate.`)]
      : []),
  ]
}
