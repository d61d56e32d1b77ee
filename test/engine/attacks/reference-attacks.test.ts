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
  const images = (count = 64) => ({ target: referenceTarget(), x: reference('x').slice(0, count * pixels), labels: Int32Array.from(reference('y').slice(0, count)) })
  /** Forty steps for each of 64 images would take the better part of a minute on a busy machine. */
  const some = 16

  it('FGSM at 8/255 gives the reference images', async () => {
    const { adversarial } = await attackWith(fgsm, { ...images(), epsilon: 8 / 255 })
    const { share, gradients } = expectAgreement(adversarial, reference('g_fgsm'))
    expect(share).toBeLessThan(2e-3)
    expect(Math.max(...gradients), 'only where the gradient is nearly zero').toBeLessThan(1e-6)
  })

  it('PGD-40 at 8/255 from the image itself gives the reference images', async () => {
    const { adversarial } = await attackWith(pgd, { ...images(some), epsilon: 8 / 255, batch: 12, options: { stepSize: 2 / 255, randomStart: 0 } })
    expect(expectAgreement(adversarial, reference('g_pgd40_norand').slice(0, some * pixels)).share).toBeLessThan(2e-3)
  })

  it('PGD-40 in L2 at 0.5 from the image itself gives the reference images', async () => {
    const { adversarial } = await attackWith(pgd, { ...images(some), norm: 'l2', epsilon: 0.5, options: { stepSize: 0.1, randomStart: 0 } })
    const golden = reference('g_pgdl2_40_norand')
    const far = Array.from({ length: some }, (_, image) => Array.from({ length: pixels }, (_, i) => image * pixels + i).filter((i) => Math.abs(adversarial[i]! - golden[i]!) > 1e-4).length)
    expect(far.reduce((a, b) => a + b, 0) / (some * pixels)).toBeLessThan(1e-3)
  })
})
