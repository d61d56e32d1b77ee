/**
 * Ascent along the gradient within the ball, the family of FGSM, BIM and PGD: each attack of it is one set of options.
 *
 * Sources: Goodfellow, Shlens & Szegedy, ICLR 2015 (FGSM); Kurakin, Goodfellow & Bengio, 2017 (BIM); Madry et al.,
 * ICLR 2018 (PGD).
 */
import { throwIfAborted } from '../dataset/model-inputs'
import type { AttackOptions, AttackRequest, AttackResult } from './attack'
import { withoutRounding } from './bounds'
import { indicesWhere, pick, pickLabels, predictedClasses, put } from './image-lists'
import type { AttackLoss } from './losses'
import { labelsTensor, logitsProgram, samePerImage, stepProgram } from './programs'
import { randomStart } from './random-start'

export interface AscentOptions extends AttackOptions {
  steps: number
  /** In the units of the norm. */
  stepSize: number
  /** 1 to begin at a random point of the ball, 0 at the image. */
  randomStart: number
  /** Runs from different starts; a restart is given only the images that still resist. */
  restarts: number
}

export const ascentParameters = {
  steps: { label: 'Steps', minimum: 1, maximum: 10_000, integer: true },
  stepSize: { label: 'Step size', minimum: 1e-6, maximum: 1000, integer: false },
  randomStart: { label: 'Random start', minimum: 0, maximum: 1, integer: true },
  restarts: { label: 'Restarts', minimum: 1, maximum: 100, integer: true },
} as const

export async function ascend(request: AttackRequest<AscentOptions>, loss: AttackLoss = 'cross-entropy'): Promise<AttackResult> {
  const { model, x, labels, options, progress } = request
  const { pixels } = model
  const adversarial = new Float32Array(x.length)
  let left = indicesWhere(labels.length, () => true)
  for (let restart = 0; restart < options.restarts && left.length; restart++) {
    const found = await once(request, left, restart, loss, (share) => progress?.((restart + share) / options.restarts))
    left.forEach((image, i) => put(adversarial, image, found, i, pixels))
    if (restart + 1 === options.restarts) break
    const logits = (await logitsProgram(model).run({ x: model.images(found) }))['logits']!
    const predicted = predictedClasses(logits.data as Float32Array, model.classes)
    left = left.filter((image, i) => predicted[i] === labels[image])
  }
  withoutRounding(x, adversarial, labels.length, request.norm, request.epsilon)
  progress?.(1)
  return { adversarial }
}

/** One run from one start on the images `left`. @returns [left.length, C, H, W] */
async function once({ model, x, labels, norm, epsilon, options, seed, numbers, signal }: AttackRequest<AscentOptions>, left: readonly number[], restart: number, loss: AttackLoss, progress: (share: number) => void): Promise<Float32Array> {
  const x0 = pick(x, left, model.pixels)
  const own = pickLabels(labels, left)
  const step = stepProgram(model, norm, loss)
  let data = options.randomStart ? randomStart({ x: x0, norm, epsilon, seed, numbers: pickLabels(numbers, left) }, `start ${restart}`) : x0
  const fixed = { x0: model.images(x0), labels: labelsTensor(own), epsilon: samePerImage(left.length, epsilon), step: samePerImage(left.length, options.stepSize) }
  for (let i = 0; i < options.steps; i++) {
    throwIfAborted(signal)
    data = (await step.run({ ...fixed, x: model.images(data) }))['next']!.data as Float32Array
    progress((i + 1) / options.steps)
  }
  return data
}
