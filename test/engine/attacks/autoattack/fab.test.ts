/** FAB against distances known in closed form, and against the images that the authors' implementation broke. */
import { describe, expect, it } from 'vitest'
import { fab } from '../../../../src/engine/attacks/autoattack/fab'
import { distances } from '../../../../src/engine/attacks/bounds'
import { attackWith } from '../../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../../support/reference-network'
import { answersOf, boundaryDistances, imagesNearBoundary, linearTarget } from '../../../support/tiny-target'

const count = 5
const { x, labels } = imagesNearBoundary(count)

describe('FAB on a linear classifier', () => {
  it.each(['linf', 'l2'] as const)('finds the nearest wrong image in %s, whatever ε', async (norm) => {
    const { adversarial } = await attackWith(fab, { target: linearTarget(), batch: 2, x, labels, norm, epsilon: 1e-3, options: { steps: 40 } })
    expect(Array.from(answersOf(adversarial))).toEqual(Array.from(labels, (label) => 1 - label))
    const found = distances(x, adversarial, count)[norm]
    boundaryDistances(x, norm).forEach((nearest, i) => {
      expect(found[i]! / nearest).toBeGreaterThan(1 - 1e-4)
      expect(found[i]! / nearest).toBeLessThan(1.02)
    })
    expect(adversarial.every((v) => v >= 0 && v <= 1)).toBe(true)
  })

  it('leaves an image at once where any success within ε is enough', async () => {
    const asked = { target: linearTarget(), x, labels, epsilon: 1, norm: 'l2' as const }
    const [quick, thorough] = [await attackWith(fab, { ...asked, options: { untilSuccess: 1 } }), await attackWith(fab, asked)]
    expect(Array.from(answersOf(quick.adversarial))).toEqual(Array.from(labels, (label) => 1 - label))
    const sizes = [quick, thorough].map(({ adversarial }) => distances(x, adversarial, count).l2)
    sizes[0]!.forEach((d, i) => expect(d).toBeGreaterThan(sizes[1]![i]!))
  })

  it('leaves images alone that are wrong as they are, and stops when asked', async () => {
    expect((await attackWith(fab, { target: linearTarget(), x, labels: labels.map((l) => 1 - l), epsilon: 1 })).adversarial).toEqual(x)
    await expect(attackWith(fab, { target: linearTarget(), x, labels, epsilon: 1, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.skipIf(!haveReference)('FAB on the reference network', () => {
  // Images that the authors' implementation broke, and the first, which resisted it.
  const cases = [['linf', 'Linf', 8 / 255, [0, 2, 4]], ['l2', 'L2', 0.5, [0, 2]]] as const
  it.each(cases)('breaks in %s what the authors’ implementation broke, within about its distances', async (norm, name, epsilon, chosen) => {
    const rows = (all: Float32Array) => Float32Array.from(chosen.flatMap((i) => Array.from(all.subarray(i * 4096, (i + 1) * 4096))))
    const images = rows(reference('x'))
    // Three classes are enough to find what was found with nine.
    const { adversarial } = await attackWith(fab, { target: referenceTarget(), x: images, labels: Int32Array.from(chosen, (i) => reference('y')[i]!), norm, epsilon, options: { targets: 3, steps: 50 } })
    const ours = distances(images, adversarial, chosen.length)[norm]
    const golden = distances(images, rows(reference(`g_fabt_${name}`)), chosen.length)[norm]
    golden.forEach((d, i) => {
      if (d === 0) expect(ours[i]).toBeGreaterThan(epsilon)
      else expect(ours[i]! / d).toBeLessThan(1.03)
    })
  })
})
