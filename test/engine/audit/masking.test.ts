/**
 * Acceptance: a model whose logits were multiplied is as good as before, and its gradients vanish in single precision. An
 * audit that believed them would call it robust.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacks } from '../../../src/engine/attacks/registry'
import { writeBundle } from '../../../src/engine/bundle/write'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { text } from '../../../src/engine/onnx/model'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { decodeNpy } from '../../../src/engine/tensor/npy'
import { encodeNpz } from '../../../src/engine/tensor/npz'
import { float32, int64, toNumbers } from '../../../src/engine/tensor/tensor'
import { haveReference, reference } from '../../support/reference-network'
import { sharedData } from '../../support/shared-data'
import { classifierModel, draft, side } from '../screening/tiny-bundle'
import { audit, scaledModel, workplace, writeMaskedBundle, type Workplace } from './tiny-audit'

let place: Workplace
beforeAll(async () => {
  place = await workplace(mkdtempSync(join(tmpdir(), 'assay-masking-')), 16)
})
afterAll(() => rmSync(place.home, { recursive: true, force: true }))

const haveSquare = attacks.some(({ name }) => name === 'square')

describe('logits multiplied until the gradient of cross-entropy is zero', () => {
  it('raise the flags on a small model', async () => {
    const bundle = await writeMaskedBundle(join(place.home, 'masked'), 1e4)
    const { report } = await audit({ ...place, bundle }, 'masked-audit', { attacks: ['pgd'], eps: [1 / 255] })
    const zero = report.warnings.find(({ code }) => code === 'zero-gradient')!
    expect(zero.message).toMatch(/exactly zero on (\d+) of \d+ images/)
    expect(report.warnings.map(({ code }) => code)).toContain('above-guessing')
    // PGD stays where it began at random, and calls the model robust that it breaks when the gradients are there.
    const honest = await writeMaskedBundle(join(place.home, 'honest'), 1)
    const { report: broken } = await audit({ ...place, bundle: honest }, 'honest-audit', { attacks: ['pgd'], eps: [1 / 255], checks: false })
    expect(report.runs[0]!.robustAccuracy).toBeGreaterThan(broken.runs[0]!.robustAccuracy)
    if (haveSquare) expect(report.warnings.map(({ code }) => code)).toContain('black-box-wins')
  })

  it('and none is raised on the same model as it was', async () => {
    const bundle = await writeMaskedBundle(join(place.home, 'plain'), 1)
    const { report } = await audit({ ...place, bundle }, 'plain-audit', { attacks: ['pgd'], eps: [8 / 255, 24 / 255], options: { pgd: { steps: 20 } } })
    expect(report.warnings.map(({ code }) => code)).toEqual(['few-images'])
  })

  it.skipIf(!haveReference)('raise the flags on the reference network × 50', { timeout: 120_000 }, async () => {
    const folder = resolve(sharedData, 'reference/c10')
    const size = 64
    const bundle = join(place.home, 'c10')
    const classifier = scaledModel(readFileSync(join(folder, 'net.onnx')), 50, [1, 1, size, size])
    await writeBundle(bundle, { ...draft, id: 'c10', classes: Array.from({ length: 10 }, (_, i) => String(i)), input: { ...draft.input, width: size, height: size }, purifier: undefined }, { classifier })
    const data = join(place.home, 'c10.npz')
    writeFileSync(data, encodeNpz({ x: float32([64, 1, size, size], reference('x')), y: int64([64], toNumbers(decodeNpy(readFileSync(join(folder, 'y.npy'))))) }))
    const { report } = await audit({ ...place, bundle, data }, 'c10-audit', { attacks: ['pgd'], eps: [8 / 255], limit: 20, options: { pgd: { steps: 4 } }, baselines: [] })
    const codes = report.warnings.map(({ code }) => code)
    expect(codes).toEqual(expect.arrayContaining(['zero-gradient', 'above-guessing', ...(haveSquare ? ['black-box-wins'] : [])]))
    const [, zero, of] = /exactly zero on (\d+) of (\d+) images/.exec(report.warnings.find(({ code }) => code === 'zero-gradient')!.message)!
    expect(Number(zero) / Number(of)).toBeGreaterThan(0.9)
    // Without the factor the same attack leaves a fifth.
    expect(report.runs[0]!.robustAccuracy / report.cleanAccuracy).toBeGreaterThan(0.8)
  })
})

describe('a model without gradients', () => {
  /** The tiny classifier behind a resampling by cubic interpolation, which nobody differentiates; the grid leaves every pixel where it is. */
  function undifferentiable(): Uint8Array {
    const g = new GraphBuilder()
    const x = g.input('x', [1, 1, side, side])
    const place = (i: number) => (2 * i + 1) / side - 1
    const grid = float32([1, side, side, 2], Array.from({ length: side * side * 2 }, (_, k) => place(k % 2 ? Math.floor(k / 2 / side) : Math.floor(k / 2) % side)))
    const sampled = g.op('GridSample', [g.op('Reshape', [x, g.integers([1, -1, side, side])]), g.constant(grid)], { mode: text('bicubic') })
    const net = readModel(classifierModel())
    g.output('logits', g.inline(net, { [net.graph.inputs[0]!.name]: g.op('Reshape', [sampled, g.integers([-1, 1, side, side])]) })[net.graph.outputs[0]!.name]!)
    const model = g.toModel()
    for (const info of [...model.graph.inputs, ...model.graph.outputs]) if (info.shape) info.shape[0] = 'N'
    return writeModel(model)
  }

  it('is attacked by answers alone, and the warning names node and operator', async () => {
    const bundle = join(place.home, 'hard')
    await writeBundle(bundle, { ...draft, id: 'hard', purifier: undefined }, { classifier: undifferentiable() })
    const { report } = await audit({ ...place, bundle }, 'hard-audit', { attacks: ['fgsm', 'noise'], eps: [8 / 255], baselines: [] })
    expect(report.runs.map(({ attack }) => attack)).not.toContain('fgsm')
    expect(report.runs.map(({ attack }) => attack)).toEqual(expect.arrayContaining(['noise', ...attacks.filter(({ name }) => ['square', 'spsa'].includes(name)).map(({ name }) => name)]))
    expect(report.warnings.find(({ code }) => code === 'not-differentiable')!.message).toMatch(/GridSample.+cubic/)
  })
})
