/**
 * Attacks on a network while it learns: a step of the projected gradient method as one graph that takes the current
 * weights as an input, so that it is compiled once and attacks what the network has become.
 */
import { batches } from '../attacks/batches'
import { perImage, writeStep } from '../attacks/programs'
import type { AttackLoss } from '../attacks/losses'
import type { AttackTarget } from '../attacks/target'
import type { ParameterLayout, ParameterSource } from '../nn/parameters'
import { GraphBuilder, type Value } from '../onnx/builder'
import type { Feed } from '../runtime/convert'
import { createSession, type Session } from '../runtime/session'
import { Random } from '../tensor/random'
import { float32, type Tensor } from '../tensor/tensor'
import { imageLength, type LabelledImages } from './training-data'

/** What a step is taken with, one value per image. */
export interface Strength {
  epsilons: Float32Array
  steps: number
}

export type StepRunner = (feeds: Record<string, Tensor>) => Promise<Float32Array>

export const clamp01 = (v: number): number => Math.min(1, Math.max(0, v))

/** Uniform noise within each image's ε, clipped to [0, 1]. */
export function noisyStart(x: Tensor<'float32'>, epsilons: Float32Array, random: Random): Float32Array {
  const pixels = x.data.length / epsilons.length
  const start = new Float32Array(x.data.length)
  for (let i = 0; i < start.length; i++) start[i] = clamp01(x.data[i]! + random.uniform(-1, 1) * epsilons[Math.floor(i / pixels)]!)
  return start
}

/** `steps` steps of sign ascent from `start`; with several steps each is larger than its share, so that the bound is reached. */
export async function ascend(run: StepRunner, x: Tensor<'float32'>, labels: Tensor<'int64'>, start: Float32Array, { epsilons, steps }: Strength): Promise<Float32Array> {
  const step = perImage(epsilons.map((e) => (steps === 1 ? e : (1.5 * e) / steps)))
  let data = start
  for (let k = 0; k < steps; k++) data = await run({ x: float32(x.shape, data), x0: x, labels, epsilon: perImage(epsilons), step })
  return data
}

export class InnerAttack {
  private constructor(private readonly session: Session) {}

  /**
   * @param target whose image shape, classes and provider are used; its logits are those of `logits`
   * @param batch images per step, exactly
   */
  static async create(
    layout: ParameterLayout,
    target: Pick<AttackTarget, 'imageShape' | 'classes' | 'provider'>,
    logits: (g: GraphBuilder, p: ParameterSource, x: Value) => Value,
    batch: number,
    loss: AttackLoss = 'cross-entropy',
  ): Promise<InnerAttack> {
    const g = new GraphBuilder()
    const p = layout.slices(g, g.input('weights', [layout.size]))
    writeStep(g, { ...target, description: 'a network in training', logits: (_, x) => logits(g, p, x) }, 'linf', loss, batch)
    return new InnerAttack(await createSession(g.toBytes(), { provider: target.provider }))
  }

  /** @param x [batch, C, H, W] */
  async run(weights: Feed, x: Tensor<'float32'>, labels: Tensor<'int64'>, strength: Strength, random: Random): Promise<Float32Array> {
    const step: StepRunner = async (feeds) => (await this.session.run({ ...feeds, weights }))['next']!.data as Float32Array
    return ascend(step, x, labels, noisyStart(x, strength.epsilons, random), strength)
  }

  release(): Promise<void> {
    return this.session.release()
  }
}

/** Every second image of a batch attacked, the others as they are. */
export async function halfAttacked(attack: InnerAttack, weights: Feed, x: Tensor<'float32'>, labels: Tensor<'int64'>, { epsilon, steps }: { epsilon: number; steps: number }, random: Random): Promise<Tensor<'float32'>> {
  const count = x.shape[0]!
  const out = (await attack.run(weights, x, labels, { epsilons: new Float32Array(count).fill(epsilon), steps }, random)).slice()
  const pixels = out.length / count
  for (let i = 1; i < count; i += 2) out.set(x.data.subarray(i * pixels, (i + 1) * pixels), i * pixels)
  return float32(x.shape, out)
}

const measuringSteps = 10

/** The same images under ten steps against the network with these weights; the same every time. @param batch as the attack was made for */
export async function attackedImages(attack: InnerAttack, weights: Float32Array, images: LabelledImages, batch: number, epsilon: number): Promise<LabelledImages> {
  const { channels, height, width } = images.size
  const x = new Float32Array(images.x.length)
  const pixels = imageLength(images.size)
  const vector = float32([weights.length], weights)
  for (const b of batches(images.x, images.labels, batch, [channels, height, width])) {
    const out = await attack.run(vector, b.x, b.labels, { epsilons: new Float32Array(batch).fill(epsilon), steps: measuringSteps }, new Random(`measured ${b.start}`))
    x.set(out.subarray(0, b.count * pixels), b.start * pixels)
  }
  return { ...images, x }
}
