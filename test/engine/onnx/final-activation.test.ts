/** The last Softmax or Sigmoid is found behind what leaves its numbers as they are, and nowhere else. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { finalActivation, withoutFinalActivation } from '../../../src/engine/onnx/final-activation'
import { int, type OnnxModel } from '../../../src/engine/onnx/model'
import { cast, logSoftmax, matMul, mul, reshape, sigmoid, softmax, transpose } from '../../../src/engine/onnx/ops'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, toNumbers } from '../../../src/engine/tensor/tensor'

const weights = float32([3, 3], [1, -2, 3, 0.5, 4, -1, 2, 0, -3])
const x = float32([2, 3], [0.1, 0.7, 0.4, 0.9, 0.2, 0.5])

function modelOf(end: (g: GraphBuilder, z: Value) => Value): OnnxModel {
  const g = new GraphBuilder()
  g.output('y', end(g, matMul(g, g.input('x', x.shape), g.constant(weights))))
  return g.toModel()
}

async function answersOf(model: OnnxModel): Promise<{ shape: readonly number[]; values: number[] }> {
  const session = await createSession(writeModel(model), { provider: 'cpu' })
  const [answer] = Object.values(await session.run({ x }))
  await session.release()
  return { shape: answer!.shape, values: toNumbers(answer!) }
}

const inference = (g: GraphBuilder, v: Value): Value => g.op('Dropout', [v, g.scalar(0.5)], {})

describe('the final activation', () => {
  it.each<[string, (g: GraphBuilder, p: Value) => Value]>([
    ['nothing', (_, p) => p],
    ['Identity', (g, p) => g.op('Identity', [p])],
    ['Reshape', (g, p) => reshape(g, p, [2, 3, 1, 1])],
    ['Unsqueeze and Squeeze', (g, p) => g.op('Squeeze', [g.op('Unsqueeze', [p, g.integers([1])]), g.integers([1])])],
    ['Flatten', (g, p) => g.op('Flatten', [p], { axis: int(1) })],
    ['Cast to another float', (g, p) => cast(g, p, 'float64')],
    ['Dropout in inference', inference],
    ['several of them', (g, p) => g.op('Identity', [inference(g, reshape(g, cast(g, p, 'float64'), [1, 2, 3]))])],
  ])('is taken off from before %s, and the output keeps its shape', async (_, behind) => {
    const [whole, logits] = [modelOf((g, z) => behind(g, softmax(g, z))), await answersOf(modelOf(behind))]
    expect(finalActivation(whole)).toBe('Softmax')
    const bare = withoutFinalActivation(whole)
    // In a session of its own, which refuses names that are given twice.
    const found = await answersOf(bare)
    expect(found.shape).toEqual(logits.shape)
    found.values.forEach((v, i) => expect(v).toBeCloseTo(logits.values[i]!, 5))
  })

  it.each<[string, (g: GraphBuilder, z: Value) => Value]>([
    ['is followed by arithmetic', (g, z) => mul(g, softmax(g, z), 2)],
    ['is turned into whole numbers', (g, z) => cast(g, softmax(g, z), 'int64')],
    ['changes its order', (g, z) => transpose(g, softmax(g, z), [1, 0])],
    ['is dropped from in training', (g, z) => g.op('Dropout', [softmax(g, z), g.scalar(0.5), g.constant({ dtype: 'bool', shape: [], data: Uint8Array.of(1) })])],
    ['is not there', (_, z) => z],
  ])('stays where it %s', (_, end) => {
    const model = modelOf(end)
    expect(finalActivation(model)).toBeUndefined()
    expect(withoutFinalActivation(model)).toBe(model)
  })

  it('says which it was', () => {
    expect(finalActivation(modelOf((g, z) => reshape(g, sigmoid(g, z), [6])))).toBe('Sigmoid')
    expect(finalActivation(modelOf((g, z) => logSoftmax(g, z)))).toBe('LogSoftmax')
  })

  it('of a file whose nodes go round in circles is none', () => {
    const model = modelOf((g, z) => g.op('Identity', [z]))
    for (const node of model.graph.nodes) if (node.op === 'Identity') node.inputs = [model.graph.outputs[0]!.name]
    expect(finalActivation(model)).toBeUndefined()
  })
})
