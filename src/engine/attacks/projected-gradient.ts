/**
 * Sign-gradient attacks in the L∞ ball: FGSM is one step of size ε from the image itself, PGD many smaller ones.
 * Sources: Goodfellow, Shlens & Szegedy, ICLR 2015; Madry et al., ICLR 2018.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import { float32, sizeOf } from '../tensor/tensor'
import { batches, compile, randomStart, runNumber, type Attack, type AttackOptions, type AttackRun, type Batch } from './attack'
import { lossOnly, signStep } from './graphs'
import type { Session } from '../runtime/session'

async function run(attack: AttackRun, x: Float32Array, labels: Int32Array, options: AttackOptions): Promise<Float32Array> {
  const { target, batch: size, signal, progress } = attack
  const pixels = sizeOf(target.imageShape)
  const out = new Float32Array(x.length)
  const stepper = await compile(target, (g) => signStep(g, target, size))
  const judge = options.restarts > 1 ? await compile(target, (g) => lossOnly(g, target, size)) : undefined
  try {
    for (const batch of batches(x, labels, size, target.imageShape)) {
      const best = await attackBatch(batch, pixels, options, stepper, judge, signal)
      out.set(best.subarray(0, batch.count * pixels), batch.start * pixels)
      progress?.(batch.start + batch.count)
    }
  } finally {
    await stepper.release()
    await judge?.release()
  }
  return out
}

/** The restart with the largest loss wins, image by image. */
async function attackBatch(batch: Batch, pixels: number, options: AttackOptions, stepper: Session, judge: Session | undefined, signal?: AbortSignal): Promise<Float32Array> {
  const size = batch.labels.data.length
  const perImage = (value: number) => float32([size, 1, 1, 1], new Float32Array(size).fill(value))
  const [epsilon, step] = [perImage(options.epsilon), perImage(options.stepSize)]
  const best = new Float32Array(batch.x.data.length)
  const bestLoss = new Float32Array(size).fill(-Infinity)
  for (let restart = 0; restart < options.restarts; restart++) {
    let data: Float32Array = options.randomStart ? randomStart(batch.x.data, batch.start, pixels, options.epsilon, options.seed, restart) : batch.x.data
    for (let i = 0; i < options.steps; i++) {
      throwIfAborted(signal)
      const result = await stepper.run({ x: float32(batch.x.shape, data), x0: batch.x, labels: batch.labels, epsilon, step })
      data = runNumber(result.next)
    }
    if (!judge) return data
    const loss = runNumber((await judge.run({ x: float32(batch.x.shape, data), labels: batch.labels })).loss)
    for (let image = 0; image < size; image++)
      if (loss[image]! > bestLoss[image]!) {
        bestLoss[image] = loss[image]!
        best.set(data.subarray(image * pixels, (image + 1) * pixels), image * pixels)
      }
  }
  return best
}

export const fgsm: Attack = {
  name: 'fgsm',
  title: 'FGSM',
  norm: 'linf',
  reference: 'Goodfellow, Shlens & Szegedy: Explaining and harnessing adversarial examples. ICLR 2015',
  defaults: (epsilon) => ({ epsilon, steps: 1, stepSize: epsilon, randomStart: false, restarts: 1, seed: 0 }),
  // One step of the whole radius from the image itself is the definition, whatever else was asked for.
  run: (attack, x, labels, options) => run(attack, x, labels, { ...options, steps: 1, stepSize: options.epsilon, randomStart: false, restarts: 1 }),
}

export const pgd: Attack = {
  name: 'pgd',
  title: 'PGD',
  norm: 'linf',
  reference: 'Madry, Makelov, Schmidt, Tsipras & Vladu: Towards deep learning models resistant to adversarial attacks. ICLR 2018',
  defaults: (epsilon) => ({ epsilon, steps: 40, stepSize: epsilon / 4, randomStart: true, restarts: 1, seed: 0 }),
  run,
}
