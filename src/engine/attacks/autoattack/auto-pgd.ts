/**
 * Auto-PGD: projected gradient with momentum whose step size looks after itself. At checkpoints it halves the step and
 * goes back to the best point where the loss did not rise often enough, or has stood still.
 *
 * Source: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", ICML 2020 (Algorithm 1).
 *
 * One call of ONNX Runtime makes the step and gives loss and gradient where it led; step sizes, checkpoints and the best
 * points are kept here, since each image has its own.
 */
import type { Norm } from '../../../shared/audit'
import { throwIfAborted } from '../../dataset/model-inputs'
import { add, mul, sign, sub } from '../../onnx/ops'
import type { GraphBuilder, Value } from '../../onnx/builder'
import type { Tensor } from '../../tensor/tensor'
import type { CompiledTarget, Program } from '../compiled-target'
import { indicesWhere, marginOf, pick, pickLabels, predictedClasses, put } from '../image-lists'
import { type AttackLoss } from '../losses'
import { imageInput, labelsTensor, lossAndGradient, lossGradientProgram, perImage, perImageInput, projectL2, projectLinf, samePerImage, unit2 } from '../programs'

export interface AutoPgdRun {
  model: CompiledTarget
  /** [n, C, H, W] */
  x: Float32Array
  labels: Int32Array
  /** Classes to be reached, [n]; of use to targeted losses only. */
  targets?: Int32Array
  /** Where to begin, [n, C, H, W]. */
  start: Float32Array
  norm: Norm
  epsilon: number
  loss: AttackLoss
  steps: number
  /** Share of the steps between two checkpoints in which the loss must rise, or the step is halved. */
  rho: number
  /** Gradients, losses and logits are means of so many passes: for models that draw random numbers. */
  eot: number
  /** Goes on with images that are broken, to see how far their loss can be driven. */
  pastSuccess?: boolean
  signal?: AbortSignal | undefined
  progress?: (share: number) => void
}

export interface AutoPgdFound {
  /** [n, C, H, W]: where the answer was wrong first (unless it went past that), otherwise where the loss was highest. */
  images: Float32Array
  /** 1 where the answer was wrong at some step. */
  broken: Uint8Array
  /** Highest loss, [n]. */
  loss: Float64Array
  /** z_y − max of the other logits at `images`, [n]. */
  margin: Float64Array
}

/** Steps after which step sizes are judged, with the number of steps since the judgement before. */
export function checkpoints(steps: number): Map<number, number> {
  const part = (share: number) => Math.max(Math.floor(share * steps + 1e-9), 1)
  const found = new Map<number, number>()
  for (let at = part(0.22), gap = at; at <= steps; at += gap) {
    found.set(at, gap)
    gap = Math.max(gap - part(0.03), part(0.06))
  }
  return found
}

export async function autoPgd(run: AutoPgdRun): Promise<AutoPgdFound> {
  const { model, labels, targets, epsilon, steps, signal } = run
  const { pixels, classes } = model
  const n = labels.length
  const found: AutoPgdFound = { images: run.start.slice(), broken: new Uint8Array(n), loss: new Float64Array(n).fill(-Infinity), margin: new Float64Array(n) }
  const bestGradient = new Float32Array(run.start.length)
  const stepSize = new Float64Array(n).fill(2 * epsilon)
  const lastLoss = new Float64Array(n)
  const rises = new Int32Array(n)
  const lossAtCheckpoint = new Float64Array(n)
  // As if the step had been halved before: the first checkpoint looks at oscillation alone.
  const halved = new Uint8Array(n).fill(1)

  let active = indicesWhere(n, () => true)
  const named = () => ({ labels: labelsTensor(pickLabels(labels, active)), ...(targets ? { targets: labelsTensor(pickLabels(targets, active)) } : {}) })
  let names = named()
  let [x0, x, previous] = [run.x, run.start, run.start]
  let at = await averaged(run, x, names, await lossGradientProgram(model, run.loss).run({ x: model.images(x), ...names }))

  /** Keeps what is best, and lets images go that are broken. */
  const record = () => {
    const predicted = predictedClasses(at.logits, classes)
    active.forEach((image, row) => {
      const loss = at.loss[row]!
      // A loss that is no number comes from a model that overflowed; nothing is concluded from it.
      const broken = predicted[row] !== labels[image] && Number.isFinite(loss)
      const better = loss > found.loss[image]!
      if (broken) found.broken[image] = 1
      if (better) found.loss[image] = loss
      if (better || (broken && !run.pastSuccess)) {
        put(found.images, image, x, row, pixels)
        put(bestGradient, image, at.gradient, row, pixels)
        found.margin[image] = marginOf(at.logits, row, labels[image]!, classes)
      }
    })
    if (run.pastSuccess) return
    const rows = indicesWhere(active.length, (row) => !found.broken[active[row]!])
    if (rows.length === active.length) return
    active = rows.map((row) => active[row]!)
    const kept = (data: Float32Array) => pick(data, rows, pixels)
    ;[x0, x, previous] = [kept(x0), kept(x), kept(previous)]
    at = { logits: at.logits, loss: pick(at.loss, rows, 1), gradient: kept(at.gradient) }
    names = named()
  }
  record()
  lossAtCheckpoint.set(found.loss)
  active.forEach((image, row) => (lastLoss[image] = at.loss[row]!))

  const step = stepProgram(model, run.norm, run.loss)
  const windows = checkpoints(steps)
  for (let i = 0; i < steps && active.length; i++) {
    throwIfAborted(signal)
    const fed = { x: model.images(x), previous: model.images(previous), ascent: model.images(at.gradient), x0: model.images(x0) }
    const sizes = { epsilon: samePerImage(active.length, epsilon), step: perImage(active.map((image) => stepSize[image]!)), momentum: samePerImage(active.length, i === 0 ? 1 : 0.75) }
    const outputs = await step.run({ ...fed, ...sizes, ...names })
    ;[previous, x] = [x, outputs['next']!.data as Float32Array]
    at = await averaged(run, x, names, outputs)
    active.forEach((image, row) => {
      if (at.loss[row]! > lastLoss[image]!) rises[image]!++
      lastLoss[image] = at.loss[row]!
    })
    record()
    run.progress?.((i + 1) / steps)
    const window = windows.get(i + 1)
    if (window === undefined) continue
    active.forEach((image, row) => {
      const oscillates = rises[image]! <= run.rho * window
      const stands = !halved[image] && lossAtCheckpoint[image]! >= found.loss[image]!
      rises[image] = 0
      lossAtCheckpoint[image] = found.loss[image]!
      halved[image] = Number(oscillates || stands)
      if (!halved[image]) return
      stepSize[image]! /= 2
      put(x, row, found.images, image, pixels)
      put(at.gradient, row, bestGradient, image, pixels)
    })
  }
  return found
}

interface Evaluation {
  logits: Float32Array
  loss: Float32Array
  gradient: Float32Array
}

/** The first pass together with those that EOT asks for beyond it. */
async function averaged(run: AutoPgdRun, x: Float32Array, names: Record<string, Tensor>, first: Record<string, Tensor>): Promise<Evaluation> {
  const data = (outputs: Record<string, Tensor>, name: string) => outputs[name]!.data as Float32Array
  const mean: Evaluation = { logits: data(first, 'logits'), loss: data(first, 'loss'), gradient: data(first, 'gradient') }
  for (let pass = 1; pass < run.eot; pass++) {
    throwIfAborted(run.signal)
    const outputs = await lossGradientProgram(run.model, run.loss).run({ x: run.model.images(x), ...names })
    for (const name of ['logits', 'loss', 'gradient'] as const) {
      const [sum, more] = [mean[name], data(outputs, name)]
      for (let i = 0; i < sum.length; i++) sum[i]! += (more[i]! - sum[i]!) / (pass + 1)
    }
  }
  return mean
}

/**
 * z = P(x + η·direction), next = P(x + a(z − x) + (1 − a)(x − previous)), and loss, logits and gradient at `next`. The
 * direction is the gradient's sign in L∞, the gradient over its length in L2.
 */
const stepProgram = (model: CompiledTarget, norm: Norm, loss: AttackLoss): Program =>
  model.program(`${norm} step of APGD on ${loss}`, (g, batch) => {
    const [x, previous, dx, x0] = ['x', 'previous', 'ascent', 'x0'].map((name) => imageInput(g, model.target, name, batch)) as [Value, Value, Value, Value]
    const [epsilon, step, momentum] = ['epsilon', 'step', 'momentum'].map((name) => perImageInput(g, name, batch)) as [Value, Value, Value]
    const projected = (v: Value) => (norm === 'linf' ? projectLinf : projectL2)(g, v, x0, epsilon)
    const z = projected(add(g, x, mul(g, norm === 'linf' ? sign(g, dx) : unit2(g, dx), step)))
    const blended = add(g, x, add(g, mul(g, sub(g, z, x), momentum), mul(g, sub(g, x, previous), sub(g, 1, momentum))))
    const next = projected(blended)
    writeEvaluation(g, model, loss, next)
    g.output('next', next)
  })

function writeEvaluation(g: GraphBuilder, model: CompiledTarget, loss: AttackLoss, x: Value): void {
  const { values, logits, dx } = lossAndGradient(g, model.target, loss, x)
  g.output('loss', values)
  g.output('logits', logits)
  g.output('gradient', dx)
}
