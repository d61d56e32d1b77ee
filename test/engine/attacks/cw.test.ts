/** CW where the smallest change is known in closed form, and against Foolbox on the same network. */
import { describe, expect, it } from 'vitest'
import { numbered } from '../../../src/engine/attacks/attack'
import { distances } from '../../../src/engine/attacks/bounds'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { cw } from '../../../src/engine/attacks/cw'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { add } from '../../../src/engine/onnx/ops'
import { float32 } from '../../../src/engine/tensor/tensor'
import { attackWith } from '../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../support/reference-network'
import { answersOf, boundaryDistances, imagesNearBoundary, linearTarget, linearWeights, side } from '../../support/tiny-target'

const pixels = side * side

describe('CW on a linear classifier', () => {
  const { x, labels } = imagesNearBoundary(5)
  const asked = { target: linearTarget(), x, labels, epsilon: 1 }
  const options = { searches: 6, steps: 200, initialC: 0.01 }

  it('ends just beyond the boundary, in any batch size', async () => {
    const { adversarial } = await attackWith(cw, { ...asked, options })
    expect(answersOf(adversarial).every((answer, i) => answer !== labels[i])).toBe(true)
    const reached = distances(x, adversarial, labels.length).l2
    boundaryDistances(x, 'l2').forEach((d, i) => {
      expect(reached[i]! / d, `image ${i}`).toBeGreaterThanOrEqual(0.9999)
      expect(reached[i]! / d, `image ${i}`).toBeLessThan(1.02)
    })
    // Two rows for five images: a row goes on to the next image when one is done.
    const alone = (await attackWith(cw, { ...asked, options, batch: 2 })).adversarial
    distances(x, alone, labels.length).l2.forEach((d, i) => expect(d).toBeCloseTo(reached[i]!, 3))
  })

  it('with a confidence goes further, so that the wrong class leads by that much', async () => {
    const { adversarial } = await attackWith(cw, { ...asked, options: { ...options, confidence: 0.5 } })
    const without = boundaryDistances(x, 'l2')
    const beyond = boundaryDistances(adversarial, 'l2')
    expect(answersOf(adversarial).every((answer, i) => answer !== labels[i])).toBe(true)
    distances(x, adversarial, labels.length).l2.forEach((d, i) => expect(d / (without[i]! + beyond[i]!)).toBeCloseTo(1, 2))
    expect(Math.max(...beyond) / Math.min(...beyond)).toBeLessThan(1.1)
  })

  it('moves pixels that are black', async () => {
    // The first class leads by 0.5 on a black image, whose pixels can only go up: along the weights that are positive.
    const leading: AttackTarget = { ...linearTarget(), logits: (g, v) => add(g, linearTarget().logits(g, v), g.constant(float32([1, 2], [0.5, 0]))) }
    const w = linearWeights()
    const upward = Math.hypot(...Array.from({ length: pixels }, (_, i) => Math.max(0, w[2 * i + 1]! - w[2 * i]!)))
    const black = new Float32Array(pixels)
    const { adversarial } = await attackWith(cw, { ...asked, target: leading, x: black, labels: Int32Array.of(0), options: { ...options, steps: 400 } })
    const distance = distances(black, adversarial, 1).l2[0]!
    expect(distance / (0.5 / upward)).toBeGreaterThanOrEqual(0.9999)
    expect(distance / (0.5 / upward)).toBeLessThan(1.05)
  })

  it('leaves a search whose c is too small as soon as its answer hardly moves', async () => {
    const model = new CompiledTarget(linearTarget(), 16)
    let steps = 0
    const program = model.program.bind(model)
    model.program = (name, write) => {
      const compiled = program(name, write)
      return { run: (feeds) => (name === 'cw step' && steps++, compiled.run(feeds)) }
    }
    const { adversarial } = await cw.run({ model, x, labels, norm: 'l2', epsilon: 1, seed: 0, numbers: numbered(labels.length), options: { ...cw.defaults(1, 'l2'), searches: 1, initialC: 1e-6 } })
    await model.release()
    expect(adversarial).toEqual(x)
    expect(steps).toBeLessThanOrEqual(100)
  })

  it('leaves misclassified images alone and stops when asked', async () => {
    const { adversarial } = await attackWith(cw, { ...asked, labels: labels.map((label) => 1 - label), options })
    expect(adversarial).toEqual(x)
    await expect(attackWith(cw, { ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.skipIf(!haveReference)('CW on the reference network', () => {
  it('needs no more than Foolbox with the same searches and steps', async () => {
    // The images that are done soonest; all sixteen give a median of 0.674, Foolbox 0.674.
    const [first, count] = [8, 2]
    const part = (data: Float32Array) => data.slice(first * 4096, (first + count) * 4096)
    const x = part(reference('x'))
    const { adversarial } = await attackWith(cw, { target: referenceTarget(), x, labels: Int32Array.from(reference('y').slice(first, first + count)), epsilon: 1, options: { steps: 100 } })
    const golden = distances(x, part(reference('g_cw_l2_foolbox_9x100')), count).l2
    distances(x, adversarial, count).l2.forEach((d, i) => expect(d / golden[i]!, `image ${first + i}`).toBeLessThan(1.02))
  })
})
