/** What is said of a foreign file before it is imported. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findOut, classesIn } from '../../../src/engine/models/find-out'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import type { Value } from '../../../src/engine/onnx/builder'
import { ints } from '../../../src/engine/onnx/model'
import { add, div, exp, mul, reduceSum, reshape, sub } from '../../../src/engine/onnx/ops'
import { float32, tensor } from '../../../src/engine/tensor/tensor'
import { haveShared, sharedData } from '../../support/shared-data'
import { temporaryFolder } from '../bundle/fixtures'
import { meansModel, side } from './foreign'

const found = async (options: Parameters<typeof meansModel>[1] = {}) => findOut(meansModel(join(await temporaryFolder(), 'vendor.onnx'), options))

describe('a foreign model', () => {
  it('tells its layout, channels, size and number of answers', async () => {
    expect((await found()).guess).toMatchObject({ layout: 'nchw', channels: 3, width: side, height: side, sizeKnown: true, classCount: 3, std: [1] })
    expect((await found({ nhwc: true })).guess).toMatchObject({ layout: 'nhwc', channels: 3 })
  })

  it('that divides by 255, or by 127.5 and subtracts 1, takes 0 to 255; one that subtracts means of 0 to 1 normalises itself', async () => {
    const caffe = (g: GraphBuilder, x: Value): Value => sub(g, x, g.constant(float32([1, 3, 1, 1], [103.939, 116.779, 123.68])))
    expect((await found({ body: caffe })).guess).toMatchObject({ mean: [0], std: [1 / 255] })
    const [divided, rescaled, normalised, silent] = await Promise.all([
      found({ body: (g, x) => div(g, x, 255) }),
      found({ nhwc: true, body: (g, x) => add(g, mul(g, x, 1 / 127.5), -1) }),
      found({ body: (g, x) => div(g, sub(g, x, g.constant(float32([1, 3, 1, 1], [0.485, 0.456, 0.406]))), 0.225) }),
      found(),
    ])
    expect(divided.guess).toMatchObject({ mean: [0], std: [1 / 255] })
    expect(rescaled.guess).toMatchObject({ mean: [0], std: [1 / 255] })
    expect(normalised.guess).toMatchObject({ mean: [0], std: [1] })
    expect(normalised.hints.join()).toMatch(/normalises its input itself/)
    expect(silent.hints.join()).toMatch(/Nothing in the file says which range/)
  })

  it('that was written down for several images at a time is tried all the same', async () => {
    const { guess, problem } = await found({ change: ({ graph }) => void [...graph.inputs, ...graph.outputs].forEach(({ shape }) => (shape![0] = 4)) })
    expect(problem).toBeUndefined()
    expect(guess).toMatchObject({ layout: 'nchw', channels: 3, classCount: 3 })
  })

  it('that writes its softmax out in other operators is known by its numbers', async () => {
    const { guess } = await found({
      head(g, means) {
        const powers = exp(g, means)
        return div(g, powers, reduceSum(g, powers, [1], true))
      },
    })
    expect(guess?.output).toBe('softmax')
    expect((await found({ head: (g, means) => sub(g, means, 5) })).guess?.output).toBe('logits')
  })

  it('may name its classes in its metadata', () => {
    expect(classesIn({ names: "{0: 'cat', 1: 'dog'}" }, 2)).toEqual(['cat', 'dog'])
    expect(classesIn({ labels: '["a, b", "c"]' }, 2)).toEqual(['a, b', 'c'])
    expect(classesIn({ classes: 'normal, pneumonia' }, 2)).toEqual(['normal', 'pneumonia'])
    expect(classesIn({ classes: 'normal, pneumonia' }, 3)).toBeNull()
    // By their numbers, not by where they stand.
    for (const names of ["{1: 'dog', 0: 'cat'}", '{"1": "dog", "0": "cat"}', "{'dog': 1, 'cat': 0}", '{"dog": 2, "cat": 1}']) expect(classesIn({ names }, 2)).toEqual(['cat', 'dog'])
  })

  it('that cannot be differentiated says at which node, operator and operator set, and can be imported all the same', async () => {
    // A determinant runs in ONNX Runtime, and Assay has no gradient for it.
    const { model, guess } = await found({
      change({ graph }) {
        graph.nodes.length = 0
        graph.nodes.push({ op: 'Det', domain: '', name: 'head/det', inputs: ['image'], outputs: ['answer'], attributes: {} })
      },
    })
    expect(model.inputGradient).toMatchObject({ possible: false, error: { facts: { node: 'head/det', operator: 'Det', opset: 18 } } })
    expect(guess?.classCount).toBe(3)
  })

  it('that leaves rows and columns open is differentiated at a usual size, where pooling leaves something', async () => {
    const { model, guess } = await found({
      body: (g, x) => g.op('MaxPool', [x], { kernel_shape: ints([4, 4]), strides: ints([4, 4]) }),
      change: ({ graph }) => void graph.inputs[0]!.shape!.splice(2, 2, 'H', 'W'),
    })
    expect(model.inputGradient).toEqual({ possible: true })
    expect(guess).toMatchObject({ width: 224, height: 224, sizeKnown: false })
  })

  it('that rounds its numbers warns that the gradient leaves the rounding out', async () => {
    const rounded = await found({
      change({ graph }) {
        graph.initializers.set('scale', float32([], [0.1]))
        graph.initializers.set('zero', tensor('uint8', [], Uint8Array.of(0)))
        const last = graph.nodes.at(-1)!
        last.outputs[0] = 'exact'
        graph.nodes.push({ op: 'QuantizeLinear', domain: '', name: 'q', inputs: ['exact', 'scale', 'zero'], outputs: ['whole'], attributes: {} })
        graph.nodes.push({ op: 'DequantizeLinear', domain: '', name: 'dq', inputs: ['whole', 'scale', 'zero'], outputs: ['answer'], attributes: {} })
      },
    })
    expect(rounded.model.warnings).toMatchObject([{ code: 'straight-through' }])
  })

  it('that takes no single image says why it cannot be imported, beside what was found', async () => {
    const g = new GraphBuilder()
    const age = g.input('age', [1, 1])
    g.output('answer', add(g, reshape(g, g.input('image', [1, 1]), [1, 1]), age))
    const path = join(await temporaryFolder(), 'two.onnx')
    writeFileSync(path, g.toBytes())
    const { guess, problem, model } = await findOut(path)
    expect(guess).toBeNull()
    expect(problem).toMatchObject({ code: 'onnx-invalid', message: expect.stringContaining('2 inputs') as string })
    expect(model.inputs).toHaveLength(2)
  })

  it.skipIf(!haveShared('onnx'))("is read as other people's files are", async () => {
    const at = (name: string) => findOut(join(sharedData, `onnx/${name}/${name}.onnx`))
    expect((await at('brain_yesno_nhwc')).guess).toMatchObject({ layout: 'nhwc', channels: 3, width: 224, output: 'softmax', classCount: 2 })
    expect((await at('mnist-8')).guess).toMatchObject({ layout: 'nchw', channels: 1, width: 28, output: 'logits', classCount: 10 })
    expect((await at('light_squeezenet')).guess).toMatchObject({ output: 'softmax', classCount: 1000 })
  })
})
