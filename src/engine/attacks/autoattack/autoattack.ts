/**
 * AutoAttack: several attacks without knobs, each given only the images that still resist, each from the clean image.
 *
 * Source: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", ICML 2020.
 */
import type { Attack, AttackOptions, AttackRequest, AttackResult } from '../attack'
import { deltaNorm } from './box-projection'
import { withinEpsilon } from '../bounds'
import { indicesWhere, part, pick, put } from '../image-lists'
import { predict } from '../programs'
import { square } from '../square'
import { apgd, apgdDlr, apgdTargeted } from './apgd'
import { fab, fabDefaults } from './fab'

/** One attack of the ensemble, with its own options. */
interface Member {
  title: string
  attack: Attack<never>
  options: AttackOptions
}

const member = <O extends AttackOptions>(attack: Attack<O>, options: O): Member => ({ title: attack.title, attack: attack as unknown as Attack<never>, options })

async function ensemble(request: AttackRequest, members: readonly Member[]): Promise<AttackResult> {
  const { model, x, labels, norm, epsilon, progress } = request
  const adversarial = x.slice()
  const brokenBy = new Array<string>(labels.length).fill('')
  const predicted = await predict(model, x)
  let left = indicesWhere(labels.length, (i) => predicted[i] === labels[i])
  for (const [number, { title, attack, options }] of members.entries()) {
    if (!left.length) break
    const own = part(request, left)
    const found = await attack.run({ ...own, options: options as never, progress: (share) => progress?.((number + share) / members.length) })
    // Looked at again, whatever the attack says of itself: the answer, and the distance.
    const now = await predict(model, found.adversarial)
    const broken = left.map((image, i) => {
      const [a, b] = [found.adversarial, own.x].map((rows) => rows.subarray(i * model.pixels, (i + 1) * model.pixels)) as [Float32Array, Float32Array]
      return now[i] !== labels[image] && withinEpsilon(deltaNorm(a, b, norm), epsilon)
    })
    left.forEach((image, i) => {
      if (!broken[i]) return
      brokenBy[image] = title
      put(adversarial, image, pick(found.adversarial, [i], model.pixels), 0, model.pixels)
    })
    left = left.filter((_, i) => !broken[i])
  }
  progress?.(1)
  return { adversarial, brokenBy }
}

/** What differs from the published ensemble where there are fewer than ten classes; nothing with ten or more. */
export function fewClassDifferences(classes: number): string[] {
  if (classes >= 10) return []
  return [
    `the targeted attacks aim at the ${classes - 1} wrong ${classes === 2 ? 'class' : 'classes'} there ${classes === 2 ? 'is' : 'are'} instead of nine`,
    ...(classes === 2 ? ['the margin stands in for the DLR loss, which needs three classes'] : []),
    ...(classes === 3 ? ['the denominator of the targeted DLR loss is z(1) − z(3), since there is no fourth logit'] : []),
  ]
}

export const autoAttackTitle = (classes: number): string => (classes < 10 ? 'AutoAttack (few-class variant)' : 'AutoAttack')

const standard = (): Member[] => [member(apgd, apgd.defaults(0, 'linf')), member(apgdTargeted, apgdTargeted.defaults(0, 'linf')), member(fab, { ...fabDefaults, exhaustive: 0 }), member(square, square.defaults(0, 'linf'))]
const averaged = 20
const random = (): Member[] => [member(apgd, { ...apgd.defaults(0, 'linf'), eot: averaged }), member(apgdDlr, { ...apgdDlr.defaults(0, 'linf'), eot: averaged })]

const shared = {
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: true,
  reference: 'Croce & Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020',
  parameters: {},
  defaults: () => ({}),
} as const

const costOf = (members: readonly Member[], classes: number) => members.map(({ attack, options }) => attack.cost(options as never, classes)).reduce((a, b) => ({ forward: a.forward + b.forward, gradient: a.gradient + b.gradient }))

export const autoAttack: Attack<Record<never, number>> = {
  ...shared,
  name: 'autoattack',
  title: 'AutoAttack',
  cost: (_options, classes) => costOf(standard(), classes),
  run: (request) => ensemble(request, standard()),
}

export const autoAttackRandom: Attack<Record<never, number>> = {
  ...shared,
  name: 'autoattack-rand',
  title: 'AutoAttack rand',
  cost: (_options, classes) => costOf(random(), classes),
  run: (request) => ensemble(request, random()),
}
