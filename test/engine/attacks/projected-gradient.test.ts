/** What every L∞ attack promises, on a classifier whose best attack is known in closed form. */
import { describe, expect, it } from 'vitest'
import { fgsm } from '../../../src/engine/attacks/fgsm'
import { pgd } from '../../../src/engine/attacks/pgd'
import { Random } from '../../../src/engine/tensor/random'
import { attackWith } from '../../support/attack-requests'
import { linearTarget, linearWeights, side } from '../../support/tiny-target'

const count = 7
const pixels = side * side
const random = new Random('images')
const x = Float32Array.from({ length: count * pixels }, () => random.next())
const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
const epsilon = 0.07
const asked = { target: linearTarget(), batch: 3, x, labels, epsilon }

/** On a linear classifier each pixel goes by ε against the true class, up to the box. */
function best(): Float32Array {
  const w = linearWeights()
  return x.map((v, i) => {
    const pixel = i % pixels
    const label = labels[Math.floor(i / pixels)]!
    const direction = Math.sign(w[2 * pixel + (1 - label)]! - w[2 * pixel + label]!)
    return Math.min(1, Math.max(0, Math.fround(v + Math.fround(direction * Math.fround(epsilon)))))
  })
}

describe('on a linear classifier', () => {
  it('one step of FGSM is the best attack there is, whatever the batch size', async () => {
    const expected = Array.from(best())
    for (const batch of [1, 3, 7]) {
      const { adversarial: ours } = await attackWith(fgsm, { ...asked, batch })
      expect(Array.from(ours).every((v, i) => Math.abs(v - expected[i]!) < 1e-6), `batch of ${batch}`).toBe(true)
    }
  })

  it('PGD with a random start arrives there too', async () => {
    const { adversarial: ours } = await attackWith(pgd, { ...asked, options: { steps: 12 } })
    const expected = best()
    expect(ours.every((v, i) => Math.abs(v - expected[i]!) < 1e-6)).toBe(true)
  })

  it('stays in the ball and the box at every number of steps and restarts', async () => {
    for (const steps of [1, 3])
      for (const restarts of [1, 2]) {
        const { adversarial: ours } = await attackWith(pgd, { ...asked, options: { steps, restarts, stepSize: 0.05 } })
        expect(ours.every((v, i) => v >= 0 && v <= 1 && Math.abs(v - x[i]!) <= epsilon * (1 + 1e-6) + 1e-7)).toBe(true)
      }
  })

  it('the same seed gives the same images in any batch size, another seed others', async () => {
    const options = { steps: 1, stepSize: 0.01 }
    const first = await attackWith(pgd, { ...asked, options })
    expect(await attackWith(pgd, { ...asked, batch: 2, options })).toEqual(first)
    expect(await attackWith(pgd, { ...asked, options, seed: 1 })).not.toEqual(first)
  })

  it('stops when asked', async () => {
    await expect(attackWith(pgd, { ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})
