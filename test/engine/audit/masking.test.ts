/**
 * Acceptance: a model whose logits were multiplied is as good as before, and its gradients vanish in single precision. An
 * audit that believed them would call it robust.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacks } from '../../../src/engine/attacks/registry'
import { writeBundle } from '../../../src/engine/bundle/write'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { text } from '../../../src/engine/onnx/model'
import { add, div, exp, logSoftmax, reduceSum, relu, softmax, sqrt, sub } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { decodeNpy } from '../../../src/engine/tensor/npy'
import { encodeNpz } from '../../../src/engine/tensor/npz'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64, toNumbers } from '../../../src/engine/tensor/tensor'
import { haveReference, reference } from '../../support/reference-network'
import { sharedData } from '../../support/shared-data'
import { classifierModel, draft, side } from '../screening/tiny-bundle'
import { audit, modelWith, scaledBy, workplace, writeMaskedBundle, type Workplace } from './tiny-audit'

let place: Workplace
beforeAll(async () => {
  place = await workplace(mkdtempSync(join(tmpdir(), 'assay-masking-')), 16)
})
afterAll(() => rmSync(place.home, { recursive: true, force: true }))

const haveSquare = attacks.some(({ name }) => name === 'square')

describe('logits multiplied until the gradient of cross-entropy is zero', () => {
  it('raise the flags on a small model', async () => {
    const bundle = await writeMaskedBundle(join(place.home, 'masked'), scaledBy(1e4))
    const { report } = await audit({ ...place, bundle }, 'masked-audit', { attacks: ['pgd'], eps: [1 / 255] })
    const zero = report.warnings.find(({ code }) => code === 'zero-gradient')!
    expect(zero.message).toMatch(/exactly zero on (\d+) of \d+ images/)
    expect(report.warnings.map(({ code }) => code)).toContain('above-guessing')
    // PGD stays where it began at random, and calls the model robust that it breaks when the gradients are there.
    const honest = await writeMaskedBundle(join(place.home, 'honest'), scaledBy(1))
    const { report: broken } = await audit({ ...place, bundle: honest }, 'honest-audit', { attacks: ['pgd'], eps: [1 / 255], checks: false })
    expect(report.runs[0]!.robustAccuracy).toBeGreaterThan(broken.runs[0]!.robustAccuracy)
    if (haveSquare) expect(report.warnings.map(({ code }) => code)).toContain('black-box-wins')
  })

  it('and none is raised on the same model as it was', async () => {
    const bundle = await writeMaskedBundle(join(place.home, 'plain'), scaledBy(1))
    const { report } = await audit({ ...place, bundle }, 'plain-audit', { attacks: ['pgd'], eps: [8 / 255, 24 / 255], options: { pgd: { steps: 20 } } })
    expect(report.warnings.map(({ code }) => code)).toEqual(['few-images'])
  })

  it.skipIf(!haveReference)('raise the flags on the reference network × 50', { timeout: 120_000 }, async () => {
    const folder = resolve(sharedData, 'reference/c10')
    const size = 64
    const bundle = join(place.home, 'c10')
    const classifier = modelWith(readFileSync(join(folder, 'net.onnx')), [1, 1, size, size], scaledBy(50))
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

describe('a model that answers with probabilities', () => {
  /** So sure that a search along the gradient of the probabilities themselves goes four times as far. */
  const sure = scaledBy(15)
  const deepfool = async (name: string, output: 'logits' | 'softmax', end: (g: GraphBuilder, logits: Value) => Value) => {
    const bundle = await writeMaskedBundle(join(place.home, name), (g, logits) => end(g, sure(g, logits)), output)
    const { report } = await audit({ ...place, bundle }, `${name}-audit`, { attacks: ['deepfool'], norm: 'l2', eps: [0.1], baselines: [], checks: false })
    const [row] = report.runs
    return { robust: row!.robustAccuracy, distance: row!.medianL2.toFixed(5), said: report.warnings.filter(({ code }) => code === 'probability-output').map(({ message }) => message) }
  }

  it('is attacked as its logits are, by whatever its softmax is followed or written with, and the report says how', async () => {
    const logits = await deepfool('of-logits', 'logits', (_, z) => z)
    expect(logits.said).toEqual([])
    const shaped = await deepfool('of-shaped', 'softmax', (g, z) => g.op('Reshape', [softmax(g, z), g.integers([-1, 2])]))
    expect(shaped).toEqual({ ...logits, said: [expect.stringMatching(/the last Softmax was taken off/)] })
    const written = await deepfool('of-written', 'softmax', (g, z) => {
      const powers = exp(g, z)
      return div(g, powers, reduceSum(g, powers, [1], true))
    })
    expect(written).toEqual({ ...logits, said: [expect.stringMatching(/may fail here though the model is not robust.+given the logarithms/)] })
    // The logarithm of a softmax is as good as logits.
    expect(await deepfool('of-logarithms', 'logits', (g, z) => logSoftmax(g, z))).toEqual(logits)
  })
})

describe('a gradient that is no number', () => {
  it('is a warning, not the end of the audit', async () => {
    // The norm of activations that are 0 adds nothing to the answers, and 0 · ∞ to the gradient.
    const bundle = await writeMaskedBundle(join(place.home, 'dead'), (g, logits, x) => add(g, logits, sqrt(g, g.op('Reshape', [reduceSum(g, relu(g, sub(g, x, 2)), [2, 3]), g.integers([-1, 1])]))))
    const { report } = await audit({ ...place, bundle }, 'dead-audit', { attacks: ['fgsm', 'deepfool'], eps: [8 / 255], baselines: [] })
    expect(report.warnings.find(({ code }) => code === 'gradient-not-finite')!.message).toMatch(/no finite number in some pixels of (\d+) of \1 images \(100/)
    expect(report.warnings.map(({ code }) => code)).not.toContain('zero-gradient')
    for (const row of report.runs.filter(({ attack }) => attack === 'fgsm')) expect(row.robustAccuracy).toBe(report.cleanAccuracy)
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
    const { report } = await audit({ ...place, bundle }, 'hard-audit', { attacks: ['fgsm', 'noise'], eps: [8 / 255], options: { square: { queries: 200 }, spsa: { iterations: 4, pairs: 16 } }, baselines: [] })
    expect(report.runs.map(({ attack }) => attack)).not.toContain('fgsm')
    expect(report.runs.map(({ attack }) => attack)).toEqual(expect.arrayContaining(['noise', ...attacks.filter(({ name }) => ['square', 'spsa'].includes(name)).map(({ name }) => name)]))
    expect(report.warnings.find(({ code }) => code === 'not-differentiable')!.message).toMatch(/GridSample.+cubic/)
  })

  it('is no source of transfer attacks, which is said before anything is attacked', async () => {
    const source = join(place.home, 'hard-source')
    await writeBundle(source, { ...draft, id: 'hard-source', purifier: undefined }, { classifier: undifferentiable() })
    const attempt = audit(place, 'hard-transfer', { threat: ['oblivious', 'transfer'], attacks: ['fgsm'], source })
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringMatching(/hard-source cannot be differentiated.+choose another source.+GridSample/) as string })
    expect(readdirSync(join(place.home, 'hard-transfer'))).toEqual([])
  })

  /** A nearest-prototype classifier by an operator of ONNX Runtime's own, which Assay does not know. */
  function unfollowable(): Uint8Array {
    const random = new Random('prototypes')
    const prototypes = float32([2, side * side], Float32Array.from({ length: 2 * side * side }, () => random.next()))
    return writeModel({
      irVersion: 8, opsets: new Map([['', 18], ['com.microsoft', 1]]), producer: 'test', metadata: {},
      graph: {
        name: 'prototypes',
        nodes: [
          { op: 'Flatten', domain: '', name: 'flat', inputs: ['x'], outputs: ['flat'], attributes: {} },
          { op: 'CDist', domain: 'com.microsoft', name: 'distances', inputs: ['flat', 'prototypes'], outputs: ['distances'], attributes: { metric: text('sqeuclidean') } },
          { op: 'Neg', domain: '', name: 'nearness', inputs: ['distances'], outputs: ['logits'], attributes: {} },
        ],
        initializers: new Map([['prototypes', prototypes]]),
        inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 1, side, side] }],
        outputs: [{ name: 'logits', dtype: 'float32', shape: ['N', 2] }],
      },
    })
  }

  it('is asked itself where not even its forward graph can be followed', async () => {
    const bundle = join(place.home, 'foreign')
    await writeBundle(bundle, { ...draft, id: 'foreign', purifier: undefined }, { classifier: unfollowable() })
    const { report } = await audit({ ...place, bundle }, 'foreign-audit', { attacks: ['pgd', 'square'], eps: [0.2], options: { square: { queries: 100 } }, baselines: [] })
    const [row] = report.runs.filter(({ attack }) => attack === 'square')
    expect(report.runs.map(({ attack }) => attack)).not.toContain('pgd')
    expect(row!.medianQueries).toBeGreaterThan(0)
    expect(row!.robustAccuracy).toBeLessThanOrEqual(report.cleanAccuracy)
    expect(report.warnings.find(({ code }) => code === 'not-differentiable')!.message).toMatch(/distances.+CDist.+com\.microsoft/)
  })
})
