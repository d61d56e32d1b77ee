/**
 * Foreign classifiers become bundles that load, with what the model itself says of layout and output; what contradicts
 * the model is refused.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import type { Value } from '../../../src/engine/onnx/builder'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../../../src/engine/onnx/model'
import { conv, div, exp, mul, reduceMean, reduceSum, softmax, transpose } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { importModel } from '../../../src/engine/models/import-model'
import type { ImportOptions } from '../../../src/engine/models/import-model'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import { meansModel, side } from './foreign'
import { haveShared, sharedData } from '../../support/shared-data'

const folder = mkdtempSync(join(tmpdir(), 'assay-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const options = (over: Partial<ImportOptions> = {}): ImportOptions => ({
  out: join(folder, `bundle-${count++}`),
  classes: ['a', 'b', 'c'],
  size: { height: 8, width: 12 },
  mean: [0],
  std: [1],
  id: 'vendor',
  name: 'Vendor',
  modality: 'DX',
  bodyPart: 'CHEST',
  ...over,
})

/** One convolution and, where wanted, a softmax; an open batch dimension. */
function network({ nhwc = false, probabilities = false } = {}): string {
  const g = new GraphBuilder()
  const random = new Random('weights')
  const weights = g.constant(float32([3, 3, 3, 3], Float32Array.from({ length: 81 }, () => random.normal())))
  const x = g.input('image', nhwc ? [1, 8, 12, 3] : [1, 3, 8, 12])
  const logits = reduceMean(g, conv(g, nhwc ? transpose(g, x, [0, 3, 1, 2]) : x, weights), [2, 3])
  g.output('answer', probabilities ? softmax(g, logits) : logits)
  const model = readModel(g.toBytes())
  for (const value of [...model.graph.inputs, ...model.graph.outputs]) value.shape![0] = 'N'
  const path = join(folder, `model-${count++}.onnx`)
  writeFileSync(path, writeModel(model))
  return path
}

describe('importing a classifier', () => {
  it('finds layout, channels and output in the model, and writes a bundle that loads', async () => {
    for (const nhwc of [false, true])
      for (const probabilities of [false, true]) {
        const wanted = options()
        const imported = await importModel(network({ nhwc, probabilities }), wanted)
        expect(imported).toMatchObject({ layout: nhwc ? 'nhwc' : 'nchw', output: probabilities ? 'softmax' : 'logits', input: { channels: 3, height: 8, width: 12 }, warnings: [] })
        expect(Object.values(imported.answer).reduce((sum, p) => sum + p)).toBeCloseTo(1)
        expect(imported.inputGradient).toEqual({ possible: true })
        const { manifest, purifier } = await loadBundle(wanted.out)
        expect(manifest).toMatchObject({ id: 'vendor', classes: ['a', 'b', 'c'], modality: 'DX', input: { mean: [0, 0, 0], std: [1, 1, 1] } })
        expect(purifier).toBeNull()
        expect(readFileSync(join(wanted.out, 'MODEL_CARD.md'), 'utf8')).toMatch(/Research use only/)
      }
  })

  it('refuses what contradicts the model', async () => {
    const path = network()
    await expect(importModel(path, options({ classes: ['a', 'b'] }))).rejects.toMatchObject({ code: 'bundle-invalid' })
    await expect(importModel(path, options({ size: { height: 8, width: 8 } }))).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(importModel(path, options({ channels: 1 }))).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(importModel(path, options({ mean: [0.1, 0.2] }))).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('mean:') as string })
  })

  it('refuses what no bundle can be called or hold, with what to give instead, and before anything is written', async () => {
    const path = network()
    for (const [over, said] of [[{ id: 'Bad Id' }, /small letters/], [{ classes: ['a', 'b', 'a'] }, /class a is named twice/], [{ std: [0] }, /above 0/], [{ std: [1, -1, 1] }, /above 0/]] as const) {
      const wanted = options({ ...over } as Partial<ImportOptions>)
      await expect(importModel(path, wanted)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringMatching(said) as string })
      expect(existsSync(wanted.out)).toBe(false)
    }
    await expect(importModel(folder, options())).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringContaining(folder) as string })
  })

  it('never writes over a bundle', async () => {
    const wanted = options()
    await importModel(network(), wanted)
    await expect(importModel(network(), wanted)).rejects.toMatchObject({ code: 'output-not-writable' })
  })

  it("never writes over somebody's model, its own source among them", async () => {
    const wanted = options()
    mkdirSync(wanted.out)
    const source = join(wanted.out, 'classifier.onnx')
    copyFileSync(network(), source)
    const before = readFileSync(source)
    await expect(importModel(source, wanted)).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining('classifier.onnx') as string })
    expect(readFileSync(source)).toEqual(before)
  })

  it('warns where another kind of output is claimed than the model ends with', async () => {
    const { warnings } = await importModel(network({ probabilities: true }), options({ output: 'logits' }))
    expect(warnings.join()).toMatch(/end with softmax/)
  })

  describe('what nobody said', () => {
    const file = (): string => join(folder, `foreign-${count++}.onnx`)
    const asked = (over: Partial<ImportOptions> = {}): ImportOptions => options({ size: { height: side, width: side }, ...over })

    it('is read off the numbers where a softmax is written out in other operators', async () => {
      const byHand = (g: GraphBuilder, means: Value): Value => {
        const powers = exp(g, means)
        return div(g, powers, reduceSum(g, powers, [1], true))
      }
      const path = meansModel(file(), { head: byHand })
      const imported = await importModel(path, asked())
      expect(imported.output).toBe('softmax')
      expect(imported.warnings).toEqual([expect.stringMatching(/sum to 1: they are taken for the probabilities of a softmax/)])
      expect((await importModel(path, asked({ output: 'softmax' }))).warnings).toEqual([])
      expect((await importModel(path, asked({ output: 'logits' }))).warnings).toEqual([expect.stringMatching(/as those of a softmax do, and logits was given/)])
    })

    it('is told where the numbers could be logits or sigmoids', async () => {
      const path = meansModel(file())
      expect(await importModel(path, asked())).toMatchObject({ output: 'logits', warnings: [expect.stringMatching(/may be sigmoids/)] })
      expect((await importModel(path, asked({ output: 'softmax' }))).warnings).toEqual([expect.stringMatching(/without summing to 1, and softmax was given/)])
      for (const output of ['logits', 'sigmoid'] as const) expect((await importModel(path, asked({ output }))).warnings).toEqual([])
    })

    it('is the range that the model\'s first operators take, and is told where they do not say', async () => {
      const divided = meansModel(file(), { body: (g, x) => mul(g, x, 1 / 255) })
      const wanted = asked({ output: 'logits', mean: undefined, std: undefined })
      const imported = await importModel(divided, wanted)
      expect(imported.input).toMatchObject({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] })
      expect(imported.warnings).toEqual([expect.stringMatching(/takes values from 0 to 255/)])
      expect(readFileSync(join(wanted.out, 'MODEL_CARD.md'), 'utf8')).toContain('standard deviation 0.0039')
      const silent = await importModel(meansModel(file()), asked({ output: 'logits', mean: undefined, std: undefined }))
      expect(silent).toMatchObject({ input: { mean: [0, 0, 0], std: [1, 1, 1] }, warnings: [expect.stringMatching(/Nothing in the file says which range/)] })
      // What a person gives counts.
      expect(await importModel(divided, asked({ output: 'logits', mean: [0.5], std: undefined }))).toMatchObject({ input: { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }, warnings: [] })
    })
  })

  it.each([false, true])('names pieces that the file leaves without names, at which ONNX Runtime would end the process; in the branch of an If: %s', async (inBranch) => {
    const path = network()
    const model = readModel(readFileSync(path))
    const { graph } = model
    const last = graph.nodes.at(-1)!
    const [answer] = graph.outputs
    last.outputs = ['all']
    const pieces = int64([2], [3, 0])
    const split: OnnxNode = { op: 'Split', domain: '', name: 'split', inputs: ['all', 'pieces'], outputs: [inBranch ? 'piece' : answer!.name, ''], attributes: { axis: { type: 'int', value: 1 } } }
    graph.initializers.set('pieces', pieces)
    const branch = (): OnnxGraph => ({ name: 'branch', nodes: [split], initializers: new Map(), inputs: [], outputs: [{ ...answer!, name: 'piece' }] })
    const choice: OnnxNode = { op: 'If', domain: '', name: 'if', inputs: ['yes'], outputs: [answer!.name], attributes: { then_branch: { type: 'graph', value: branch() }, else_branch: { type: 'graph', value: branch() } } }
    if (inBranch) graph.initializers.set('yes', { dtype: 'bool', shape: [], data: Uint8Array.of(1) })
    graph.nodes.push(inBranch ? choice : split)
    writeFileSync(path, writeModel(model))
    const { bundle, inputGradient } = await importModel(path, options())
    expect(inputGradient).toMatchObject({ possible: true })
    expect((await loadBundle(bundle)).manifest.classes).toEqual(['a', 'b', 'c'])
  })

  it('takes a model that was written down for several images at a time', async () => {
    const change = (model: OnnxModel): void => {
      for (const value of [...model.graph.inputs, ...model.graph.outputs]) value.shape![0] = 4
    }
    const path = meansModel(join(folder, `four-${count++}.onnx`), { change })
    const imported = await importModel(path, options({ size: { height: side, width: side }, output: 'logits' }))
    expect(imported.warnings).toEqual([expect.stringMatching(/takes 4 images at a time/)])
    expect(imported.answer.a).toBeCloseTo(1 / 3, 1)
  })

  it.skipIf(!haveShared('onnx'))("takes other people's models, NHWC and of one image at a time too", async () => {
    const brain = await importModel(join(sharedData, 'onnx/brain_yesno_nhwc/brain_yesno_nhwc.onnx'), options({ classes: ['no', 'yes'], size: { height: 224, width: 224 }, std: [1 / 255] }))
    expect(brain).toMatchObject({ layout: 'nhwc', output: 'softmax', input: { channels: 3 }, inputGradient: { possible: true } })
    const digits = await importModel(join(sharedData, 'onnx/mnist-8/mnist-8.onnx'), options({ classes: [...'0123456789'], size: { height: 28, width: 28 } }))
    expect(digits).toMatchObject({ layout: 'nchw', output: 'logits', input: { channels: 1 } })
  })
})
