/** DeepFool where the nearest boundary is known in closed form, and against two attack libraries on the same network. */
import { describe, expect, it } from 'vitest'
import { distances } from '../../../src/engine/attacks/bounds'
import { deepfool } from '../../../src/engine/attacks/deepfool'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { mul } from '../../../src/engine/onnx/ops'
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
