/** The joint attack where the best hiding place is known in closed form, and on the demonstration bundle's detector. */
import { describe, expect, it } from 'vitest'
import { distances, withinEpsilon } from '../../../src/engine/attacks/bounds'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { joint } from '../../../src/engine/attacks/joint'
import { pgd } from '../../../src/engine/attacks/pgd'
import { predict } from '../../../src/engine/attacks/programs'
import { pipelineTarget, type AttackTarget } from '../../../src/engine/attacks/target'
import { loadBundle } from '../../../src/engine/bundle/load'
import { matMul, reshape } from '../../../src/engine/onnx/ops'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { attackWith } from '../../support/attack-requests'
import { answersOf, imagesNearBoundary, linearTarget, linearWeights, side } from '../../support/tiny-target'

const pixels = side * side
const random = new Random('detector')
const suspicious = Float32Array.from({ length: pixels }, () => random.normal())
/** A detector that finds one direction suspicious. */
const watched: AttackTarget = {
  ...linearTarget(),
  suspicion: (g, x) => reshape(g, matMul(g, reshape(g, x, [x.shape[0]!, pixels]), g.constant(float32([pixels, 1], suspicious))), [x.shape[0]!]),
}

describe('the joint attack', () => {
  const { x, labels } = imagesNearBoundary(6)
  const asked = { target: watched, x, labels, epsilon: 0.35, norm: 'l2' as const }

  it('fools, and hides as well as the ball and the boundary allow', async () => {
    const { adversarial } = await attackWith(joint, { ...asked, options: { steps: 200 } })
    expect(answersOf(adversarial).every((answer, i) => answer !== labels[i])).toBe(true)
    expect(distances(x, adversarial, 6).l2.every((d) => withinEpsilon(d, 0.35))).toBe(true)
    const w = linearWeights()
    const u = Array.from(suspicious)
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0)
    for (let image = 0; image < 6; image++) {
      const own = x.subarray(image * pixels, (image + 1) * pixels)
      const away = Array.from({ length: pixels }, (_, i) => w[2 * i + 1 - labels[image]!]! - w[2 * i + labels[image]!]!)
      const unit = away.map((v) => v / Math.hypot(...away))
      const needed = -dot(unit, own)
      // Straight away from the detector where that fools; else along the boundary with what is left of the radius.
      const straight = u.map((v) => (-0.35 * v) / Math.hypot(...u))
      const beside = u.map((v, i) => v - dot(u, unit) * unit[i]!)
      const left = Math.sqrt(0.35 ** 2 - needed ** 2)
      const along = unit.map((v, i) => needed * v - (left * beside[i]!) / Math.hypot(...beside))
      const lowest = dot(u, dot(unit, straight) >= needed ? straight : along)
      const reached = dot(u, adversarial.subarray(image * pixels, (image + 1) * pixels).map((v, i) => v - own[i]!))
      expect(reached, `image ${image}`).toBeGreaterThanOrEqual(lowest - 1e-3)
      expect(reached, `image ${image}`).toBeLessThan(lowest + 0.05 * Math.abs(lowest) + 0.01)
    }
  })

  it('the same seed gives the same images in any batch size, in the ball and the box', async () => {
    const options = { steps: 10, restarts: 2 }
    const request = { ...asked, norm: 'linf' as const, epsilon: 0.1, options }
    const { adversarial } = await attackWith(joint, request)
    expect((await attackWith(joint, { ...request, batch: 4 })).adversarial).toEqual(adversarial)
    expect((await attackWith(joint, { ...request, seed: 1 })).adversarial).not.toEqual(adversarial)
    expect(distances(x, adversarial, 6).linf.every((d) => withinEpsilon(d, 0.1))).toBe(true)
    expect(adversarial.every((v) => v >= 0 && v <= 1)).toBe(true)
  })

  it('says what is missing where there is no detector, and stops when asked', async () => {
    await expect(attackWith(joint, { ...asked, target: linearTarget() })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('detector') as string })
    await expect(attackWith(joint, { ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('takes the demonstration bundle’s detector far below what PGD leaves behind', async () => {
    const target = pipelineTarget(await loadBundle('models/demo-phantom'), 'cpu')
    const scan = makePhantom({ seed: 900, width: 128, height: 128, kind: 'normal' }).pixels
    const request = { target, x: Float32Array.from(scan), labels: Int32Array.of(0), epsilon: 4 / 255, batch: 1 }
    const model = new CompiledTarget(target, 1)
    const judged = async (image: Float32Array) => {
      const score = await model.program('score', (g, batch) => g.output('score', target.suspicion!(g, g.input('x', [batch, 1, 128, 128])))).run({ x: model.images(image) })
      return { answer: (await predict(model, image))[0], score: Number(score['score']!.data[0]) }
    }
    const loud = await judged((await attackWith(pgd, { ...request, options: { steps: 10 } })).adversarial)
    const quiet = await judged((await attackWith(joint, { ...request, options: { steps: 25 } })).adversarial)
    expect([loud.answer, quiet.answer]).toEqual([1, 1])
    expect(quiet.score).toBeLessThan(loud.score / 2)
    await model.release()
  })
})
