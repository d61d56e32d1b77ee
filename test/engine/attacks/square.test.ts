/** Square: what it promises by its definition, and on the reference network, gradients or none. */
import { describe, expect, it } from 'vitest'
import { distances } from '../../../src/engine/attacks/bounds'
import { pgd } from '../../../src/engine/attacks/pgd'
import { predict, labelsTensor, lossGradientProgram } from '../../../src/engine/attacks/programs'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { square } from '../../../src/engine/attacks/square'
import { proposalsOf, shareAt, windowSize } from '../../../src/engine/attacks/square-proposals'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { Random } from '../../../src/engine/tensor/random'
import { attackWith } from '../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../support/reference-network'
import { linearTargetOf } from '../../support/tiny-target'

const count = 5
/** Neither square nor of one channel. */
const shape = [3, 6, 20] as const
const pixels = 3 * 6 * 20

async function answers(target: AttackTarget, x: Float32Array): Promise<Int32Array> {
  const model = new CompiledTarget(target, 8)
  return predict(model, x).finally(() => model.release())
}

const random = new Random('square images')
const x = Float32Array.from({ length: count * pixels }, () => Math.min(1, Math.max(0, random.uniform(-0.1, 1.1))))

describe.each(['linf', 'l2'] as const)('Square in %s', (norm) => {
  const target = linearTargetOf(4, [...shape])
  const asked = async () => ({ target, x, labels: await answers(target, x), norm, epsilon: norm === 'linf' ? 0.05 : 0.3, options: { queries: 40 } })

  it('stays in ball and box, lowers the margin, and says how many queries it used', async () => {
    const request = await asked()
    const { adversarial, queries } = await attackWith(square, request)
    const size = distances(x, adversarial, count)[norm]
    expect(adversarial.every((v) => v >= 0 && v <= 1)).toBe(true)
    size.forEach((d) => expect(d).toBeLessThan(request.epsilon * (1 + 1e-6) + 1e-7))
    size.forEach((d) => expect(d).toBeGreaterThan(request.epsilon / 2))
    const after = await answers(target, adversarial)
    queries!.forEach((q, i) => expect(after[i] === request.labels[i] ? q === 40 : q >= 1 && q <= 40).toBe(true))
    // A large ball is left at once, a tiny one never.
    const [large, tiny] = [await attackWith(square, { ...request, epsilon: norm === 'linf' ? 0.6 : 8, options: { queries: 300 } }), await attackWith(square, { ...request, epsilon: 1e-5 })]
    expect(Array.from(await answers(target, large.adversarial)).filter((a, i) => a !== request.labels[i])).toHaveLength(count)
    expect(Math.max(...large.queries!)).toBeLessThan(300)
    expect(Array.from(tiny.queries!)).toEqual(Array<number>(count).fill(40))
  })

  it('draws by seed and image: batch and order change nothing, another seed does', async () => {
    const request = await asked()
    const first = await attackWith(square, { ...request, batch: 2 })
    expect(await attackWith(square, { ...request, batch: 5 })).toEqual(first)
    const alone = await attackWith(square, { ...request, x: x.slice(3 * pixels, 4 * pixels), labels: request.labels.slice(3, 4), numbers: Int32Array.of(3) })
    expect(alone.adversarial).toEqual(first.adversarial.slice(3 * pixels, 4 * pixels))
    expect((await attackWith(square, { ...request, seed: 1 })).adversarial).not.toEqual(first.adversarial)
  })

  it('leaves images alone that are wrong as they are, and stops when asked', async () => {
    const request = await asked()
    const wrong = await attackWith(square, { ...request, labels: request.labels.map((l) => (l + 1) % 4) })
    expect(wrong.adversarial).toEqual(x)
    expect(Array.from(wrong.queries!)).toEqual(Array<number>(count).fill(0))
    await expect(attackWith(square, { ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('proposes changes within the windows that it names, and none else', () => {
    const proposals = proposalsOf(norm, [...shape], 0.2)
    const images = { x: x.slice(0, pixels), current: new Float32Array(pixels), proposed: x.slice(0, pixels) }
    const draws = new Random('proposals')
    proposals.begin(images, 0, draws)
    images.current.set(images.proposed)
    for (const share of [0.8, 0.1, 0.02]) {
      const windows = proposals.propose(images, 0, share, draws)
      const inside = (i: number) => windows.some(({ top, left, height, width }) => {
        const [row, column] = [Math.floor((i % 120) / 20), i % 20]
        return row >= top && row < top + height && column >= left && column < left + width
      })
      const changed = Array.from(images.proposed.keys()).filter((i) => images.proposed[i] !== images.current[i])
      expect(changed.length).toBeGreaterThan(0)
      expect(changed.every(inside)).toBe(true)
      images.proposed.set(images.current)
    }
  })
})

describe('the windows of Square', () => {
  it('shrink by the schedule of the paper, stretched to the number of queries', () => {
    expect([0, 10, 11, 51, 201, 501, 1001, 2001, 4001, 6001, 8001].map((q) => 0.8 / shareAt(q, 10_000, 0.8))).toEqual([1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    expect(shareAt(26, 5000, 0.8)).toBe(0.2)
  })
  it('keep their area where the image leaves no room for a square', () => {
    expect(windowSize(0.25, 64, 64)).toEqual({ height: 32, width: 32 })
    expect(windowSize(0.5, 10, 90)).toEqual({ height: 10, width: 45 })
    expect(windowSize(0.5, 90, 10)).toEqual({ height: 45, width: 10 })
    expect(windowSize(1e-6, 64, 64)).toEqual({ height: 1, width: 1 })
  })
})

describe.skipIf(!haveReference)('on the reference network with its logits times fifty', () => {
  const some = 16
  const images = () => ({ target: referenceTarget(50), x: reference('x').slice(0, some * 4096), labels: Int32Array.from(reference('y').slice(0, some)), epsilon: 8 / 255 })
  const broken = async (adversarial: Float32Array) => (await answers(referenceTarget(), adversarial)).filter((a, i) => a !== images().labels[i]).length

  it('gradients vanish and PGD finds next to nothing, while 500 queries break most images', async () => {
    const { target, x: clean, labels } = images()
    const model = new CompiledTarget(target, some)
    const { gradient } = await lossGradientProgram(model, 'cross-entropy').run({ x: model.images(clean), labels: labelsTensor(labels) }).finally(() => model.release())
    const zero = Array.from({ length: some }, (_, i) => (gradient!.data as Float32Array).subarray(i * 4096, (i + 1) * 4096).every((v) => v === 0))
    expect(zero.filter(Boolean).length).toBeGreaterThanOrEqual(some - 1)
    expect(await broken((await attackWith(pgd, { ...images(), options: { steps: 10 } })).adversarial)).toBeLessThanOrEqual(2)
    expect(await broken((await attackWith(square, { ...images(), options: { queries: 500 } })).adversarial)).toBeGreaterThanOrEqual(some / 2)
  })
})
