/** Functions that a model brings along are written out where they are called: the graph answers what ONNX Runtime answers. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { attributeTypes, encodeModel, type AttributeProto, type FunctionProto, type ModelProto, type NodeProto } from '../../../src/engine/onnx/schema'
import { createSession } from '../../../src/engine/runtime/session'
import { float32 } from '../../../src/engine/tensor/tensor'

const tensorType = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } }
const node = (opType: string, input: string[], output: string[], attribute: AttributeProto[] = [], domain = ''): NodeProto => ({ opType, input, output, attribute, domain, name: '' })
const float = (name: string, f: number): AttributeProto => ({ name, type: attributeTypes.float, f })
const reference = (name: string, refAttrName: string): AttributeProto => ({ name, type: attributeTypes.float, refAttrName })
const own = 'own'
const imports = (version: number) => [{ domain: '', version }, { domain: own, version: 1 }]

const model = (nodes: NodeProto[], functions: FunctionProto[], opset = 17): Uint8Array =>
  encodeModel({
    irVersion: 8,
    opsetImport: imports(opset),
    functions,
    graph: { name: 'g', node: nodes, input: [{ name: 'x', type: tensorType }], output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }] },
  } satisfies ModelProto)

/** leaky(leaky(x)) with a slope given by the call, or else the function's own; a value inside has the name of one outside. */
const leaky: FunctionProto = {
  name: 'Leaky', domain: own, input: ['a'], output: ['b'], opsetImport: imports(17), attributeProto: [float('slope', 0.5)],
  node: [node('LeakyRelu', ['a'], ['x'], [reference('alpha', 'slope')]), node('Identity', ['x'], ['b'])],
}
const twice: FunctionProto = {
  name: 'Twice', domain: own, input: ['a', 'skipped'], output: ['b'], opsetImport: imports(17),
  node: [node('Leaky', ['a'], ['m'], [float('slope', 0.25)], own), node('Leaky', ['m'], ['b'], [], own)],
}

async function answer(bytes: Uint8Array): Promise<number[]> {
  const session = await createSession(bytes, { provider: 'cpu', threads: 1 })
  const { y } = await session.run({ x: float32([4], [1, -1, 2, -8]) })
  await session.release()
  return Array.from(y!.data as Float32Array)
}

function splicedBytes(bytes: Uint8Array): Uint8Array {
  const g = new GraphBuilder()
  g.output('y', g.inline(readModel(bytes), { x: g.input('x', [4]) }).y!)
  return g.toBytes()
}

describe('functions of a model', () => {
  it('calls within calls, attributes given and left out', async () => {
    const bytes = model([node('Twice', ['x', ''], ['t'], [], own), node('Leaky', ['t'], ['u'], [], own), node('Add', ['u', 'x'], ['y'])], [leaky, twice])
    expect(await answer(splicedBytes(bytes))).toEqual(await answer(bytes))
    expect(readModel(bytes).graph.nodes.map((n) => n.op)).toEqual(['LeakyRelu', 'Identity', 'LeakyRelu', 'Identity', 'LeakyRelu', 'Identity', 'Add'])
  })

  it('a function of an older operator set keeps its own', () => {
    const old: FunctionProto = { name: 'Sum', domain: own, input: ['a'], output: ['b'], opsetImport: [{ domain: '', version: 11 }], node: [node('ReduceSum', ['a'], ['b'], [{ name: 'axes', type: attributeTypes.ints, ints: [0] }])] }
    const g = new GraphBuilder()
    const y = g.inline(readModel(model([node('Sum', ['x'], ['y'], [], own)], [old])), { x: g.input('x', [4]) }).y!
    expect(y.shape).toEqual([1])
  })

  it('is not written among nodes of another operator set, where it would mean something else', () => {
    const old: FunctionProto = { name: 'Shares', domain: own, input: ['a'], output: ['b'], opsetImport: [{ domain: '', version: 11 }], node: [node('Softmax', ['a'], ['b'])] }
    expect(() => writeModel(readModel(model([node('Shares', ['x'], ['y'], [], own)], [old])))).toThrowError(expect.objectContaining({ code: 'onnx-invalid', facts: expect.objectContaining({ operator: 'Softmax', opset: 11 }) }))
  })

  it('a function that calls itself is an error, and not an endless loop', () => {
    const endless: FunctionProto = { name: 'Again', domain: own, input: ['a'], output: ['b'], opsetImport: imports(17), node: [node('Again', ['a'], ['m'], [], own), node('Again', ['m'], ['b'], [], own)] }
    expect(() => readModel(model([node('Again', ['x'], ['y'], [], own)], [endless]))).toThrowError(expect.objectContaining({ code: 'onnx-invalid' }))
  })
})
