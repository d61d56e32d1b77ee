/**
 * AutoAttack: several attacks one after the other, each from the clean image, each on those images only that still
 * resist. What breaks an image first is said for each.
 *
 * Source: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", ICML 2020: the versions `standard` and `rand`.
 */
import { throwIfAborted } from '../../dataset/model-inputs'
import { type Attack, type AttackCost, type AttackOptions, type AttackRequest, type AttackResult, guessedLeft, inForwardPasses, type Passes } from '../attack'
import { distances, withinEpsilon } from '../bounds'
import { indicesWhere, part, put } from '../image-lists'
import { predict } from '../programs'
import { queriesParameter, square } from '../square'
import { apgd, apgdDlr, apgdParameters, apgdTargeted, targetsParameter } from './apgd'
import { fab } from './fab'
import { fewClassDifferences, fewClassDifferencesOfRand } from './few-classes'

export interface AutoAttackOptions extends AttackOptions {
  /** Of each attack that takes steps. */
  steps: number
  /** Wrong classes tried by APGD-T and FAB-T. */
  targets: number
  /** Of Square. */
  queries: number
}

export interface RandomisedAutoAttackOptions extends AttackOptions {
  steps: number
  eot: number
}

interface Stage<O extends AttackOptions> {
  attack: Attack
  /** What it is given instead of its defaults. */
  options(of: O): AttackOptions
}

const stage = <O extends AttackOptions, S extends AttackOptions>(attack: Attack<S>, options: (of: O) => Partial<S>): Stage<O> => ({ attack: attack as unknown as Attack, options: options as (of: O) => AttackOptions })

const standard: readonly Stage<AutoAttackOptions>[] = [
  stage(apgd, ({ steps }) => ({ steps })),
  stage(apgdTargeted, ({ steps, targets }) => ({ steps, targets })),
  stage(fab, ({ steps, targets }) => ({ steps, targets, untilSuccess: 1 })),
  stage(square, ({ queries }) => ({ queries })),
]

const randomised: readonly Stage<RandomisedAutoAttackOptions>[] = [
  stage(apgd, ({ steps, eot }) => ({ steps, eot })),
  stage(apgdDlr, ({ steps, eot }) => ({ steps, eot })),
]

/**
 * How far the attacks are together, by the passes that each of them takes on the images that are left. How many those
 * are after the first one is only expected; after a later one they are reckoned to stay.
 */
function evenly(passes: readonly number[], { expectedLeft = guessedLeft, progress }: Pick<AttackRequest, 'expectedLeft' | 'progress'>): (stage: number, images: number) => (share: number) => void {
  let [spent, told] = [0, 0]
  return (stage, images) => {
    const [before, own] = [spent, images * passes[stage]!]
    const later = images * (stage === 0 ? expectedLeft : 1) * passes.slice(stage + 1).reduce((a, b) => a + b, 0)
    spent += own
    return (share) => {
      told = Math.max(told, (before + share * own) / (before + own + later))
      progress?.(told)
    }
  }
}

async function run<O extends AttackOptions>(stages: readonly Stage<O>[], request: AttackRequest<O>): Promise<AttackResult> {
  const { model, x, labels, norm, epsilon, signal } = request
  const { pixels } = model
  throwIfAborted(signal)
  const adversarial = x.slice()
  const brokenBy = Array.from(labels, () => '')
  const predicted = await predict(model, x)
  let left = indicesWhere(labels.length, (image) => predicted[image] === labels[image])
  const progressOf = evenly(costs(stages, request.options, model.target.classes.length).map(inForwardPasses), request)
  for (const [i, { attack, options }] of stages.entries()) {
    if (!left.length) break
    const own = part(request, left)
    const found = await attack.run({
      ...own,
      options: { ...attack.defaults(epsilon, norm), ...options(request.options) },
      progress: progressOf(i, left.length),
    })
    const answers = await predict(model, found.adversarial)
    const size = distances(own.x, found.adversarial, left.length)[norm]
    const broken = left.map((image, row) => answers[row] !== labels[image] && withinEpsilon(size[row]!, epsilon))
    left.forEach((image, row) => {
      // Of images that resist to the end the point of highest cross-entropy is returned.
      if (broken[row] || i === 0) put(adversarial, image, found.adversarial, row, pixels)
      if (broken[row]) brokenBy[image] = attack.name
    })
    left = left.filter((_, row) => !broken[row])
  }
  request.progress?.(1)
  return { adversarial, brokenBy }
}

const costs = <O extends AttackOptions>(stages: readonly Stage<O>[], options: O, classes: number): AttackCost[] =>
  stages.map(({ attack, options: own }) => attack.cost({ ...attack.defaults(0, 'linf'), ...own(options) }, classes))

/** Each attack, a pass after it that says whom it got, and one before all of them. */
function cost<O extends AttackOptions>(stages: readonly Stage<O>[], options: O, classes: number): AttackCost {
  const parts = costs(stages, options, classes)
  const together = (some: readonly Passes[]): Passes => ({ forward: 1 + some.reduce((sum, { forward }) => sum + forward + 1, 0), gradient: some.reduce((sum, { gradient }) => sum + gradient, 0) })
  return { ...together(parts), least: together(parts.slice(0, 1)) }
}

const common = {
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: true,
  reference: 'Croce & Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020',
} as const

const fewTitle = (title: string) => `${title} (few-class variant)`

export const autoAttack: Attack<AutoAttackOptions> = {
  ...common,
  name: 'autoattack',
  title: 'AutoAttack',
  parameters: { steps: apgdParameters.steps, targets: targetsParameter, queries: queriesParameter },
  defaults: () => ({ steps: 100, targets: 9, queries: 5000 }),
  cost: (options, classes) => cost(standard, options, classes),
  variant(classes) {
    const differences = fewClassDifferences(classes)
    return differences.length ? { title: fewTitle('AutoAttack'), differences } : undefined
  },
  run: (request) => run(standard, request),
}

export const autoAttackRandom: Attack<RandomisedAutoAttackOptions> = {
  ...common,
  name: 'autoattack-rand',
  title: 'AutoAttack for randomised models',
  parameters: { steps: apgdParameters.steps, eot: apgdParameters.eot },
  defaults: () => ({ steps: 100, eot: 20 }),
  cost: (options, classes) => cost(randomised, options, classes),
  variant(classes) {
    const differences = fewClassDifferencesOfRand(classes)
    return differences.length ? { title: fewTitle('AutoAttack for randomised models'), differences } : undefined
  },
  run: (request) => run(randomised, request),
}
