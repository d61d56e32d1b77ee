/** FGSM and PGD against what PyTorch's attack libraries produced on the same network (../shared/data/reference/c10). */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fgsm, pgd } from '../../../src/engine/attacks/projected-gradient'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { readModel } from '../../../src/engine/onnx/reader'
import { decodeNpy } from '../../../src/engine/tensor/npy'
import { toNumbers } from '../../../src/engine/tensor/tensor'
import { haveShared, sharedData } from '../../support/shared-data'

const folder = resolve(sharedData, 'reference/c10')
const load = (name: string) => decodeNpy(readFileSync(resolve(folder, `${name}.npy`)))

describe.skipIf(!haveShared('reference/c10'))('on the reference network', () => {
  const model = () => readModel(readFileSync(resolve(folder, 'net.onnx')))
  const target = (): AttackTarget => {
    const net = model()
    return { description: 'c10', imageShape: [1, 64, 64], classes: Array.from({ length: 10 }, (_, i) => String(i)), provider: 'cpu', logits: (g, x) => g.inline(net, { x }).logits! }
  }
  const x = () => load('x').data as Float32Array
  const labels = () => Int32Array.from(toNumbers(load('y')))

  /**
   * Two implementations agree but for signs of gradients that are rounding alone. One image of the reference set is so
   * surely classified that all of its gradient is: 293 of the 315 pixels in which FGSM differs are its.
   */
  function expectAgreement(ours: Float32Array, golden: Float32Array) {
    const gradient = load('g_grad_ce_sum').data as Float32Array
    const largest = gradient.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    const different = Array.from(ours.keys()).filter((i) => Math.abs(ours[i]! - golden[i]!) > 1e-5)
    console.log(`${different.length} of ${ours.length} pixels differ (${((100 * different.length) / ours.length).toFixed(4)} %)`)
    expect(different.length / ours.length).toBeLessThan(2e-3)
    return different.map((i) => Math.abs(gradient[i]!) / largest)
  }

  it('FGSM at 8/255 gives the reference images', async () => {
    const ours = await fgsm.run({ target: target(), batch: 16 }, x(), labels(), fgsm.defaults(8 / 255))
    const gradients = expectAgreement(ours, load('g_fgsm').data as Float32Array)
    expect(Math.max(...gradients), 'only where the gradient is nearly zero').toBeLessThan(1e-6)
  })

  it('PGD-40 at 8/255 from the image itself gives the reference images', async () => {
    const options = { ...pgd.defaults(8 / 255), stepSize: 2 / 255, randomStart: false }
    const ours = await pgd.run({ target: target(), batch: 24 }, x(), labels(), options)
    expectAgreement(ours, load('g_pgd40_norand').data as Float32Array)
  })
})
