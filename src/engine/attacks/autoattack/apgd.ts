/** APGD on cross-entropy and on the difference of logits ratio, and APGD-T, which tries wrong classes one after the other. */
import { throwIfAborted } from '../../dataset/model-inputs'
import type { Attack, AttackOptions, AttackRequest, AttackResult } from '../attack'
import { withoutRounding } from '../bounds'
import { indicesWhere, likeliestWrong, part, predictedClasses, put } from '../image-lists'
import { isTargeted, type AttackLoss } from '../losses'
import { logitsProgram } from '../programs'
import { startAtRadius } from '../random-start'
import { autoPgd } from './auto-pgd'

export interface ApgdOptions extends AttackOptions {
  steps: number
  /** Share of the steps between two checkpoints in which the loss must rise, or the step is halved. */
  rho: number
  /** Runs from different starts; a restart is given only the images that still resist. */
  restarts: number
  /** 1 to begin at a random point of the sphere, 0 at the image. */
  randomStart: number
  /** Passes of which each gradient is the mean. */
  eot: number
}

export interface TargetedApgdOptions extends ApgdOptions {
  /** Wrong classes that are tried, the likeliest first. */
  targets: number
}

const reference = 'Croce & Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020'

export const apgdParameters = {
  steps: { label: 'Steps', minimum: 1, maximum: 10_000, integer: true },
  rho: { label: 'Share of rising steps', minimum: 0, maximum: 1, integer: false },
  restarts: { label: 'Restarts', minimum: 1, maximum: 100, integer: true },
  randomStart: { label: 'Random start', minimum: 0, maximum: 1, integer: true },
  eot: { label: 'Passes averaged', minimum: 1, maximum: 1000, integer: true },
} as const
export const targetsParameter = { label: 'Target classes', minimum: 1, maximum: 1000, integer: true } as const

const defaults = (): ApgdOptions => ({ steps: 100, rho: 0.75, restarts: 1, randomStart: 1, eot: 1 })

/** What it asks of the model: the first look, then a gradient at the start and after each step. */
const cost = ({ steps, restarts, eot }: ApgdOptions, targets = 1) => ({ forward: 1, gradient: (steps + 1) * restarts * eot * targets })

async function run(request: AttackRequest<ApgdOptions>, loss: AttackLoss, most = 1): Promise<AttackResult> {
  const { model, x, labels, norm, epsilon, options, signal } = request
  const { pixels, classes } = model
  throwIfAborted(signal)
  const adversarial = x.slice()
  const logits = (await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array
  const predicted = predictedClasses(logits, classes)
  const lowest = new Float64Array(labels.length).fill(Infinity)
  let left = indicesWhere(labels.length, (image) => predicted[image] === labels[image])
  const targets = Math.min(most, classes - 1)
  const rounds = targets * options.restarts
  for (let round = 0; round < rounds && left.length; round++) {
    const rank = Math.floor(round / options.restarts)
    const own = part(request, left)
    const start = options.randomStart ? startAtRadius(own, () => epsilon, `${loss} ${round}`) : own.x
    const found = await autoPgd({
      ...own, start, loss,
      steps: options.steps, rho: options.rho, eot: options.eot,
      ...(isTargeted(loss) ? { targets: Int32Array.from(left, (image) => likeliestWrong(logits, image, labels[image]!, classes, targets)[rank]!) } : {}),
      progress: (share) => request.progress?.((round + share) / rounds),
    })
    left.forEach((image, i) => {
      // Losses toward different classes cannot be compared, margins can.
      if (!found.broken[i] && found.margin[i]! >= lowest[image]!) return
      lowest[image] = found.margin[i]!
      put(adversarial, image, found.images, i, pixels)
    })
    left = left.filter((_, i) => !found.broken[i])
  }
  withoutRounding(x, adversarial, labels.length, norm, epsilon)
  request.progress?.(1)
  return { adversarial }
}

const common = { norms: ['linf', 'l2'], access: 'gradients', minimumNorm: false, random: true, reference } as const

export const apgd: Attack<ApgdOptions> = {
  ...common,
  name: 'apgd',
  title: 'APGD-CE',
  parameters: apgdParameters,
  defaults,
  cost: (options) => cost(options),
  run: (request) => run(request, 'cross-entropy'),
}

export const apgdDlr: Attack<ApgdOptions> = {
  ...common,
  name: 'apgd-dlr',
  title: 'APGD-DLR',
  parameters: apgdParameters,
  defaults,
  cost: (options) => cost(options),
  run: (request) => run(request, 'dlr'),
}

export const apgdTargeted: Attack<TargetedApgdOptions> = {
  ...common,
  name: 'apgdt',
  title: 'APGD-T',
  parameters: { ...apgdParameters, targets: targetsParameter },
  defaults: () => ({ ...defaults(), targets: 9 }),
  cost: (options, classes) => cost(options, Math.min(options.targets, classes - 1)),
  run: (request) => run(request, 'targeted-dlr', request.options.targets),
}
