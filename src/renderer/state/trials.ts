/**
 * The same images under several ways of preparing them: which ways are compared, how often each is right, and what that
 * says. A wrong range, a wrong order of colours or of classes shows here before it shows in a report.
 */
import type { SerializedError } from '../../shared/errors'
import type { ModelSettings, PreviewedImage, TrialImage } from '../../shared/models'
import { t } from '../language'
import { presetOf, presetsFor } from './import-form'

export interface Way {
  id: string
  /** In the language of the moment. */
  readonly label: string
  settings: ModelSettings
}

export interface Trial {
  way: Way
  /** In the order of the images. */
  answers: PreviewedImage[]
  error?: SerializedError
}

export const asSetId = 'as-set'
const orderId = 'order'

const wayOf = (id: string, name: () => string, settings: ModelSettings): Way => ({
  id,
  get label() {
    return name()
  },
  settings,
})

/** The way as set, and those that differ from it in one thing. */
export function waysBeside(settings: ModelSettings): Way[] {
  const current = presetOf(settings)
  const ranges = presetsFor(settings.channels)
    .filter((preset) => preset !== current)
    .map(({ id, mean, std }) => wayOf(id, () => t(`import.range.${id}`), { ...settings, mean: [...mean], std: [...std] }))
  const colours: Way[] =
    settings.channels === 3
      ? [wayOf('colours', () => t(settings.channelOrder === 'rgb' ? 'import.way.bgr' : 'import.way.rgb'), { ...settings, channelOrder: settings.channelOrder === 'rgb' ? 'bgr' : 'rgb' })]
      : []
  const inverted = wayOf('inverted', () => t(settings.inverted ? 'import.way.notInverted' : 'import.way.inverted'), { ...settings, inverted: !settings.inverted })
  const asSet = wayOf(asSetId, () => (current ? t('import.way.asSetRange', { range: t(`import.range.${current.id}`) }) : t('import.way.asSet')), settings)
  return [asSet, ...ranges, ...colours, inverted]
}

/** Place of the class that the image's folder is named after; null where it is named after none. */
export function labelOf({ folder }: Pick<TrialImage, 'folder'>, classes: readonly string[]): number | null {
  const at = classes.findIndex((name) => name.toLowerCase() === folder.toLowerCase())
  return at < 0 ? null : at
}

export interface Fit {
  right: number
  /** Images whose class is known and that the model answered. */
  of: number
  /** Mean over the classes of the share that is right: a model that says one thing to everything gains nothing by it. */
  balanced: number
  /** Classes that the images belong to. */
  classes: number
  /** Mean of ln p(class); breaks ties between ways that are right equally often. */
  logLikelihood: number
}

const smallest = 1e-12

export function fitOf(answers: readonly PreviewedImage[], images: readonly TrialImage[], classes: readonly string[]): Fit {
  const fit = { right: 0, of: 0 }
  const byClass = new Map<number, { right: number; of: number }>()
  let sum = 0
  answers.forEach(({ answer }, i) => {
    const label = images[i] && labelOf(images[i], classes)
    if (!answer || label === null || label === undefined) return
    const own = byClass.get(label) ?? { right: 0, of: 0 }
    byClass.set(label, own)
    const right = answer.label === classes[label] ? 1 : 0
    for (const each of [fit, own]) {
      each.of++
      each.right += right
    }
    sum += Math.log(Math.max(smallest, answer.probabilities[label] ?? 0))
  })
  const balanced = [...byClass.values()].reduce((total, { right, of }) => total + right / of, 0) / Math.max(1, byClass.size)
  return { ...fit, balanced, classes: byClass.size, logLikelihood: fit.of > 0 ? sum / fit.of : 0 }
}

/** How often each class is answered, most often first: all that can be counted where no class is known. */
export function answerCounts(answers: readonly PreviewedImage[]): { label: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { answer } of answers) if (answer) counts.set(answer.label, (counts.get(answer.label) ?? 0) + 1)
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count)
}

/** The class that every image is taken for; null where the answers differ, or there are too few to wonder. */
export function soleAnswer(answers: readonly PreviewedImage[]): string | null {
  const [first, ...others] = answerCounts(answers)
  return first && others.length === 0 && first.count >= 4 ? first.label : null
}

/** Beyond this many classes their orders are not searched. */
const mostClasses = 12

/**
 * The order of the class names under which the answers are right most often, found exactly over all orders (dynamic
 * programme over the sets of names given away). Null where the present one is as good, or nothing is labelled.
 */
export function betterOrder(answers: readonly PreviewedImage[], images: readonly TrialImage[], classes: readonly string[]): string[] | null {
  const n = classes.length
  if (n > mostClasses) return null
  /** agree[output][name]: how often the output answered an image of that name. */
  const agree = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  answers.forEach(({ answer }, i) => {
    const label = images[i] ? labelOf(images[i], classes) : null
    const output = answer ? classes.indexOf(answer.label) : -1
    if (label !== null && output >= 0) agree[output]![label]!++
  })
  const best = new Array<number>(2 ** n).fill(-1)
  const last = new Array<number>(2 ** n).fill(-1)
  best[0] = 0
  for (let names = 0; names < 2 ** n; names++) {
    let output = 0
    for (let bits = names; bits > 0; bits >>= 1) output += bits & 1
    if (output === n) continue
    // The name that is there now goes first, so that nothing is moved without a gain.
    for (const name of [output, ...Array.from({ length: n }, (_, i) => i)]) {
      if (names & (1 << name)) continue
      const total = best[names]! + agree[output]![name]!
      const next = names | (1 << name)
      if (total > best[next]!) [best[next], last[next]] = [total, name]
    }
  }
  const present = agree.reduce((sum, row, i) => sum + row[i]!, 0)
  if (best[2 ** n - 1]! <= present) return null
  const order = new Array<string>(n)
  for (let names = 2 ** n - 1, output = n - 1; output >= 0; output--) {
    const name = last[names]!
    order[output] = classes[name]!
    names &= ~(1 << name)
  }
  return order
}

/** The way as set with its classes in a better order, its answers named anew; null where there is none. */
export function otherOrder({ way, answers }: Trial, images: readonly TrialImage[]): Trial | null {
  const { classes } = way.settings
  const order = betterOrder(answers, images, classes)
  if (!order) return null
  const renamed = answers.map((each) => (each.answer ? { ...each, answer: { ...each.answer, label: order[classes.indexOf(each.answer.label)]! } } : each))
  return { way: wayOf(orderId, () => t('import.way.order', { classes: order.join(', ') }), { ...way.settings, classes: order }), answers: renamed }
}

export type Verdict =
  | { kind: 'unlabelled' }
  | { kind: 'fits'; fit: Fit }
  /** `rivals` are about as good as the best: the images do not tell them apart. */
  | { kind: 'better'; trial: Trial; fit: Fit; present: Fit; rivals: Way[] }
  | { kind: 'none-fits'; fit: Fit }

/** One image more or less is chance: a way is better from this much of the balanced share on. */
const margin = (of: number): number => Math.max(0.1, 1.5 / of)

/** Null while the way as set has not been tried. */
export function verdictOf(trials: readonly Trial[], images: readonly TrialImage[]): Verdict | null {
  const asSet = trials.find(({ way, error }) => way.id === asSetId && !error)
  if (!asSet) return null
  const fit = ({ way, answers }: Trial): Fit => fitOf(answers, images, way.settings.classes)
  const present = fit(asSet)
  if (present.of === 0) return { kind: 'unlabelled' }
  const others = trials.filter((trial) => trial !== asSet && !trial.error).map((trial) => ({ trial, fit: fit(trial) }))
  // Of two ways that are right equally often names in another order are the commoner mistake, and changing them changes no pixel.
  const isOrder = ({ trial }: (typeof others)[number]): number => Number(trial.way.id === orderId)
  const best = others.sort((a, b) => b.fit.balanced - a.fit.balanced || isOrder(b) - isOrder(a) || b.fit.logLikelihood - a.fit.logLikelihood)[0]
  const needed = margin(present.of)
  if (best && best.fit.balanced >= present.balanced + needed) {
    const rivals = others.filter((each) => each !== best && each.fit.balanced > Math.max(present.balanced, best.fit.balanced - needed)).map(({ trial }) => trial.way)
    return { kind: 'better', ...best, present, rivals }
  }
  // Images of a single class say nothing of guessing: whoever guesses it is always right.
  const chance = 1 / Math.max(present.classes, 2)
  return present.balanced < chance + (1 - chance) / 4 ? { kind: 'none-fits', fit: present } : { kind: 'fits', fit: present }
}

/** Folder names that could be the classes: as many as there are outputs, and not the names that are set. */
export function classesFromFolders(images: readonly TrialImage[], classes: readonly string[]): string[] | null {
  const folders = [...new Set(images.map(({ folder }) => folder))].sort()
  const known = new Set(classes.map((name) => name.toLowerCase()))
  return folders.length === classes.length && folders.some((name) => !known.has(name.toLowerCase())) ? folders : null
}
