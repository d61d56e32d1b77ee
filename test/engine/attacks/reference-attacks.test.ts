/** FGSM and PGD against what PyTorch's attack libraries produced on the same network (../shared/data/reference/c10). */
import { describe, expect, it } from 'vitest'
import { fgsm } from '../../../src/engine/attacks/fgsm'
import { pgd } from '../../../src/engine/attacks/pgd'
import { attackWith } from '../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../support/reference-network'

const pixels = 64 * 64

describe.skipIf(!haveReference)('on the reference network', () => {
  /**
   * Two implementations agree but for signs of gradients that are rounding alone. One image of the reference set is so
   * surely classified that all of its gradient is: 293 of the 315 pixels in which FGSM differs are its.
   */
  function expectAgreement(ours: Float32Array, golden: Float32Array) {
    const gradient = reference('g_grad_ce_sum')
    const largest = gradient.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    const different = Array.from(ours.keys()).filter((i) => Math.abs(ours[i]! - golden[i]!) > 1e-5)
    console.log(`${different.length} of ${ours.length} pixels differ (${((100 * different.length) / ours.length).toFixed(4)} %)`)
    return { share: different.length / ours.length, gradients: different.map((i) => Math.abs(gradient[i]!) / largest) }
  }
  const images = () => ({ target: referenceTarget(), x: reference('x'), labels: Int32Array.from(reference('y')) })

  it('FGSM at 8/255 gives the reference images', async () => {
    const { adversarial } = await attackWith(fgsm, { ...images(), epsilon: 8 / 255 })
    const { share, gradients } = expectAgreement(adversarial, reference('g_fgsm'))
    expect(share).toBeLessThan(2e-3)
    expect(Math.max(...gradients), 'only where the gradient is nearly zero').toBeLessThan(1e-6)
  })

  it('PGD-40 at 8/255 from the image itself gives the reference images', async () => {
    const { adversarial } = await attackWith(pgd, { ...images(), epsilon: 8 / 255, batch: 24, options: { stepSize: 2 / 255, randomStart: 0 } })
    expect(expectAgreement(adversarial, reference('g_pgd40_norand')).share).toBeLessThan(2e-3)
  })

  it('PGD-40 in L2 at 0.5 from the image itself gives the reference images', async () => {
    const { adversarial } = await attackWith(pgd, { ...images(), norm: 'l2', epsilon: 0.5, options: { stepSize: 0.1, randomStart: 0 } })
    // Along a unit vector made of rounding two implementations go different ways: image 51 has a gradient of 6e-10 in all,
    // made of probabilities that single precision keeps in steps of 6e-8.
    const rounding = (image: number) => Math.hypot(...reference('g_grad_ce_sum').subarray(image * pixels, (image + 1) * pixels)) < 1e-9
    const judged = Array.from({ length: 64 }, (_, image) => image).filter((image) => !rounding(image))
    expect(judged.length).toBeGreaterThanOrEqual(62)
    const golden = reference('g_pgdl2_40_norand')
    const far = judged.map((image) => Array.from({ length: pixels }, (_, i) => image * pixels + i).filter((i) => Math.abs(adversarial[i]! - golden[i]!) > 1e-4).length)
    expect(far.reduce((a, b) => a + b, 0) / (judged.length * pixels)).toBeLessThan(1e-3)
  })
})
