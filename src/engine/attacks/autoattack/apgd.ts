/**
 * Auto-PGD: ascent with momentum whose step size is halved, image by image, where it no longer pays.
 *
 * Source: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", ICML 2020, algorithm 1 and section 3.
 */
import { throwIfAborted } from '../../dataset/model-inputs'
import { add, mul, sign, sub } from '../../onnx/ops'
import type { Attack, AttackOptions, AttackRequest, AttackResult } from '../attack'
import { withoutRounding } from '../bounds'
import type { CompiledTarget, Program } from '../compiled-target'
import { indicesWhere, part, pick, pickLabels, predictedClasses, put } from '../image-lists'
import type { AttackLoss } from '../losses'
import { imageInput, labelsTensor, logitsProgram, lossAndGradient, lossGradientProgram, perImage, perImageInput, projectL2, projectLinf, samePerImage, unit2 } from '../programs'
import { randomPoint } from '../random-start'
import { rankedTargets } from './targets'

export interface ApgdOptions extends AttackOptions {
  steps: number
  /** A step size is halved where the loss rose in no more than this share of the steps since the last checkpoint. */
  rho: number
  restarts: number
  /** 1 to begin at a random point of the ball's surface, 0 at the image. */
  randomStart: number
  /** Gradients that are averaged per step, for defences that draw random numbers. */
  eot: number
}

const parameters = {
  steps: { label: 'Steps', minimum: 1, maximum: 10_000, integer: true },
  rho: { label: 'Share of rising steps below which the step is halved', minimum: 0, maximum: 1, integer: false },
  restarts: { label: 'Restarts', minimum: 1, maximum: 100, integer: true },
  randomStart: { label: 'Random start', minimum: 0, maximum: 1, integer: true },
  eot: { label: 'Gradients averaged per step', minimum: 1, maximum: 1000, integer: true },
} as const

export const apgdDefaults: ApgdOptions = { steps: 100, rho: 0.75, restarts: 1, randomStart: 1, eot: 1 }

/** Inputs `x`, `previous`, `gradient`, `x0`, `epsilon`, `step`, `momentum`; what `writeMove` answers is the next point. */
function writeMove(g: Parameters<typeof add>[0], model: CompiledTarget, norm: 'linf' | 'l2', batch: number) {
  const [x, previous, gradient, x0] = ['x', 'previous', 'gradient', 'x0'].map((name) => imageInput(g, model.target, name, batch)) as [never, never, never, never]
  const [epsilon, step, momentum] = ['epsilon', 'step', 'momentum'].map((name) => perImageInput(g, name, batch)) as [never, never, never]
  const project = norm === 'linf' ? projectLinf : projectL2
  const direction = norm === 'linf' ? sign(g, gradient) : unit2(g, gradient)
  const z = project(g, add(g, x, mul(g, direction, step)), x0, epsilon)
  const moved = add(g, x, add(g, mul(g, sub(g, z, x), momentum), mul(g, sub(g, x, previous), sub(g, 1, momentum))))
  return project(g, moved, x0, epsilon)
}

/** The move, and loss, logits and gradient where it leads. */
const stepProgram = (model: CompiledTarget, norm: 'linf' | 'l2', loss: AttackLoss): Program =>
  model.program(`apgd ${norm} ${loss}`, (g, batch) => {
    const next = writeMove(g, model, norm, batch)
    const { values, logits, dx } = lossAndGradient(g, model.target, loss, next)
    g.output('next', next)
    g.output('loss', values)
    g.output('logits', logits)
    g.output('nextGradient', dx)
  })

const moveProgram = (model: CompiledTarget, norm: 'linf' | 'l2'): Program => model.program(`apgd ${norm} move`, (g, batch) => g.output('next', writeMove(g, model, norm, batch)))

export interface Ascent {
  loss: AttackLoss
  /** Classes to be reached, where the loss is targeted. */
  targets?: Int32Array
  /** Images leave as soon as they are broken; without it the ascent goes on to the largest loss. */
  untilBroken: boolean
  /** Which of several ascents this is: its random start depends on it. */
  draw: string
}

export interface Ascended {
  /** The point with the largest loss, [n, C, H, W]. */
  best: Float32Array
  bestLoss: Float32Array
  /** A misclassified point where one was met, else the one with the largest loss. */
  adversarial: Float32Array
  broken: boolean[]
}

/** The step numbers at which step sizes are reconsidered: gaps of 22 % of the steps, each 3 % shorter, at least 6 %. */
export function checkpointGaps(steps: number): { first: number; shrink: number; least: number } {
  const whole = (share: number) => Math.max(1, Math.floor(share * steps))
  return { first: whole(0.22), shrink: whole(0.03), least: whole(0.06) }
}

interface Point {
  loss: Float32Array
  logits: Float32Array
  gradient: Float32Array
}

/** One ascent of each image. */
export async function ascendAdaptively(request: AttackRequest<ApgdOptions>, { loss, targets, untilBroken, draw }: Ascent): Promise<Ascended> {
  const { model, labels, norm, epsilon, options, signal, progress } = request
  const { pixels, classes } = model
  const count = labels.length
  const start = options.randomStart ? randomPoint(request, draw) : request.x
  const best = start.slice()
  const adversarial = start.slice()
  const bestLoss = new Float32Array(count).fill(-Infinity)
  const broken = new Array<boolean>(count).fill(false)

  // Everything below is packed: row i belongs to the image `left[i]`.
  let left = indicesWhere(count, () => true)
  let x = start
  let previous = start
  let x0 = request.x
  const sizes = new Float32Array(count).fill(2 * epsilon)
  const bestGradient = new Float32Array(request.x.length)
  const rises = new Int32Array(count)
  const lossBefore = new Float32Array(count)
  const bestAtCheck = new Float32Array(count)
  // As if halved before the beginning: the first checkpoint asks for no improvement.
  const halved = new Uint8Array(count).fill(1)

  const feedOf = () => ({ labels: labelsTensor(pickLabels(labels, left)), ...(targets ? { targets: labelsTensor(pickLabels(targets, left)) } : {}) })
  const evaluate = async (at: Float32Array): Promise<Point> => {
    const program = lossGradientProgram(model, loss)
    let sum: Point | undefined
    for (let pass = 0; pass < options.eot; pass++) {
      throwIfAborted(signal)
      const out = await program.run({ x: model.images(at), ...feedOf() })
      const point = { loss: out['loss']!.data as Float32Array, logits: out['logits']!.data as Float32Array, gradient: out['gradient']!.data as Float32Array }
      if (!sum) sum = options.eot === 1 ? point : { loss: point.loss.slice(), logits: point.logits.slice(), gradient: point.gradient.slice() }
      else for (const key of ['loss', 'logits', 'gradient'] as const) for (let i = 0; i < sum[key].length; i++) sum[key][i]! += point[key][i]!
    }
    if (options.eot > 1) for (const key of ['loss', 'logits', 'gradient'] as const) for (let i = 0; i < sum![key].length; i++) sum![key][i]! /= options.eot
    return sum!
  }

  /** Notes what an evaluation found. */
  const note = (at: Float32Array, { loss: values, logits, gradient }: Point, first: boolean): void => {
    const predicted = predictedClasses(logits, classes)
    left.forEach((image, i) => {
      const wrong = predicted[i] !== labels[image]
      if (wrong) put(adversarial, image, at, i, pixels)
      if (wrong) broken[image] = true
      if (!first && values[i]! > lossBefore[image]!) rises[image]!++
      lossBefore[image] = values[i]!
      if (!(values[i]! > bestLoss[image]!)) return
      bestLoss[image] = values[i]!
      put(best, image, at, i, pixels)
      put(bestGradient, image, gradient, i, pixels)
      if (!broken[image]) put(adversarial, image, at, i, pixels)
    })
  }

  let point = await evaluate(x)
  note(x, point, true)
  let gradient = point.gradient
  bestAtCheck.set(bestLoss)
  const gaps = checkpointGaps(options.steps)
  let gap = gaps.first
  let sinceCheck = 0

  /** Broken images are dropped from the packed rows. */
  const compact = (): void => {
    const stays = indicesWhere(left.length, (i) => !broken[left[i]!])
    if (stays.length === left.length) return
    ;[x, previous, x0, gradient] = [x, previous, x0, gradient].map((rows) => pick(rows, stays, pixels)) as [Float32Array, Float32Array, Float32Array, Float32Array]
    left = stays.map((i) => left[i]!)
  }

  for (let k = 0; k < options.steps; k++) {
    if (untilBroken) compact()
    if (!left.length) break
    throwIfAborted(signal)
    const n = left.length
    const feeds = {
      x: model.images(x), previous: model.images(previous), gradient: model.images(gradient), x0: model.images(x0),
      epsilon: samePerImage(n, epsilon), step: perImage(left.map((image) => sizes[image]!)), momentum: samePerImage(n, k === 0 ? 1 : 0.75),
    }
    previous = x
    if (options.eot === 1) {
      const out = await stepProgram(model, norm, loss).run({ ...feeds, ...feedOf() })
      x = out['next']!.data as Float32Array
      point = { loss: out['loss']!.data as Float32Array, logits: out['logits']!.data as Float32Array, gradient: out['nextGradient']!.data as Float32Array }
    } else {
      x = (await moveProgram(model, norm).run(feeds))['next']!.data as Float32Array
      point = await evaluate(x)
    }
    note(x, point, false)
    gradient = point.gradient
    progress?.((k + 1) / options.steps)
    if (++sinceCheck < gap) continue
    left.forEach((image, i) => {
      const stuck = rises[image]! <= options.rho * gap || (!halved[image] && bestLoss[image]! <= bestAtCheck[image]!)
      halved[image] = stuck ? 1 : 0
      rises[image] = 0
      bestAtCheck[image] = bestLoss[image]!
      if (!stuck) return
      sizes[image]! /= 2
      put(x, i, best, image, pixels)
      put(gradient, i, bestGradient, image, pixels)
      lossBefore[image] = bestLoss[image]!
    })
    gap = Math.max(gaps.least, gap - gaps.shrink)
    sinceCheck = 0
  }
  progress?.(1)
  for (const rows of [best, adversarial]) withoutRounding(request.x, rows, count, norm, epsilon)
  return { best, bestLoss, adversarial, broken }
}

/** Several ascents one after the other, each on the images that still resist. Images that are wrong at the start stay as they are. */
async function severalAscents(request: AttackRequest<ApgdOptions>, ascents: readonly ((left: AttackRequest<ApgdOptions>) => Promise<Ascended>)[]): Promise<AttackResult> {
  const { model, x, labels, progress } = request
  const adversarial = x.slice()
  const logits = (await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array
  const predicted = predictedClasses(logits, model.classes)
  let left = indicesWhere(labels.length, (i) => predicted[i] === labels[i])
  for (const [number, ascend] of ascents.entries()) {
    if (!left.length) break
    const found = await ascend({ ...part(request, left), progress: (share) => progress?.((number + share) / ascents.length) })
    left.forEach((image, i) => put(adversarial, image, found.adversarial, i, model.pixels))
    left = left.filter((_, i) => !found.broken[i])
  }
  progress?.(1)
  return { adversarial }
}

const untargeted = (request: AttackRequest<ApgdOptions>, loss: AttackLoss): Promise<AttackResult> =>
  severalAscents(request, Array.from({ length: request.options.restarts }, (_, restart) => (left: AttackRequest<ApgdOptions>) => ascendAdaptively(left, { loss, untilBroken: true, draw: `apgd ${loss} ${restart}` })))

const shared = {
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: true,
  reference: 'Croce & Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020',
} as const

const gradients = ({ steps, restarts, eot }: ApgdOptions): number => restarts * eot * (steps + 1)

export const apgd: Attack<ApgdOptions> = {
  ...shared,
  name: 'apgd',
  title: 'APGD-CE',
  parameters,
  defaults: () => apgdDefaults,
  cost: (options) => ({ forward: 1, gradient: gradients(options) }),
  run: (request) => untargeted(request, 'cross-entropy'),
}

export const apgdDlr: Attack<ApgdOptions> = {
  ...shared,
  name: 'apgd-dlr',
  title: 'APGD-DLR',
  parameters,
  defaults: () => apgdDefaults,
  cost: (options) => ({ forward: 1, gradient: gradients(options) }),
  run: (request) => untargeted(request, 'dlr'),
}

export interface TargetedOptions extends ApgdOptions {
  /** Classes tried, the likeliest wrong ones first. */
  targets: number
}

export const targetsParameter = { label: 'Target classes', minimum: 1, maximum: 1000, integer: true } as const

/** One ascent per target class and restart. */
export const apgdTargeted: Attack<TargetedOptions> = {
  ...shared,
  name: 'apgdt',
  title: 'APGD-T',
  parameters: { ...parameters, targets: targetsParameter },
  defaults: () => ({ ...apgdDefaults, targets: 9 }),
  cost: (options, classes) => ({ forward: 2, gradient: gradients(options) * Math.min(options.targets, classes - 1) }),
  run(request) {
    const { restarts, targets } = request.options
    const ranks = Math.min(targets, request.model.classes - 1)
    const ascents = Array.from({ length: restarts * ranks }, (_, i) => async (left: AttackRequest<ApgdOptions>) => {
      const [restart, rank] = [Math.floor(i / ranks), i % ranks]
      const classes = await rankedTargets(left, rank)
      return ascendAdaptively(left, { loss: 'targeted-dlr', targets: classes, untilBroken: true, draw: `apgd targeted ${restart} ${rank}` })
    })
    return severalAscents(request, ascents)
  },
}
