/** AutoAttack: who breaks what first, and every number of classes that medicine has. */
import { describe, expect, it } from 'vitest'
import { titleOf } from '../../../../src/engine/attacks/attack'
import { autoAttack, autoAttackRandom } from '../../../../src/engine/attacks/autoattack/autoattack'
import { distances } from '../../../../src/engine/attacks/bounds'
import { CompiledTarget } from '../../../../src/engine/attacks/compiled-target'
import { predict } from '../../../../src/engine/attacks/programs'
import { findAttack } from '../../../../src/engine/attacks/registry'
import { classifierTarget, type AttackTarget } from '../../../../src/engine/attacks/target'
import type { LoadedBundle } from '../../../../src/engine/bundle/load'
import { GraphBuilder } from '../../../../src/engine/onnx/builder'
import { int } from '../../../../src/engine/onnx/model'
import { matMul, sigmoid } from '../../../../src/engine/onnx/ops'
import { writeModel } from '../../../../src/engine/onnx/writer'
import { Random } from '../../../../src/engine/tensor/random'
import { float32 } from '../../../../src/engine/tensor/tensor'
import { attackWith } from '../../../support/attack-requests'
import { haveReference, reference, referenceTarget } from '../../../support/reference-network'
import { linearTargetOf, side } from '../../../support/tiny-target'

const pixels = side * side
const count = 6
const random = new Random('AutoAttack')
const x = Float32Array.from({ length: count * pixels }, () => random.uniform(0.3, 0.7))

/** A bundle of a classifier that ends in a Sigmoid, for any batch. */
function sigmoidBundle(outputs: number): LoadedBundle {
  const g = new GraphBuilder()
  const draws = new Random('sigmoid')
  const weights = Float32Array.from({ length: pixels * outputs }, () => draws.normal())
  const flat = g.op('Flatten', [g.input('image', [1, 1, side, side])], { axis: int(1) })
  g.output('y', sigmoid(g, matMul(g, flat, g.constant(float32([pixels, outputs], weights)))))
  const model = g.toModel()
  for (const info of [...model.graph.inputs, ...model.graph.outputs]) info.shape![0] = 'N'
  return {
    folder: '', classifier: writeModel(model), purifier: null,
    manifest: {
      format: 'assay-bundle/1', id: 'test', name: 'Test', description: '', modality: '', bodyPart: '', training: {},
      classes: Array.from({ length: Math.max(2, outputs) }, (_, i) => `class ${i}`),
      input: { width: side, height: side, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } },
      classifier: { file: 'classifier.onnx', sha256: '0'.repeat(64), output: 'sigmoid', layout: 'nchw' },
    },
  }
}

async function answers(target: AttackTarget, images: Float32Array): Promise<Int32Array> {
  const model = new CompiledTarget(target, 8)
  return predict(model, images).finally(() => model.release())
}

const targets: [string, () => AttackTarget][] = [
  ['two classes', () => linearTargetOf(2)],
  ['three classes', () => linearTargetOf(3)],
  ['four classes', () => linearTargetOf(4)],
  ['ten classes', () => linearTargetOf(10)],
  ['one sigmoid', () => classifierTarget(sigmoidBundle(1), 'cpu')],
  ['one finding of several', () => classifierTarget(sigmoidBundle(3), 'cpu', 1)],
]

describe.each(targets)('with %s', (_, make) => {
  it.each(['apgd', 'apgd-dlr', 'apgdt', 'fab', 'square', 'autoattack', 'autoattack-rand'])('%s breaks within ε what a large ε allows, and nothing with a tiny one', async (name) => {
    const target = make()
    const labels = await answers(target, x)
    const attack = findAttack(name)
    const few = { steps: 10, queries: 60, eot: 2 }
    const options = Object.fromEntries(Object.entries(few).filter(([option]) => option in attack.parameters))
    const broken = async (epsilon: number) => {
      const { adversarial, brokenBy } = await attackWith(attack, { target, x, labels, epsilon, options })
      const after = await answers(target, adversarial)
      const { linf } = distances(x, adversarial, count)
      const found = Array.from(after, (answer, i) => answer !== labels[i] && linf[i]! <= epsilon * (1 + 1e-6) + 2 ** -23)
      if (brokenBy) expect(brokenBy.map((by) => by !== '')).toEqual(found)
      return found.filter(Boolean).length
    }
    expect(await broken(0.3)).toBe(count)
    expect(await broken(1e-6)).toBe(0)
  })
})

describe('AutoAttack', () => {
  it('says how it differs from the published one where classes are few', () => {
    expect([10, 4, 3, 2].map((classes) => titleOf(autoAttack, classes))).toEqual(['AutoAttack', ...Array<string>(3).fill('AutoAttack (few-class variant)')])
    expect(autoAttack.variant!(10)).toBeUndefined()
    expect(autoAttack.variant!(4)!.differences).toEqual(['APGD-T and FAB-T try all 3 wrong classes instead of nine.'])
    expect(autoAttack.variant!(3)!.differences.join(' ')).toMatch(/z\(1\) − z\(3\)/)
    expect(autoAttack.variant!(2)!.differences.join(' ')).toMatch(/the one wrong class.*margin/)
    expect(autoAttackRandom.variant!(3)).toBeUndefined()
    expect(autoAttackRandom.variant!(2)!.differences.join(' ')).toMatch(/margin/)
  })

  it('leaves images alone that are wrong as they are, and stops when asked', async () => {
    const target = linearTargetOf(3)
    const labels = (await answers(target, x)).map((answer) => (answer + 1) % 3)
    const { adversarial, brokenBy } = await attackWith(autoAttack, { target, x, labels, epsilon: 0.3 })
    expect(adversarial).toEqual(x)
    expect(brokenBy).toEqual(Array<string>(count).fill(''))
    await expect(attackWith(autoAttack, { target, x, labels, epsilon: 0.3, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it.each([
    ['breaks all', 0, 0.3, 0.99, 1],
    ['breaks none', 1, 1e-6, 0, 0.1],
  ])('tells how far it is by the passes that are ahead: where APGD %s as expected, what it told then', async (_, expectedLeft, epsilon, low, high) => {
    const target = linearTargetOf(3)
    const labels = await answers(target, x)
    const told: number[] = []
    const steps = 20
    await attackWith(autoAttack, { target, x, labels, epsilon, expectedLeft, options: { steps, queries: 2000 }, progress: (share) => void told.push(share) })
    expect(told.every((share, i) => i === 0 || share >= told[i - 1]!)).toBe(true)
    expect(told.at(-1)).toBe(1)
    // Where nothing is left APGD ends early, and AutoAttack says so once more.
    const afterApgd = told[Math.min(steps - 1, told.length - 2)]!
    expect(afterApgd).toBeGreaterThan(low)
    expect(afterApgd).toBeLessThanOrEqual(high)
  })

  it('says what an image takes that APGD breaks: a look before it, its steps, and a look after it', () => {
    const options = autoAttack.defaults(4 / 255, 'linf')
    const { forward, gradient } = findAttack('apgd').cost(findAttack('apgd').defaults(4 / 255, 'linf'), 3)
    expect(autoAttack.cost(options, 3)).toMatchObject({ least: { forward: forward + 2, gradient } })
    expect(autoAttack.cost(options, 3).forward).toBeGreaterThan(5000)
  })
})

describe.skipIf(!haveReference)('AutoAttack on the reference network', () => {
  it('breaks whatever APGD and FAB of its authors broke, and gets past masked gradients', async () => {
    const some = 12
    const clean = reference('x').slice(0, some * 4096)
    const labels = Int32Array.from(reference('y').slice(0, some))
    const still = reference('g_apgd_ce_Linf_initx_stillcorrect')
    const fab = distances(clean, reference('g_fabt_Linf').slice(0, some * 4096), some).linf
    const broke = Array.from({ length: some }, (_, i) => !still[i] || fab[i]! > 0)
    const asked = { x: clean, labels, epsilon: 8 / 255, options: { steps: 40, targets: 2, queries: 200 } }
    const plain = await attackWith(autoAttack, { ...asked, target: referenceTarget() })
    broke.forEach((b, i) => b && expect(plain.brokenBy![i]).not.toBe(''))
    expect(plain.brokenBy!.filter((by) => by === 'apgd').length).toBeGreaterThan(some / 2)
    // Fifty times the logits leave cross-entropy without a gradient; the losses by ratios do not mind.
    const masked = await attackWith(autoAttack, { ...asked, target: referenceTarget(50) })
    expect(masked.brokenBy!.filter((by) => by === 'apgd').length).toBeLessThanOrEqual(2)
    expect(masked.brokenBy!.filter((by) => by === 'apgdt').length).toBeGreaterThan(some / 2)
  })
})
