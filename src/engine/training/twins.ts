/**
 * Attacked twins for purifier training, made on the fly against the frozen classifier: random strength, one to a few
 * steps, and a share of merely noisy images, so that the purifier neither learns one attack by heart nor mistakes every
 * noise for one.
 */
import { CompiledTarget } from '../attacks/compiled-target'
import { perImage, stepProgram } from '../attacks/programs'
import type { AttackTarget } from '../attacks/target'
import type { Random } from '../tensor/random'
import { float32, sizeOf, type Tensor } from '../tensor/tensor'

export interface TwinOptions {
  /** Largest ε. */
  epsilon: number
  /** Most steps of an attack. */
  steps: number
  /** Share of images with noise in place of an attack. */
  noisyShare: number
}

const smallestEpsilon = 0.5 / 255

export class TwinMaker {
  private readonly model: CompiledTarget

  constructor(
    private readonly target: AttackTarget,
    batch: number,
    private readonly options: TwinOptions,
  ) {
    this.model = new CompiledTarget(target, batch)
  }

  /** @param x [batch, C, H, W]. Every draw comes from `random`. */
  async make(x: Tensor<'float32'>, labels: Tensor<'int64'>, random: Random): Promise<Tensor<'float32'>> {
    const batch = x.shape[0]!
    const pixels = sizeOf(this.target.imageShape)
    // Log-uniform: weak attacks are as important as strong ones.
    const epsilons = Float32Array.from({ length: batch }, () => smallestEpsilon * (Math.max(this.options.epsilon, smallestEpsilon) / smallestEpsilon) ** random.next())
    const noisy = Array.from({ length: batch }, () => random.next() < this.options.noisyShare)
    const gaussian = Array.from({ length: batch }, () => random.next() < 0.5)
    const steps = 1 + random.integer(this.options.steps)

    const start = new Float32Array(x.data.length)
    for (let i = 0; i < start.length; i++) start[i] = clamp(x.data[i]! + random.uniform(-1, 1) * epsilons[Math.floor(i / pixels)]!)
    // With several steps each is larger than its share, so that the bound is reached.
    const stepSizes = epsilons.map((e) => (steps === 1 ? e : (1.5 * e) / steps))
    let data: Float32Array = start
    const stepper = stepProgram(this.model, 'linf', 'cross-entropy')
    for (let k = 0; k < steps; k++)
      data = (await stepper.run({ x: float32(x.shape, data), x0: x, labels, epsilon: perImage(epsilons), step: perImage(stepSizes) }))['next']!.data as Float32Array

    const out = data.slice()
    for (let image = 0; image < batch; image++)
      if (noisy[image])
        for (let i = image * pixels; i < (image + 1) * pixels; i++)
          out[i] = clamp(x.data[i]! + epsilons[image]! * (gaussian[image] ? random.normal() : random.next() < 0.5 ? -1 : 1))
    return float32(x.shape, out)
  }

  release(): Promise<void> {
    return this.model.release()
  }
}

const clamp = (v: number): number => Math.min(1, Math.max(0, v))
