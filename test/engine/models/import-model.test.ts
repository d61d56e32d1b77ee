/**
 * Foreign classifiers become bundles that load, with what the model itself says of layout and output; what contradicts
 * the model is refused.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { conv, reduceMean, softmax, transpose } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { importModel } from '../../../src/engine/models/import-model'
import type { ImportOptions } from '../../../src/engine/models/import-model'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
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

  it.skipIf(!haveShared('onnx'))("takes other people's models, NHWC and of one image at a time too", async () => {
    const brain = await importModel(join(sharedData, 'onnx/brain_yesno_nhwc/brain_yesno_nhwc.onnx'), options({ classes: ['no', 'yes'], size: { height: 224, width: 224 }, std: [1 / 255] }))
    expect(brain).toMatchObject({ layout: 'nhwc', output: 'softmax', input: { channels: 3 }, inputGradient: { possible: true } })
    const digits = await importModel(join(sharedData, 'onnx/mnist-8/mnist-8.onnx'), options({ classes: [...'0123456789'], size: { height: 28, width: 28 } }))
    expect(digits).toMatchObject({ layout: 'nchw', output: 'logits', input: { channels: 1 } })
  })
})
