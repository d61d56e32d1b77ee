/**
 * FAB, targeted: the smallest change, by steps to the linearised boundary that are drawn back towards the image.
 *
 * Source: Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020,
 * algorithm 1, with the boundary to one class at a time.
 */
import { throwIfAborted } from '../../dataset/model-inputs'
import type { Attack, AttackOptions, AttackRequest, AttackResult } from '../attack'
import { indicesWhere, part, pick, pickLabels, predictedClasses, put } from '../image-lists'
import { labelsTensor, logitsProgram, lossGradientProgram } from '../programs'
import { targetsParameter } from './apgd'
import { deltaNorm, ontoBoxedHyperplane } from './box-projection'
import { rankedTargets } from './targets'

export interface FabOptions extends AttackOptions {
  /** Per target class. */
  steps: number
  /** Target classes, the likeliest wrong ones first. */
  targets: number
  /** Greatest weight of the way back to the image. */
  alphaMax: number
  /** How far beyond the boundary a step goes. */
  eta: number
  /** What is kept of a change that succeeded. */
  beta: number
  /** 1: every target of every image, for the smallest change; 0: an image leaves once it is broken within ε. */
  exhaustive: number
}

export const fabDefaults: FabOptions = { steps: 100, targets: 9, alphaMax: 0.1, eta: 1.05, beta: 0.9, exhaustive: 1 }

/** The smallest change found towards one class each, and its size; the image itself and infinity where none was. */
async function towards(request: AttackRequest<FabOptions>, targets: Int32Array): Promise<{ adversarial: Float32Array; size: Float64Array }> {
  const { model, x: x0, labels, norm, options, signal, progress } = request
  const { pixels, classes } = model
  const count = labels.length
  const program = lossGradientProgram(model, 'targeted-margin')
  const adversarial = x0.slice()
  const size = new Float64Array(count).fill(Infinity)
  const x = x0.slice()
  const fixed = { labels: labelsTensor(labels), targets: labelsTensor(targets) }
  const [forward, back] = [new Float64Array(pixels), new Float64Array(pixels)]
  for (let step = 0; step <= options.steps; step++) {
    throwIfAborted(signal)
    const out = await program.run({ x: model.images(x), ...fixed })
    const loss = (out['loss']!.data as Float32Array).slice()
    const gradient = out['gradient']!.data as Float32Array
    const predicted = predictedClasses(out['logits']!.data as Float32Array, classes)
    const succeeded = indicesWhere(count, (image) => predicted[image] !== labels[image])
    for (const image of succeeded) {
      const [own, origin] = [x, x0].map((rows) => rows.subarray(image * pixels, (image + 1) * pixels)) as [Float32Array, Float32Array]
      const length = deltaNorm(own, origin, norm)
      if (length < size[image]!) {
        size[image] = length
        adversarial.set(own, image * pixels)
      }
      for (let i = 0; i < pixels; i++) own[i] = origin[i]! + options.beta * (own[i]! - origin[i]!)
    }
    if (step === options.steps) break
    // What was drawn back lies elsewhere now, and is linearised there.
    if (succeeded.length) {
      const again = await program.run({ x: model.images(pick(x, succeeded, pixels)), labels: labelsTensor(pickLabels(labels, succeeded)), targets: labelsTensor(pickLabels(targets, succeeded)) })
      succeeded.forEach((image, i) => {
        loss[image] = (again['loss']!.data as Float32Array)[i]!
        put(gradient, image, again['gradient']!.data as Float32Array, i, pixels)
      })
    }
    for (let image = 0; image < count; image++) {
      const [own, origin, slope] = [x, x0, gradient].map((rows) => rows.subarray(image * pixels, (image + 1) * pixels)) as [Float32Array, Float32Array, Float32Array]
      move(own, origin, slope, loss[image]!, norm, options, forward, back)
    }
    progress?.((step + 1) / (options.steps + 1))
  }
  return { adversarial, size }
}

/** One step: to the hyperplane from the point and from the image, and the mean of both ends, weighted by their distances. */
function move(x: Float32Array, origin: Float32Array, slope: Float32Array, loss: number, norm: 'linf' | 'l2', options: FabOptions, forward: Float64Array, back: Float64Array): void {
  let [at, there] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    at += slope[i]! * x[i]!
    there += slope[i]! * origin[i]!
  }
  // The boundary, linearised: loss + ⟨slope, v − x⟩ = 0.
  const a1 = ontoBoxedHyperplane(x, slope, -loss, norm, forward)
  const a2 = ontoBoxedHyperplane(origin, slope, at - loss - there, norm, back)
  const [near, far] = [Math.max(a1, 1e-8), Math.max(a2, 1e-8)]
  const alpha = Math.min(near / (near + far), options.alphaMax)
  for (let i = 0; i < x.length; i++) {
    const value = (x[i]! + options.eta * forward[i]!) * (1 - alpha) + (origin[i]! + options.eta * back[i]!) * alpha
    x[i] = value < 0 ? 0 : value > 1 ? 1 : value
  }
}

async function run(request: AttackRequest<FabOptions>): Promise<AttackResult> {
  const { model, x, labels, epsilon, options, progress } = request
  const { pixels } = model
  const adversarial = x.slice()
  const predicted = predictedClasses((await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array, model.classes)
  let left = indicesWhere(labels.length, (i) => predicted[i] === labels[i])
  const smallest = new Float64Array(labels.length).fill(Infinity)
  const ranks = Math.min(options.targets, model.classes - 1)
  for (let rank = 0; rank < ranks && left.length; rank++) {
    const own = part(request, left)
    const found = await towards({ ...own, progress: (share) => progress?.((rank + share) / ranks) }, await rankedTargets(own, rank))
    left.forEach((image, i) => {
      if (!(found.size[i]! < smallest[image]!)) return
      smallest[image] = found.size[i]!
      put(adversarial, image, found.adversarial, i, pixels)
    })
    if (!options.exhaustive) left = left.filter((image) => smallest[image]! > epsilon)
  }
  progress?.(1)
  return { adversarial }
}

export const fab: Attack<FabOptions> = {
  name: 'fab',
  title: 'FAB-T',
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: true,
  random: false,
  reference: 'Croce & Hein: Minimally distorted adversarial examples with a fast adaptive boundary attack. ICML 2020',
  parameters: {
    steps: { label: 'Steps per target', minimum: 1, maximum: 10_000, integer: true },
    targets: targetsParameter,
    alphaMax: { label: 'Greatest weight of the way back', minimum: 0, maximum: 1, integer: false },
    eta: { label: 'Overshoot', minimum: 1, maximum: 2, integer: false },
    beta: { label: 'Share kept of a change that succeeded', minimum: 0, maximum: 1, integer: false },
    exhaustive: { label: 'Every target, also of broken images', minimum: 0, maximum: 1, integer: true },
  },
  defaults: () => fabDefaults,
  cost: ({ steps, targets }, classes) => ({ forward: 2, gradient: Math.min(targets, classes - 1) * (steps + 1) }),
  run,
}
