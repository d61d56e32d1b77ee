/** APGD against the losses that the authors' implementation reached, and where the best attack is known in closed form. */
import { describe, expect, it } from 'vitest'
import { apgd, apgdDlr, apgdTargeted } from '../../../../src/engine/attacks/autoattack/apgd'
import { autoPgd, checkpoints } from '../../../../src/engine/attacks/autoattack/auto-pgd'
import { CompiledTarget } from '../../../../src/engine/attacks/compiled-target'
import { attackWith } from '../../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../../support/reference-network'
import { answersOf, boundaryDistances, imagesNearBoundary, linearTarget, side } from '../../../support/tiny-target'

const pixels = side * side
const count = 6
const { x, labels } = imagesNearBoundary(count)

describe('APGD on a linear classifier', () => {
  it.each(['linf', 'l2'] as const)('breaks in %s exactly the images whose boundary is within reach', async (norm) => {
    const reach = boundaryDistances(x, norm)
    const epsilon = (Math.min(...reach) + Math.max(...reach)) / 2
    for (const attack of [apgd, apgdDlr]) {
      const { adversarial } = await attackWith(attack, { target: linearTarget(), x, labels, norm, epsilon, options: { steps: 20 } })
      expect(Array.from(answersOf(adversarial), (answer, i) => answer !== labels[i])).toEqual(reach.map((d) => d < epsilon))
    }
    const { adversarial } = await attackWith(apgdTargeted, { target: linearTarget(), x, labels, norm, epsilon, options: { steps: 20 } })
    expect(Array.from(answersOf(adversarial), (answer, i) => answer !== labels[i])).toEqual(reach.map((d) => d < epsilon))
  })

  it('stays in ball and box; the same seed gives the same images in any batch and any order', async () => {
    for (const norm of ['linf', 'l2'] as const) {
      const asked = { target: linearTarget(), x, labels, norm, epsilon: 0.02, options: { steps: 3 } }
      const first = (await attackWith(apgd, { ...asked, batch: 2 })).adversarial
      for (let image = 0; image < count; image++) {
        const d = Array.from({ length: pixels }, (_, i) => first[image * pixels + i]! - x[image * pixels + i]!)
        expect(norm === 'linf' ? Math.max(...d.map(Math.abs)) : Math.hypot(...d)).toBeLessThan(0.02 * (1 + 1e-6) + 1e-7)
      }
      expect((await attackWith(apgd, { ...asked, batch: 6 })).adversarial).toEqual(first)
      const last = await attackWith(apgd, { ...asked, x: x.slice((count - 1) * pixels), labels: labels.slice(count - 1), numbers: Int32Array.of(count - 1) })
      expect(last.adversarial).toEqual(first.slice((count - 1) * pixels))
    }
  })

  it('leaves images alone that are wrong as they are, and stops when asked', async () => {
    const wrong = labels.map((label) => 1 - label)
    expect((await attackWith(apgd, { target: linearTarget(), x, labels: wrong, epsilon: 0.1 })).adversarial).toEqual(x)
    await expect(attackWith(apgd, { target: linearTarget(), x, labels, epsilon: 0.1, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('averages its passes: noise that cancels out over two of them changes nothing', async () => {
    class Noisy extends CompiledTarget {
      private calls = 0
      override program(...named: Parameters<CompiledTarget['program']>) {
        const program = super.program(...named)
        return {
          run: async (feeds: Parameters<typeof program.run>[0]) => {
            const out = await program.run(feeds)
            const gradient = out['gradient']?.data as Float32Array | undefined
            const noise = this.calls++ % 2 ? 40 : -40
            gradient?.forEach((_, i) => (gradient[i]! += i % 3 ? noise : -noise))
            return out
          },
        }
      }
    }
    const ascent = async (model: CompiledTarget, eot: number) => Array.from((await autoPgd({ model, x, labels, start: x, norm: 'l2', epsilon: 0.02, loss: 'margin', steps: 4, rho: 0.75, eot }).finally(() => model.release())).images)
    const [quiet, averaged, noisy] = [await ascent(new CompiledTarget(linearTarget(), count), 1), await ascent(new Noisy(linearTarget(), count), 2), await ascent(new Noisy(linearTarget(), count), 1)]
    averaged.forEach((v, i) => expect(v).toBeCloseTo(quiet[i]!, 6))
    expect(noisy.some((v, i) => Math.abs(v - quiet[i]!) > 1e-4)).toBe(true)
  })
})

describe('the schedule of 100 steps', () => {
  it('is that of the paper: 22 %, then gaps 3 % shorter each, at least 6 %', () => {
    expect([...checkpoints(100)]).toEqual([[22, 22], [41, 19], [57, 16], [70, 13], [80, 10], [87, 7], [93, 6], [99, 6]])
    expect([...checkpoints(3).keys()]).toEqual([1, 2, 3])
  })
})

describe.skipIf(!haveReference)('APGD on the reference network, started at the image', () => {
  const some = 8
  const cases = [['cross-entropy', 'linf', 'ce_Linf', 8 / 255], ['cross-entropy', 'l2', 'ce_L2', 0.5], ['dlr', 'linf', 'dlr_Linf', 8 / 255], ['dlr', 'l2', 'dlr_L2', 0.5]] as const
  it.each(cases)('%s in %s reaches the loss of the authors’ implementation and breaks the same images', async (loss, norm, name, epsilon) => {
    const model = new CompiledTarget(referenceTarget(), some)
    const images = reference('x').slice(0, some * 64 * 64)
    const found = await autoPgd({ model, x: images, labels: Int32Array.from(reference('y').slice(0, some)), start: images, norm, epsilon, loss, steps: 100, rho: 0.75, eot: 1, pastSuccess: true }).finally(() => model.release())
    const golden = reference(`g_apgd_${name}_initx_lossbest`)
    const near = Array.from(found.loss, (v, i) => Math.abs(v - golden[i]!) <= 0.01 * Math.abs(golden[i]!) + 1e-7).filter(Boolean).length
    expect(near).toBeGreaterThanOrEqual(some - 1)
    expect(Array.from(found.broken, (b) => 1 - b)).toEqual(Array.from(reference(`g_apgd_${name}_initx_stillcorrect`).slice(0, some)))
  })
})
