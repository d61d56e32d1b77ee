/**
 * The check itself: right gradients pass, slightly wrong ones do not, what cannot be measured is said to be, and files
 * that cannot be checked say why.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { families } from '../../../src/engine/autodiff/registry'
import type { Primitive } from '../../../src/engine/autodiff/primitive'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { float, int, ints, type OnnxModel } from '../../../src/engine/onnx/model'
import { add, conv, mul, relu, reduceMean, softmax } from '../../../src/engine/onnx/ops'
import { writeModel } from '../../../src/engine/onnx/writer'
import { gradcheck } from '../../../src/engine/tools/gradcheck'
import { inspect } from '../../../src/engine/models/inspect'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, tensor, type Tensor } from '../../../src/engine/tensor/tensor'
import { haveShared, sharedData } from '../../support/shared-data'

const folder = mkdtempSync(join(tmpdir(), 'assay-gradcheck-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const options = { seed: 1, provider: 'cpu' as const }

let counter = 0
function file(bytes: Uint8Array): string {
  const path = join(folder, `${counter++}.onnx`)
  writeFileSync(path, bytes)
  return path
}

const random = new Random('weights')
const normal = (shape: number[], size: number) => float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => size * random.normal()))

/** Three convolutions; LeakyRelu stands in a side branch alone, so that a slight fault of its rule is a slight one of the whole. */
function network(end: (g: GraphBuilder, v: Value) => Value = (g, v) => softmax(g, v)): string {
  const g = new GraphBuilder()
  const weights = (shape: number[]) => g.constant(normal(shape, 0.3))
  const padded = { pads: [1, 1, 1, 1] }
  const first = relu(g, conv(g, g.input('image', [1, 1, 16, 16]), weights([4, 1, 3, 3]), undefined, padded))
  const branch = g.op('LeakyRelu', [conv(g, first, weights([4, 4, 3, 3]), undefined, padded)], { alpha: float(0.1) })
  const pooled = g.op('MaxPool', [add(g, first, mul(g, branch, 0.2))], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) })
  g.output('answer', end(g, reduceMean(g, conv(g, pooled, weights([3, 4, 3, 3])), [2, 3])))
  return file(g.toBytes())
}

/** A model of one chain of nodes, from `x` to `y`. */
const foreign = (nodes: { op: string; domain?: string; inputs?: string[]; attributes?: OnnxModel['graph']['nodes'][number]['attributes'] }[], more: Partial<OnnxModel['graph']> = {}, domains: [string, number][] = []): string =>
  file(
    writeModel({
      irVersion: 8,
      opsets: new Map([['', 13], ...domains]),
      producer: 'test',
      metadata: {},
      graph: {
        name: 'g',
        nodes: nodes.map(({ op, domain = '', inputs = [], attributes = {} }, i) => ({ op, domain, name: `n${i}`, inputs: [i ? `v${i}` : 'x', ...inputs], outputs: [i === nodes.length - 1 ? 'y' : `v${i + 1}`], attributes })),
        initializers: new Map(),
        inputs: [{ name: 'x', dtype: 'float32', shape: [1, 1, 4, 4] }],
        outputs: [{ name: 'y', dtype: 'float32' }],
        ...more,
      },
    }),
  )

/** Runs with the gradient of an operator spoiled. */
async function withRule<T>(op: string, spoil: (right: Primitive['vjp']) => Primitive['vjp'], run: () => Promise<T>): Promise<T> {
  const rule = Object.values(families).flat().find((r) => r.op === op) as { vjp: Primitive['vjp'] }
  const right = rule.vjp
  rule.vjp = spoil(right)
  try {
    return await run()
  } finally {
    rule.vjp = right
  }
}

describe('gradcheck', () => {
  it('passes a right gradient with every seed, and says that the softmax was taken off', async () => {
    const path = network()
    for (let seed = 0; seed < 4; seed++) {
      const check = await gradcheck(path, { ...options, seed })
      expect(check.outcome, JSON.stringify(check)).toBe('passed')
      expect(check.largestRelativeError).toBeLessThan(1e-4)
      expect(check.estimatedError).toBeLessThan(1e-4)
      expect(check.gradientNorm).toBeGreaterThan(0)
      expect(check.warnings.join()).toMatch(/Softmax/)
    }
  })

  it('fails a rule that forgets where its input was negative', async () => {
    const path = network()
    const check = await withRule('Relu', () => ({ dy }) => [dy], () => gradcheck(path, options))
    expect(check.outcome).toBe('failed')
    expect(check.passed).toBe(false)
  })

  it('fails a rule that is 5 % off in one layer of a side branch', async () => {
    const path = network()
    const check = await withRule('LeakyRelu', (right) => (c) => right(c).map((d) => d && mul(c.g, d, 1.05)), () => gradcheck(path, options))
    expect(check.outcome).toBe('failed')
    expect(check.estimatedError).toBeGreaterThan(1e-3)
  })

  it('fails a rule that is wrong at the border of the image alone', async () => {
    const path = network()
    const spoil = (right: Primitive['vjp']): Primitive['vjp'] => (c) => right(c).map((d, i) => (d && i === 0 && d.shape[1] === 1 ? mul(c.g, d, c.g.constant(float32(d.shape, Float32Array.from({ length: sizeOf(d.shape) }, (_, k) => (k % 16 === 0 ? 1.05 : 1))))) : d))
    expect((await withRule('Conv', spoil, () => gradcheck(path, options))).outcome).toBe('failed')
  })

  it('scale does not matter', async () => {
    for (const factor of [1e-20, 1e15]) expect((await gradcheck(network((g, v) => mul(g, v, factor)), options)).outcome).toBe('passed')
  })

  it('says that nothing can be said where the answer has steps alone', async () => {
    const steps = await gradcheck(foreign([{ op: 'Round' }, { op: 'Flatten' }]), options)
    expect(steps.outcome).toBe('inconclusive')
    expect(steps.warnings.join()).toMatch(/steps alone.*n0, operator Round.*square,spsa/)
  })

  it('takes models whose input is bytes, and checks them between 0 and 255', async () => {
    const bytes = { inputs: [{ name: 'x', dtype: 'uint8' as const, shape: [1, 1, 4, 4] }] }
    const check = await gradcheck(foreign([{ op: 'Cast', attributes: { to: int(1) } }, { op: 'Div', inputs: ['d'] }, { op: 'Tanh' }, { op: 'Flatten' }], { ...bytes, initializers: new Map([['d', float32([], [255])]]) }), options)
    expect(check.outcome, JSON.stringify(check.directions)).toBe('passed')
    expect(check.warnings.join()).toMatch(/whole numbers/)
  })

  it('takes models in double precision', async () => {
    const double: Partial<OnnxModel['graph']> = { inputs: [{ name: 'x', dtype: 'float64', shape: [1, 1, 4, 4] }], outputs: [{ name: 'y', dtype: 'float64' }] }
    const path = foreign([{ op: 'Tanh' }, { op: 'Flatten' }], double)
    expect((await inspect(path, [])).models['model']!.inputGradient).toEqual({ possible: true })
    expect(await gradcheck(path, options)).toMatchObject({ outcome: 'passed', singlePrecision: { outcome: 'passed' } })
  })

  it('checks quantised models by the function that the straight-through estimator is the gradient of', async () => {
    const scale = new Map<string, Tensor>([['s', float32([], [0.01])], ['z', tensor('uint8', [], Uint8Array.of(3))]])
    const check = await gradcheck(foreign([{ op: 'Tanh' }, { op: 'QuantizeLinear', inputs: ['s', 'z'] }, { op: 'DequantizeLinear', inputs: ['s', 'z'] }, { op: 'Sin' }, { op: 'Flatten' }], { initializers: scale }), options)
    expect(check.outcome, JSON.stringify(check)).toBe('passed')
    expect(check.singlePrecision.outcome).toBe('passed')
    expect(check.warnings.join()).toMatch(/straight-through/)
  })

  it('looks at the probabilities where a label stands before them', async () => {
    const graph: Partial<OnnxModel['graph']> = { outputs: [{ name: 'label', dtype: 'int64' }, { name: 'y', dtype: 'float32' }] }
    const path = foreign([{ op: 'Flatten' }, { op: 'Softmax' }], { ...graph, nodes: [
      { op: 'Flatten', domain: '', name: 'f', inputs: ['x'], outputs: ['z'], attributes: {} },
      { op: 'Tanh', domain: '', name: 't', inputs: ['z'], outputs: ['h'], attributes: {} },
      { op: 'Softmax', domain: '', name: 's', inputs: ['h'], outputs: ['y'], attributes: {} },
      { op: 'ArgMax', domain: '', name: 'a', inputs: ['y'], outputs: ['label'], attributes: { axis: int(1) } },
    ] })
    const check = await gradcheck(path, options)
    expect(check).toMatchObject({ outcome: 'passed', output: { name: 'y' } })
    expect(check.warnings.join()).toMatch(/Softmax or Sigmoid was taken off/)
  })

  it('says what is wrong with a file that cannot be checked', async () => {
    await expect(gradcheck(join(folder, 'nothing.onnx'), options)).rejects.toMatchObject({ code: 'file-not-found' })
    const empty = join(folder, 'empty.onnx')
    writeFileSync(empty, '')
    await expect(gradcheck(empty, options)).rejects.toMatchObject({ code: 'file-empty' })
  })

  it.skipIf(!haveShared('onnx'))("passes other people's trained models, at a point beside a kink too", async () => {
    for (const [name, seed] of [['mnist-8', 1], ['brain_yesno_nhwc', 1]] as const) {
      const check = await gradcheck(join(sharedData, 'onnx', name, `${name}.onnx`), { ...options, seed })
      expect(check.outcome, `${name}: ${JSON.stringify(check)}`).toBe('passed')
    }
  })
})

describe('models that cannot be differentiated', () => {
  const cases: { about: string; path: () => string; facts: Record<string, unknown> }[] = [
    { about: "a vendor's own operator", path: () => foreign([{ op: 'SecretSauce', domain: 'vendor.ai' }, { op: 'Flatten' }], {}, [['vendor.ai', 2]]), facts: { node: 'n0', operator: 'SecretSauce', domain: 'vendor.ai', opset: 2 } },
    { about: 'trees', path: () => foreign([{ op: 'Flatten' }, { op: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml' }], {}, [['ai.onnx.ml', 3]]), facts: { node: 'n1', operator: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', opset: 3 } },
    { about: 'suppression of overlapping boxes', path: () => foreign([{ op: 'NonMaxSuppression', inputs: ['x'] }, { op: 'Cast', attributes: { to: int(1) } }]), facts: { node: 'n0', operator: 'NonMaxSuppression', domain: 'ai.onnx', opset: 13 } },
    { about: 'words', path: () => foreign([{ op: 'StringNormalizer' }, { op: 'Flatten' }]), facts: { node: 'n0', operator: 'StringNormalizer', domain: 'ai.onnx', opset: 13 } },
  ]
  for (const { about, path, facts } of cases)
    it(`${about}: node, operator, domain and operator set, and the attacks that are left`, async () => {
      const model = path()
      const error = await gradcheck(model, options).catch((e: unknown) => e)
      expect(error).toMatchObject({ facts, message: expect.stringMatching(/black-box attacks still work.*--attacks square,spsa\)\.$/) })
      const { inputGradient } = (await inspect(model, [])).models['model']!
      expect(inputGradient).toMatchObject({ possible: false, error: { facts } })
    })

  it('inspect says so of answers that are no floating-point numbers, and warns of those in steps', async () => {
    const labels = foreign([{ op: 'Flatten' }, { op: 'ArgMax', attributes: { axis: int(1) } }], { outputs: [{ name: 'y', dtype: 'int64' }] })
    expect((await inspect(labels, [])).models['model']!.inputGradient).toMatchObject({ possible: false, error: { code: 'onnx-operator-not-differentiable', message: expect.stringMatching(/square,spsa/) } })
    await expect(gradcheck(labels, options)).rejects.toMatchObject({ code: 'onnx-operator-not-differentiable' })
    const steps = foreign([{ op: 'Floor' }, { op: 'Flatten' }])
    expect((await inspect(steps, [])).models['model']).toMatchObject({ inputGradient: { possible: true }, warnings: [{ code: 'no-gradient' }] })
  })
})
