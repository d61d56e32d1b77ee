/**
 * What a purifier does for its classifier, counted: on clean images, under an attacker who knows the classifier alone
 * (oblivious), and under one who knows both (adaptive). The second figure always stands beside the first.
 */
import { numbered } from '../attacks/attack'
import { batches } from '../attacks/batches'
import { CompiledTarget } from '../attacks/compiled-target'
import { predictedClasses } from '../attacks/image-lists'
import { pgd } from '../attacks/pgd'
import type { AttackTarget } from '../attacks/target'
import type { ParameterLayout, ParameterSource } from '../nn/parameters'
import { purified, type PurifierShape } from '../nn/purifier'
import { GraphBuilder, type Value } from '../onnx/builder'
import { createSession, type Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'
import { accuracyOf, type Accuracy } from './evaluate'
import { attackedImages, InnerAttack } from './inner-attack'
import { someOf, type LabelledImages } from './training-data'

/** Strengths at which the purifier is measured, in 1/255. */
const epsilons = [2, 4, 8]
/** Those at which the attacker knows the purifier too. */
const adaptiveEpsilons = [2, 4]
const steps = 10
const batch = 16
/** Most images on which the adaptive attack is measured: it costs several times the oblivious one. */
const mostAdaptive = 96
/** Most images whose attacked copies are kept: they are wanted again, and more would fill the memory. */
const mostKept = 200

/** The classifier's logits on what a purifier with these parameters makes of the image. */
export const throughPurifier =
  (target: AttackTarget, shape: PurifierShape) =>
  (g: GraphBuilder, p: ParameterSource, x: Value): Value =>
    target.logits(g, purified(g, p, x, shape))

export class PurifierMeter {
  private readonly kept = new Map<LabelledImages, Map<number, LabelledImages>>()

  private constructor(
    private readonly session: Session,
    private readonly adaptive: InnerAttack,
    private readonly target: AttackTarget,
    private readonly signal: AbortSignal,
  ) {}

  /** One session with the weights as an input serves every epoch. */
  static async create(layout: ParameterLayout, target: AttackTarget, shape: PurifierShape, signal: AbortSignal): Promise<PurifierMeter> {
    const g = new GraphBuilder()
    const weights = g.input('weights', [layout.size])
    const x = g.input('x', [batch, ...target.imageShape])
    g.output('bare', target.logits(g, x))
    const image = purified(g, layout.slices(g, weights), x, shape)
    g.output('image', image)
    g.output('purified', target.logits(g, image))
    const session = await createSession(g.toBytes(), { provider: target.provider })
    try {
      return new PurifierMeter(session, await InnerAttack.create(layout, target, throughPurifier(target, shape), batch), target, signal)
    } catch (error) {
      await session.release()
      throw error
    }
  }

  /** With and without the purifier. */
  async accuracy(weights: Float32Array, images: LabelledImages): Promise<{ bare: Accuracy; purified: Accuracy }> {
    const found = await this.outputs(weights, images, ['bare', 'purified'])
    const of = (logits: Float32Array): Accuracy => accuracyOf(predictedClasses(logits, images.classes.length), images.labels, images.classes.length)
    return { bare: of(found.bare), purified: of(found.purified) }
  }

  /** What the purifier makes of a few images, [n, C, H, W], and the classifier's logits on them as they are and purified. */
  look(weights: Float32Array, images: LabelledImages): Promise<Record<'image' | 'bare' | 'purified', Float32Array>> {
    return this.outputs(weights, images, ['image', 'bare', 'purified'])
  }

  /** Outputs of the session on all images, from one pass over them. */
  private async outputs<K extends 'image' | 'bare' | 'purified'>(weights: Float32Array, images: LabelledImages, names: readonly K[]): Promise<Record<K, Float32Array>> {
    const [vector, n] = [float32([weights.length], weights), images.labels.length]
    const lengthOf = (name: K): number => (name === 'image' ? images.x.length : n * this.target.classes.length)
    const found = Object.fromEntries(names.map((name) => [name, new Float32Array(lengthOf(name))])) as Record<K, Float32Array>
    for (const { x, start, count } of batches(images.x, images.labels, batch, this.target.imageShape)) {
      const outputs = await this.session.run({ x, weights: vector })
      for (const name of names) {
        const each = found[name].length / n
        found[name].set((outputs[name]!.data as Float32Array).subarray(0, count * each), start * each)
      }
    }
    return found
  }

  /** The same images under PGD against the bare classifier, at k/255. Of few images they are made once. */
  async attacked(images: LabelledImages, k: number): Promise<LabelledImages> {
    const kept = this.kept.get(images) ?? new Map<number, LabelledImages>()
    const made = kept.get(k) ?? (await this.attack(images, k))
    if (images.labels.length <= mostKept) this.kept.set(images, kept.set(k, made))
    return made
  }

  private async attack(images: LabelledImages, k: number): Promise<LabelledImages> {
    const model = new CompiledTarget(this.target, batch)
    const epsilon = k / 255
    const { x, labels } = images
    const request = { model, x, labels, norm: 'linf', epsilon, options: { ...pgd.defaults(epsilon, 'linf'), steps }, seed: 0, numbers: numbered(labels.length), signal: this.signal } as const
    return { ...images, x: (await pgd.run(request).finally(() => model.release())).adversarial }
  }

  /** Every figure that goes into the record and onto the card. */
  async all(weights: Float32Array, images: LabelledImages): Promise<Record<string, number>> {
    const clean = await this.accuracy(weights, images)
    const results: Record<string, number> = {
      accuracy: clean.bare.accuracy,
      balancedAccuracy: clean.bare.balancedAccuracy,
      accuracyPurified: clean.purified.accuracy,
      balancedAccuracyPurified: clean.purified.balancedAccuracy,
    }
    for (const k of epsilons) {
      const under = await this.accuracy(weights, await this.attacked(images, k))
      results[`pgd${steps}At${k}of255`] = under.bare.accuracy
      results[`pgd${steps}At${k}of255Purified`] = under.purified.accuracy
    }
    for (const k of adaptiveEpsilons) results[`adaptivePgd${steps}At${k}of255Purified`] = await this.adaptiveAccuracy(weights, images, k)
    return results
  }

  /** Through the purifier, under PGD by an attacker who knows it too, on at most `mostAdaptive` images. */
  async adaptiveAccuracy(weights: Float32Array, images: LabelledImages, k: number): Promise<number> {
    const some = someOf(images, mostAdaptive)
    return (await this.accuracy(weights, await attackedImages(this.adaptive, weights, some, batch, k / 255))).purified.accuracy
  }

  async release(): Promise<void> {
    await this.session.release()
    await this.adaptive.release()
  }
}
