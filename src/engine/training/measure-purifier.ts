/**
 * What a purifier does for its classifier, counted: on clean images, under an attacker who knows the classifier alone
 * (oblivious), and under one who knows both (adaptive). The second figure always stands beside the first.
 */
import { numbered } from '../attacks/attack'
import { CompiledTarget } from '../attacks/compiled-target'
import { pgd } from '../attacks/pgd'
import type { AttackTarget } from '../attacks/target'
import type { ParameterLayout } from '../nn/parameters'
import { purified, type PurifierShape } from '../nn/purifier'
import { GraphBuilder } from '../onnx/builder'
import { createSession, type Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'
import { accuracyOf, predict, type Accuracy } from './evaluate'
import { imageLength, type LabelledImages } from './training-data'

/** Strengths at which the purifier is measured, in 1/255. */
const epsilons = [2, 4]
const steps = 10
const batch = 16
/** Most images on which the adaptive attack is measured: it costs several times the oblivious one. */
const mostAdaptive = 96

export class PurifierMeter {
  private constructor(
    private readonly session: Session,
    private readonly layout: ParameterLayout,
    private readonly target: AttackTarget,
    private readonly shape: PurifierShape,
    private readonly signal: AbortSignal,
  ) {}

  /** One session with the weights as an input serves every epoch. */
  static async create(layout: ParameterLayout, target: AttackTarget, shape: PurifierShape, signal: AbortSignal): Promise<PurifierMeter> {
    const g = new GraphBuilder()
    const weights = g.input('weights', [layout.size])
    const x = g.input('x', [batch, ...target.imageShape])
    g.output('bare', target.logits(g, x))
    g.output('purified', target.logits(g, purified(g, layout.slices(g, weights), x, shape)))
    return new PurifierMeter(await createSession(g.toBytes(), { provider: target.provider }), layout, target, shape, signal)
  }

  /** With and without the purifier. */
  async accuracy(weights: Float32Array, images: LabelledImages): Promise<{ bare: Accuracy; purified: Accuracy }> {
    const vector = float32([weights.length], weights)
    const by = async (output: 'bare' | 'purified') =>
      accuracyOf(await predict(images, batch, async (x) => (await this.session.run({ x, weights: vector }))[output]!), images.labels, images.classes.length)
    return { bare: await by('bare'), purified: await by('purified') }
  }

  /** The same images under PGD against the bare classifier, at k/255. */
  attacked(images: LabelledImages, k: number): Promise<LabelledImages> {
    return this.attackedBy(this.target, images, k)
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
    const both: AttackTarget = {
      ...this.target,
      logits: (g, x) => this.target.logits(g, purified(g, this.layout.constants(g, weights), x, this.shape)),
    }
    const some = subset(images, mostAdaptive)
    for (const k of epsilons) results[`adaptivePgd${steps}At${k}of255Purified`] = (await this.accuracy(weights, await this.attackedBy(both, some, k))).purified.accuracy
    return results
  }

  private async attackedBy(target: AttackTarget, images: LabelledImages, k: number): Promise<LabelledImages> {
    const model = new CompiledTarget(target, batch)
    const epsilon = k / 255
    const { x, labels } = images
    const request = { model, x, labels, norm: 'linf', epsilon, options: { ...pgd.defaults(epsilon, 'linf'), steps }, seed: 0, numbers: numbered(labels.length), signal: this.signal } as const
    return { ...images, x: (await pgd.run(request).finally(() => model.release())).adversarial }
  }

  release(): Promise<void> {
    return this.session.release()
  }
}

/** At most `count` of the images, evenly over the list and so over the classes. */
function subset(images: LabelledImages, count: number): LabelledImages {
  if (images.labels.length <= count) return images
  const length = imageLength(images.size)
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * images.labels.length) / count))
  const x = new Float32Array(count * length)
  chosen.forEach((from, to) => x.set(images.x.subarray(from * length, (from + 1) * length), to * length))
  return { ...images, x, labels: Int32Array.from(chosen, (i) => images.labels[i]!) }
}
