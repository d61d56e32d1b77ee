/** SPSA sees answers only: its estimate against the gradient that is known, and what every attack promises. */
import { describe, expect, it } from 'vitest'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { distances, withinEpsilon } from '../../../src/engine/attacks/bounds'
import { spsa, SpsaEstimator } from '../../../src/engine/attacks/spsa'
import { Random } from '../../../src/engine/tensor/random'
import { attackWith } from '../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../support/reference-network'
import { answersOf, boundaryDistances, imagesNearBoundary, linearTarget, linearWeights, side } from '../../support/tiny-target'

const pixels = side * side

describe('SPSA on a linear classifier', () => {
  const { x, labels } = imagesNearBoundary(5)
  const options = { iterations: 30, pairs: 16 }
  const asked = { target: linearTarget(), x, labels, epsilon: 0.1, options }

  it('estimates the gradient, the better the more it asks', async () => {
    const model = new CompiledTarget(linearTarget(), 32)
    const w = linearWeights()
    const truth = Array.from({ length: pixels }, (_, i) => w[2 * i]! - w[2 * i + 1]!)
    const errorWith = async (pairs: number) => {
      const estimate = await new SpsaEstimator(model, pairs).gradient(new Random('estimate'), x.subarray(0, pixels), 0, 0.01)
      return Math.hypot(...truth.map((v, i) => estimate[i]! - v)) / Math.hypot(...truth)
    }
    const [few, many] = [await errorWith(100), await errorWith(6400)]
    // The error of a mean of n draws with d pixels is √((d − 1) / n).
    expect(few / Math.sqrt(15 / 100)).toBeGreaterThan(0.5)
    expect(few / Math.sqrt(15 / 100)).toBeLessThan(2)
    expect(many / Math.sqrt(15 / 6400)).toBeLessThan(2)
    await model.release()
  })

  it.each([['linf', 0.05], ['l2', 0.2]] as const)('in %s breaks exactly the images whose boundary is within ε', async (norm, epsilon) => {
    const { adversarial, queries } = await attackWith(spsa, { ...asked, norm, epsilon, options: { iterations: 60, pairs: 32 } })
    const away = boundaryDistances(x, norm)
    const broken = Array.from(answersOf(adversarial), (answer, i) => answer !== labels[i])
    away.forEach((d, i) => Math.abs(d / epsilon - 1) > 0.1 && expect(broken[i], `image ${i}, ${d}`).toBe(d < epsilon))
    expect(new Set(broken).size).toBe(2)
    expect(distances(x, adversarial, labels.length)[norm].every((d) => withinEpsilon(d, epsilon))).toBe(true)
    expect(adversarial.every((v) => v >= 0 && v <= 1)).toBe(true)
    broken.forEach((b, i) => expect(queries![i]! < 1 + 60 * 65).toBe(b))
  })

  it('the same seed gives the same images whatever the batch and the company, another seed others', async () => {
    const first = (await attackWith(spsa, asked)).adversarial
    expect((await attackWith(spsa, { ...asked, batch: 5 })).adversarial).toEqual(first)
    const second = await attackWith(spsa, { ...asked, x: x.slice(2 * pixels, 3 * pixels), labels: labels.slice(2, 3), numbers: Int32Array.of(2) })
    expect(second.adversarial).toEqual(first.slice(2 * pixels, 3 * pixels))
    expect((await attackWith(spsa, { ...asked, seed: 1 })).adversarial).not.toEqual(first)
  })

  it('stops when asked', async () => {
    await expect(attackWith(spsa, { ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.skipIf(!haveReference)('SPSA on the reference network', () => {
  it('breaks images by answers alone', async () => {
    const count = 2
    const labels = Int32Array.from(reference('y').slice(0, count))
    const { queries } = await attackWith(spsa, { target: referenceTarget(), x: reference('x').slice(0, count * 4096), labels, epsilon: 16 / 255, batch: 32, options: { iterations: 20, pairs: 32 } })
    expect(Array.from(queries!).filter((q) => q < 1 + 20 * 65).length).toBeGreaterThanOrEqual(1)
  })
})
