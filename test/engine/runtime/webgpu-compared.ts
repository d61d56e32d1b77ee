/** The answers of the WebGPU provider beside those of the CPU. */
import { expect } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import type { OnnxModel } from '../../../src/engine/onnx/model'
import { add, mul, reduceSum } from '../../../src/engine/onnx/ops'
import { writeModel } from '../../../src/engine/onnx/writer'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, type Tensor } from '../../../src/engine/tensor/tensor'
import { modelOf, numbers, valuesOf, type Drawn } from '../autodiff/properties/harness'
import type { Typed } from './webgpu-shapes'

type Answers = Record<string, Tensor>
/** By what was compared: the largest difference as a share of the largest value. */
export type Differences = Record<string, number>

/** Undefined where the CPU provider itself does not take the model, or fails on it. */
export async function onBoth(bytes: Uint8Array, feeds: Answers): Promise<{ cpu: Answers; gpu: Answers } | undefined> {
  const reference = await createSession(bytes, { provider: 'cpu', threads: 1 }).catch(() => undefined)
  try {
    const cpu = await reference?.run(feeds).catch(() => undefined)
    if (!cpu) return undefined
    const session = await createSession(bytes, { provider: 'webgpu', threads: 1 })
    expect([reference!.provider, session.provider]).toEqual(['cpu', 'webgpu'])
    try {
      return { cpu, gpu: await session.run(feeds) }
    } finally {
      await session.release()
    }
  } finally {
    await reference?.release()
  }
}

/** Where the CPU answers what is no number, the same is asked for. */
export function difference(cpu: Tensor | undefined, gpu: Tensor | undefined): number {
  if (!cpu || !gpu || String(cpu.shape) !== String(gpu.shape)) return Infinity
  const [a, b] = [numbers(cpu), numbers(gpu)]
  const scale = a.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1e-3)
  const apart = (v: number, w: number) => (Object.is(v, w) || v === w ? 0 : Number.isNaN(v - w) ? Infinity : Math.abs(v - w))
  return a.reduce((m, v, i) => Math.max(m, apart(v, b[i]!)), 0) / scale
}

async function differences(bytes: Uint8Array, feeds: Answers): Promise<Differences | undefined> {
  const answers = await onBoth(bytes, feeds)
  return answers && Object.fromEntries(Object.keys(answers.cpu).map((name) => [name, difference(answers.cpu[name], answers.gpu[name])]))
}

const isReal = (v: { dtype: string }) => v.dtype === 'float32'

/** On the foreign model itself, as a scan runs it. */
export async function foreignDifferences(drawn: Drawn): Promise<Differences | undefined> {
  const model = modelOf(drawn, 'float32')
  const g = new GraphBuilder()
  const types = g.inline(model, Object.fromEntries(model.graph.inputs.map((i) => [i.name, g.input(i.name, i.shape as number[], i.dtype)])))
  const outputs = model.graph.outputs.map(({ name }) => ({ name, dtype: types[name]!.dtype }))
  const feeds = Object.fromEntries(Object.entries(valuesOf(drawn, new Random(drawn.seed))).map(([name, v]) => [name, float32(drawn.free[name]!.shape, v)]))
  return differences(writeModel({ ...model, graph: { ...model.graph, outputs } }), feeds)
}

/** In one graph of ours: the answers of all cases, and the gradients of theirs along random directions. */
export async function splicedDifferences(cases: Readonly<Record<string, Drawn>>): Promise<Differences | undefined> {
  const g = new GraphBuilder()
  const feeds: Answers = {}
  const inputs: Record<string, Value> = {}
  const wanted: Record<string, Value> = {}
  const losses: Value[] = []
  for (const [name, drawn] of Object.entries(cases)) {
    const random = new Random(drawn.seed)
    const free: Record<string, Value> = {}
    for (const [input, values] of Object.entries(valuesOf(drawn, random))) {
      const { shape } = drawn.free[input]!
      feeds[`${name} ${input}`] = float32(shape, values)
      inputs[`${name}: gradient by ${input}`] = free[input] = g.input(`${name} ${input}`, shape)
    }
    for (const [i, y] of Object.values(g.inline(modelOf(drawn, 'float32'), free)).entries()) {
      wanted[`${name}: answer ${i}`] = y
      if (isReal(y)) losses.push(reduceSum(g, mul(g, y, g.constant(float32(y.shape, Float32Array.from({ length: sizeOf(y.shape) }, () => random.normal()))))))
    }
  }
  if (losses.length) gradient(g, losses.reduce((a, b) => add(g, a, b)), Object.values(inputs)).forEach((d, i) => (wanted[Object.keys(inputs)[i]!] = d))
  for (const [name, v] of Object.entries(wanted)) g.output(name, v)
  return differences(g.toBytes(), feeds)
}

export async function typedDifferences({ op, opset, attributes, inputs, fixed, outputs }: Typed): Promise<Differences | undefined> {
  const named = inputs.map((t, i) => [`x${i}`, t] as const)
  const [constants, fed] = [named.filter((_, i) => fixed.includes(i)), named.filter((_, i) => !fixed.includes(i))]
  const names = outputs.map((_, i) => `y${i}`)
  const model: OnnxModel = {
    irVersion: 10,
    opsets: new Map([['', opset]]),
    producer: 'test',
    metadata: {},
    graph: {
      name: 'g',
      nodes: [{ op, domain: '', name: 'n', inputs: named.map(([name]) => name), outputs: names, attributes }],
      initializers: new Map(constants),
      inputs: fed.map(([name, t]) => ({ name, dtype: t.dtype, shape: [...t.shape] })),
      outputs: outputs.map((dtype, i) => ({ name: names[i]!, dtype })),
    },
  }
  return differences(writeModel(model), Object.fromEntries(fed))
}
