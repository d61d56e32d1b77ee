/** DeepFool where the nearest boundary is known in closed form, and against two attack libraries on the same network. */
import { describe, expect, it } from 'vitest'
import { distances } from '../../../src/engine/attacks/bounds'
import { deepfool } from '../../../src/engine/attacks/deepfool'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { predict } from '../../../src/engine/attacks/programs'
import { matMul, mul, reshape } from '../../../src/engine/onnx/ops'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { attackWith } from '../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../support/reference-network'
import { answersOf, boundaryDistances, imagesNearBoundary, linearTarget, side } from '../../support/tiny-target'

const pixels = side * side

describe('DeepFool on a linear classifier', () => {
  const { x, labels } = imagesNearBoundary(9)
  const asked = { target: linearTarget(), x, labels, epsilon: 1 }

  it.each(['l2', 'linf'] as const)('in %s goes as far as the boundary and two hundredths further, in any batch size', async (norm) => {
    const { adversarial } = await attackWith(deepfool, { ...asked, norm })
    const reached = distances(x, adversarial, labels.length)[norm]
    boundaryDistances(x, norm).forEach((d, i) => expect(reached[i]! / (d + 1e-4), `image ${i}`).toBeCloseTo(1.02, 3))
    expect(answersOf(adversarial).every((answer, i) => answer !== labels[i])).toBe(true)
    for (const batch of [1, 4]) {
      const other = (await attackWith(deepfool, { ...asked, norm, batch })).adversarial
      expect(Math.max(...other.map((v, i) => Math.abs(v - adversarial[i]!)))).toBeLessThan(1e-5)
    }
  })

  it('leaves images alone that are misclassified already, and those it finds nothing for', async () => {
    const wrong = labels.map((label, i) => (i < 3 ? 1 - label : label))
    const { adversarial } = await attackWith(deepfool, { ...asked, labels: wrong })
    expect(adversarial.subarray(0, 3 * pixels)).toEqual(x.subarray(0, 3 * pixels))
    const constant: AttackTarget = { ...linearTarget(), logits: (g, v) => mul(g, linearTarget().logits(g, v), 0) }
    const nothing = await attackWith(deepfool, { ...asked, target: constant, labels: new Int32Array(9) })
    expect(nothing.adversarial).toEqual(x)
  })

  it('looks at the likeliest of a thousand classes', async () => {
    const random = new Random('thousand')
    const weights = Float32Array.from({ length: pixels * 1000 }, () => random.normal())
    const target: AttackTarget = {
      ...linearTarget(),
      classes: Array.from({ length: 1000 }, (_, i) => String(i)),
      logits: (g, v) => matMul(g, reshape(g, v, [v.shape[0]!, pixels]), g.constant(float32([pixels, 1000], weights))),
    }
    const model = new CompiledTarget(target, 9)
    const own = await predict(model, x)
    const { adversarial } = await attackWith(deepfool, { ...asked, target, labels: own })
    const answers = await predict(model, adversarial)
    await model.release()
    expect(answers.every((answer, i) => answer !== own[i])).toBe(true)
    const logit = (image: number, c: number) => Array.from({ length: pixels }, (_, i) => x[image * pixels + i]! * weights[i * 1000 + c]!).reduce((a, b) => a + b, 0)
    distances(x, adversarial, 9).l2.forEach((reached, image) => {
      const away = Array.from({ length: 1000 }, (_, c) => {
        const size = Math.hypot(...Array.from({ length: pixels }, (_, i) => weights[i * 1000 + c]! - weights[i * 1000 + own[image]!]!))
        return c === own[image] ? Infinity : (logit(image, own[image]!) - logit(image, c)) / size
      })
      expect(reached, `image ${image}`).toBeGreaterThanOrEqual(Math.min(...away))
    })
  })

  it('stops when asked', async () => {
    await expect(attackWith(deepfool, { ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.skipIf(!haveReference)('DeepFool on the reference network', () => {
  it('needs what Foolbox and torchattacks need, image by image', async () => {
    const count = 24
    const x = reference('x').slice(0, count * 4096)
    const { adversarial } = await attackWith(deepfool, { target: referenceTarget(), x, labels: Int32Array.from(reference('y').slice(0, count)), epsilon: 1 })
    const ours = distances(x, adversarial, count).l2
    for (const library of ['foolbox', 'torchattacks']) {
      const golden = distances(x, reference(`g_deepfool_l2_${library}`).slice(0, count * 4096), count).l2
      ours.forEach((d, i) => expect(d / golden[i]!, `${library}, image ${i}`).toBeCloseTo(1, 1))
      const middle = (v: Float64Array) => Float64Array.from(v).sort()[count >> 1]!
      expect(middle(ours) / middle(golden)).toBeCloseTo(1, 2)
    }
  })
})
