/**
 * FAB-T: towards one wrong class after the other, projects the point on the linearised boundary again and again, drawn
 * a little to the original each time, and keeps the nearest image whose answer is wrong. That is a success where it lies
 * within ε, which whoever asked decides: one run speaks for every ε.
 *
 * Source: Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020
 * (Algorithm 1); the targeted form is the one of AutoAttack.
 */
import { throwIfAborted } from '../../dataset/model-inputs'
import { add, equal, mul, not, reshape, sub, where } from '../../onnx/ops'
import { int } from '../../onnx/model'
import type { Attack, AttackOptions, AttackRequest, AttackResult } from '../attack'
import type { CompiledTarget, Program } from '../compiled-target'
import { indicesWhere, likeliestWrong, part, pick, pickLabels, predictedClasses, put } from '../image-lists'
import { imageInput, labelsTensor, logitsProgram, lossAndGradient, perImageInput, samePerImage } from '../programs'
import { startAtRadius } from '../random-start'
import { targetsParameter } from './apgd'
import { HyperplaneMoves } from './hyperplane'

export interface FabOptions extends AttackOptions {
  /** Iterations for each target class. */
  steps: number
  /** Wrong classes that are tried, the likeliest first. */
  targets: number
  /** Runs per target class; the first begins at the image, the others at random. */
  restarts: number
  /** Largest weight of the original image. */
  alphaMax: number
  /** How far beyond the boundary is gone, 1 to the boundary itself. */
  eta: number
  /** Share of the distance that is kept after a success. */
  beta: number
  /** 1 to leave an image as soon as it is broken within ε, as AutoAttack does; 0 to look on for the nearest. */
  untilSuccess: number
}

export const fab: Attack<FabOptions> = {
  name: 'fab',
  title: 'FAB-T',
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: true,
  random: true,
  reference: 'Croce & Hein: Minimally distorted adversarial examples with a fast adaptive boundary attack. ICML 2020',
  parameters: {
    steps: { label: 'Steps', minimum: 1, maximum: 10_000, integer: true },
    targets: targetsParameter,
    restarts: { label: 'Restarts', minimum: 1, maximum: 100, integer: true },
    alphaMax: { label: 'Largest pull to the image', minimum: 0, maximum: 1, integer: false },
    eta: { label: 'Overshoot', minimum: 1, maximum: 2, integer: false },
    beta: { label: 'Step back after success', minimum: 0, maximum: 1, integer: false },
    untilSuccess: { label: 'Stop at success', minimum: 0, maximum: 1, integer: true },
  },
  defaults: () => ({ steps: 100, targets: 9, restarts: 1, alphaMax: 0.1, eta: 1.05, beta: 0.9, untilSuccess: 0 }),
  cost: ({ steps, targets, restarts }, classes) => {
    const passes = steps * restarts * Math.min(targets, classes - 1)
    return { forward: 1 + passes + restarts * Math.min(targets, classes - 1), gradient: passes }
  },
  run,
}

/** The nearest images found, and how near: infinite where nothing was. */
interface Nearest {
  images: Float32Array
  distance: Float64Array
}

async function run(request: AttackRequest<FabOptions>): Promise<AttackResult> {
  const { model, x, labels, epsilon, options, signal } = request
  const { pixels, classes } = model
  throwIfAborted(signal)
  const logits = (await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array
  const predicted = predictedClasses(logits, classes)
  const nearest: Nearest = { images: x.slice(), distance: new Float64Array(labels.length).fill(Infinity) }
  const targets = Math.min(options.targets, classes - 1)
  const rounds = targets * options.restarts
  let left = indicesWhere(labels.length, (image) => predicted[image] === labels[image])
  for (let round = 0; round < rounds && left.length; round++) {
    const restart = round % options.restarts
    const own = part(request, left)
    const rank = Math.floor(round / options.restarts)
    const goals = Int32Array.from(left, (image) => likeliestWrong(logits, image, labels[image]!, classes, targets)[rank]!)
    const start = restart === 0 ? own.x : startAtRadius(own, (i) => Math.min(nearest.distance[left[i]!]!, epsilon) / 2, `fab ${round}`)
    const found = await towardClass(own, goals, start, (share) => request.progress?.((round + share) / rounds))
    left.forEach((image, i) => {
      if (found.distance[i]! >= nearest.distance[image]!) return
      nearest.distance[image] = found.distance[i]!
      put(nearest.images, image, found.images, i, pixels)
    })
    if (options.untilSuccess) left = left.filter((image) => nearest.distance[image]! > epsilon)
  }
  request.progress?.(1)
  return { adversarial: nearest.images }
}

/** One run towards one class per image. */
async function towardClass(request: AttackRequest<FabOptions>, goals: Int32Array, start: Float32Array, progress: (share: number) => void): Promise<Nearest> {
  const { model, x, labels, norm, epsilon, options, signal } = request
  const { pixels, classes } = model
  const { alphaMax, eta } = options
  const program = iterationProgram(model)
  const moves = new HyperplaneMoves(norm, pixels)
  const [fromHere, fromOriginal] = [new Float64Array(pixels), new Float64Array(pixels)]
  const nearest: Nearest = { images: new Float32Array(x.length), distance: new Float64Array(labels.length).fill(Infinity) }
  let active = indicesWhere(labels.length, () => true)
  let x0 = x
  let current: Float32Array = start
  const named = () => ({ labels: labelsTensor(pickLabels(labels, active)), targets: labelsTensor(pickLabels(goals, active)) })
  let names = named()

  /** Keeps the images whose answer is wrong, where they are nearer than before. */
  const record = (logits: Float32Array) => {
    const predicted = predictedClasses(logits, classes)
    active.forEach((image, row) => {
      if (predicted[row] === labels[image] || logits.subarray(row * classes, (row + 1) * classes).some(Number.isNaN)) return
      const distance = distanceOf(norm, current, x0, row, pixels)
      if (distance >= nearest.distance[image]!) return
      nearest.distance[image] = distance
      put(nearest.images, image, current, row, pixels)
    })
  }

  for (let i = 0; i < options.steps && active.length; i++) {
    throwIfAborted(signal)
    const n = active.length
    const outputs = await program.run({ x: model.images(current), x0: model.images(x0), beta: samePerImage(n, options.beta), ...names })
    const [from, gradient, gap] = [outputs['from'], outputs['gradient'], outputs['gap']].map((t) => t!.data as Float32Array) as [Float32Array, Float32Array, Float32Array]
    if (i > 0) record(outputs['logits']!.data as Float32Array)
    const next = new Float32Array(current.length)
    for (let row = 0; row < n; row++) {
      const at = row * pixels
      // The plane through the linearised difference of logits; its value at the original follows from that here.
      let gapAtOriginal = gap[row]!
      for (let p = at; p < at + pixels; p++) gapAtOriginal += gradient[p]! * (x0[p]! - from[p]!)
      const here = Math.max(moves.find(fromHere, from, gradient, at, gap[row]!), 1e-8)
      const there = Math.max(moves.find(fromOriginal, x0, gradient, at, gapAtOriginal), 1e-8)
      const alpha = Math.min(here / (here + there), alphaMax)
      for (let p = 0; p < pixels; p++) {
        const v = (1 - alpha) * (from[at + p]! + eta * fromHere[p]!) + alpha * (x0[at + p]! + eta * fromOriginal[p]!)
        next[at + p] = v < 0 ? 0 : v > 1 ? 1 : v
      }
    }
    current = next
    progress((i + 1) / options.steps)
    if (!options.untilSuccess) continue
    const rows = indicesWhere(n, (row) => nearest.distance[active[row]!]! > epsilon)
    if (rows.length === n) continue
    active = rows.map((row) => active[row]!)
    ;[x0, current] = [pick(x0, rows, pixels), pick(current, rows, pixels)]
    names = named()
  }
  if (active.length) record((await logitsProgram(model).run({ x: model.images(current) }))['logits']!.data as Float32Array)
  return nearest
}

function distanceOf(norm: AttackRequest['norm'], a: Float32Array, b: Float32Array, row: number, pixels: number): number {
  let [largest, sum] = [0, 0]
  for (let i = row * pixels; i < (row + 1) * pixels; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    if (d > largest) largest = d
    sum += d * d
  }
  return norm === 'linf' ? largest : Math.sqrt(sum)
}

/**
 * Judges where the last step led and looks at the boundary from there: logits at `x`; `from`, which is `x`, or nearer to
 * `x0` where the answer at `x` is wrong; `gap`, z_t − z_y at `from`, and its gradient.
 */
const iterationProgram = (model: CompiledTarget): Program =>
  model.program('iteration of FAB', (g, batch) => {
    const x = imageInput(g, model.target, 'x', batch)
    const x0 = imageInput(g, model.target, 'x0', batch)
    const beta = perImageInput(g, 'beta', batch)
    const logits = model.target.logits(g, x)
    const answer = g.op('ArgMax', [logits], { axis: int(1), keepdims: int(0) })
    const labels = g.input('labels', [batch], 'int64')
    const wrong = reshape(g, not(g, equal(g, answer, labels)), [batch, 1, 1, 1])
    const from = where(g, wrong, add(g, x0, mul(g, sub(g, x, x0), beta)), x)
    const { values, dx } = lossAndGradient(g, model.target, 'targeted-margin', from, labels)
    g.output('logits', logits)
    g.output('from', from)
    g.output('gap', values)
    g.output('gradient', dx)
  })
