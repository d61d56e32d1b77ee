/**
 * Attacked twins for purifier training, made on the fly: random strength, one to a few steps, two losses, with and
 * without a random start, and a share of merely noisy images, so that the purifier neither learns one attack by heart
 * nor mistakes every noise for one. The attacker knows the frozen classifier alone, or, for a share of the batches, the
 * purifier as it is at that moment too.
 */
import { CompiledTarget } from '../attacks/compiled-target'
import { stepProgram } from '../attacks/programs'
import type { AttackTarget } from '../attacks/target'
import type { Feed } from '../runtime/convert'
import type { Random } from '../tensor/random'
import { float32, type Tensor } from '../tensor/tensor'
import { ascend, clamp01, noisyStart, type InnerAttack, type StepRunner } from './inner-attack'

export interface TwinOptions {
  /** Largest ε. */
  epsilon: number
  /** Most steps of an attack. */
  steps: number
  /** Share of images with noise in place of an attack. */
  noisyShare: number
  /** Share of batches attacked by somebody who knows the purifier too. */
  adaptiveShare: number
  /** Largest ε of those. */
  adaptiveEpsilon: number
  /** Their steps. */
  adaptiveSteps: number
}

const smallestEpsilon = 0.5 / 255

/** Half of them log-uniform, since weak attacks matter as much as strong ones; half uniform, since strong ones are harder. */
function drawEpsilons(count: number, largest: number, random: Random): Float32Array {
  const top = Math.max(largest, smallestEpsilon)
  return Float32Array.from({ length: count }, () => (random.next() < 0.5 ? smallestEpsilon * (top / smallestEpsilon) ** random.next() : random.uniform(smallestEpsilon, top)))
}

export class TwinMaker {
  private readonly model: CompiledTarget

  /** @param adaptive the attack through the purifier, where `options.adaptiveShare` is above 0 */
  constructor(
    target: AttackTarget,
    batch: number,
    private readonly options: TwinOptions,
    private readonly adaptive?: InnerAttack,
  ) {
    this.model = new CompiledTarget(target, batch)
  }

  /** @param x [batch, C, H, W]. Every draw comes from `random`. @param weights the purifier's */
  async make(x: Tensor<'float32'>, labels: Tensor<'int64'>, random: Random, weights: Feed): Promise<Tensor<'float32'>> {
    const { options } = this
    const batch = x.shape[0]!
    if (this.adaptive && random.next() < options.adaptiveShare) {
      const epsilons = Float32Array.from({ length: batch }, () => random.uniform(smallestEpsilon, Math.max(smallestEpsilon, options.adaptiveEpsilon)))
      return float32(x.shape, await this.adaptive.run(weights, x, labels, { epsilons, steps: options.adaptiveSteps }, random))
    }
    const epsilons = drawEpsilons(batch, options.epsilon, random)
    const noisy = Array.from({ length: batch }, () => random.next() < options.noisyShare)
    const gaussian = Array.from({ length: batch }, () => random.next() < 0.5)
    const steps = 1 + random.integer(options.steps)
    const stepper = stepProgram(this.model, 'linf', random.next() < 0.5 ? 'cross-entropy' : 'margin')
    const step: StepRunner = async (feeds) => (await stepper.run(feeds))['next']!.data as Float32Array
    const start = random.next() < 0.75 ? noisyStart(x, epsilons, random) : x.data
    const out = (await ascend(step, x, labels, start, { epsilons, steps })).slice()
    const pixels = x.data.length / batch
    for (let image = 0; image < batch; image++)
      if (noisy[image])
        for (let i = image * pixels; i < (image + 1) * pixels; i++)
          out[i] = clamp01(x.data[i]! + epsilons[image]! * (gaussian[image] ? random.normal() : random.next() < 0.5 ? -1 : 1))
    return float32(x.shape, out)
  }

  release(): Promise<void> {
    return this.model.release()
  }
}
