/**
 * Holds one drawn operator, as a foreign model of some operator set has it, against two things that we did not write:
 * its forward pass against ONNX Runtime's answer on the foreign model itself, and its gradient against central
 * differences of that answer. Where an operator is written with others in the backward pass, that writing is held
 * against ONNX Runtime's kernel too.
 *
 * Double precision where ONNX Runtime has the kernels, which is found out by asking for it; else single.
 */
import { expect } from 'vitest'
import { gradient } from '../../../../src/engine/autodiff/gradient'
import { ruleFor } from '../../../../src/engine/autodiff/registry'
import { GraphBuilder, type Value } from '../../../../src/engine/onnx/builder'
import type { Attributes, OnnxModel } from '../../../../src/engine/onnx/model'
import { add, mul, reduceSum } from '../../../../src/engine/onnx/ops'
import { writeModel } from '../../../../src/engine/onnx/writer'
import { createSession, type Session } from '../../../../src/engine/runtime/session'
import { Random } from '../../../../src/engine/tensor/random'
import { float32, sizeOf, tensor, type DType, type Shape, type Tensor } from '../../../../src/engine/tensor/tensor'

/** An input by which the gradient is taken: its shape, and how its elements are drawn (standard normal by default). */
export interface Free {
  shape: Shape
  values?: (random: Random, index: number) => number
}

export interface Drawn {
  opset: number
  /** Versions of other domains. */
  domains?: Record<string, number>
  nodes: { op: string; domain?: string; inputs: string[]; outputs: string[]; attributes?: Attributes }[]
  free: Record<string, Free>
  /** Tensors of the model. Those of type float64 take the precision that is tried. */
  constants: Record<string, Tensor>
  outputs: string[]
  seed: number
  /** Largest difference of the forward passes, relative to the largest value. */
  forward?: number
  /** The same in absolute terms, where an answer is rounded to steps. */
  step?: number
  /** Largest difference of the gradients, relative to their norm. */
  tolerance?: number
  /** What is differentiated numerically instead of the model, where rounding stands in the way. */
  surrogate?: (g: GraphBuilder, free: Record<string, Value>) => Value[]
  /** ONNX Runtime computes it in single precision inside, whatever it is given. */
  single?: boolean
  /** ONNX Runtime cannot answer on the foreign model, for the reason given; the spliced one is differentiated. */
  noReference?: string
}

type Precision = 'float32' | 'float64'
const inPrecision = (dtype: DType, shape: Shape, values: ArrayLike<number>): Tensor =>
  dtype === 'float64' ? tensor('float64', shape, Float64Array.from(values)) : float32(shape, Float32Array.from(values))

/** Operators without a kernel in double precision, found out once. */
const singleOnly = new Set<string>()
const lacksKernel = /not.?implemented|could not find an implementation|type error|type parameter|mismatch|does not support|refuses this model/i

export async function check(drawn: Drawn): Promise<void> {
  const key = drawn.nodes.map((n) => `${n.domain ?? ''}.${n.op}`).join()
  if (!singleOnly.has(key) && !drawn.surrogate && !drawn.single) {
    try {
      await checkIn('float64', drawn)
      return
    } catch (error) {
      if (!lacksKernel.test(String(error))) throw error
      singleOnly.add(key)
    }
  }
  await checkIn('float32', drawn)
}

export function modelOf(drawn: Drawn, precision: Precision): OnnxModel {
  return {
    irVersion: 10,
    opsets: new Map([['', drawn.opset], ...Object.entries(drawn.domains ?? {})]),
    producer: 'test',
    metadata: {},
    graph: {
      name: 'g',
      nodes: drawn.nodes.map((n, i) => ({ op: n.op, domain: n.domain ?? '', name: `n${i}`, inputs: n.inputs, outputs: n.outputs, attributes: n.attributes ?? {} })),
      initializers: new Map(Object.entries(drawn.constants).map(([name, t]) => [name, t.dtype === 'float64' ? inPrecision(precision, t.shape, t.data as Float64Array) : t])),
      inputs: Object.entries(drawn.free).map(([name, { shape }]) => ({ name, dtype: precision, shape: [...shape] })),
      // The real type is ONNX Runtime's to find; what is declared here is not looked at by the reader.
      outputs: drawn.outputs.map((name) => ({ name, dtype: precision })),
    },
  }
}

const isReal = (t: { dtype: DType }) => t.dtype.startsWith('float')

/** Values of the free inputs. */
export const valuesOf = (drawn: Drawn, random: Random): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(drawn.free).map(([name, { shape, values: draw }]) => {
      const drawOne = draw ?? ((r: Random) => r.normal())
      return [name, Array.from({ length: sizeOf(shape) }, (_, i) => drawOne(random, i))]
    }),
  )

async function checkIn(precision: Precision, drawn: Drawn): Promise<void> {
  const random = new Random(drawn.seed)
  const values = valuesOf(drawn, random)
  const feed = (all: Record<string, number[]>) => Object.fromEntries(Object.entries(all).map(([name, v]) => [name, inPrecision(precision, drawn.free[name]!.shape, v)]))
  const model = modelOf(drawn, precision)

  const g = new GraphBuilder()
  const free = Object.fromEntries(Object.entries(drawn.free).map(([name, { shape }]) => [name, g.input(name, shape, precision)]))
  const spliced = g.inline(model, free)
  const outputs = drawn.outputs.map((name) => spliced[name]!)
  const reals = outputs.flatMap((y, i) => (isReal(y) ? [i] : []))
  const projections = new Map(reals.map((i) => [i, inPrecision(outputs[i]!.dtype, outputs[i]!.shape, Array.from({ length: sizeOf(outputs[i]!.shape) }, () => random.normal()))]))
  outputs.forEach((y, i) => g.output(`y${i}`, y))
  const lowered = lowerings(g)
  lowered.forEach(([, written], i) => g.output(`lowered${i}`, written))
  lowered.forEach(([own], i) => g.output(`own${i}`, own))
  const losses = reals.map((i) => reduceSum(g, mul(g, outputs[i]!, g.constant(projections.get(i)!))))
  const loss = losses.map((l) => (l.dtype === precision ? l : g.op('Cast', [l], { to: { type: 'int', value: precision === 'float64' ? 11 : 1 } }))).reduce((a, b) => add(g, a, b))
  const names = Object.keys(free)
  gradient(g, loss, names.map((n) => free[n]!)).forEach((d, i) => {
    expect(d.shape, `shape of the gradient by ${names[i]}`).toEqual(free[names[i]!]!.shape)
    g.output(`d${i}`, d)
  })
  const ours = await open(g.toBytes())
  const reference = drawn.noReference ? undefined : await open(writeModel(undeclared(model)))
  const standIn = drawn.surrogate && (await surrogateSession(drawn, precision))
  try {
    const analytic = await ours.run(feed(values))
    if (reference) sameOutputs(await reference.run(feed(values)), analytic, outputs, drawn, precision)
    lowered.forEach(([own], i) => close(analytic[`lowered${i}`]!, analytic[`own${i}`]!, precision === 'float64' ? 3e-7 : 1e-4, `the writing of ${own.name} with other operators`))

    const judged = standIn ?? reference ?? ours
    const names0 = standIn ? reals.map((_, k) => `s${k}`) : reals.map((i) => (reference ? drawn.outputs[i]! : `y${i}`))
    const lossAt = async (moved: Record<string, number[]>) => {
      const result = await judged.run(feed(moved))
      return reals.reduce((sum, i, k) => sum + dot(numbers(result[names0[k]!]!), numbers(projections.get(i)!)), 0)
    }
    for (const [i, name] of names.entries()) await comparesWithDifferences(name, numbers(analytic[`d${i}`]!), values, lossAt, random, precision, drawn.tolerance)
  } finally {
    await Promise.all([ours.release(), reference?.release(), standIn?.release()])
  }
}

async function comparesWithDifferences(
  name: string,
  analytic: number[],
  values: Record<string, number[]>,
  lossAt: (moved: Record<string, number[]>) => Promise<number>,
  random: Random,
  precision: Precision,
  tolerance = precision === 'float64' ? 1e-5 : 2e-3,
): Promise<void> {
  const step = precision === 'float64' ? 1e-3 : 2e-2
  expect(analytic.every(Number.isFinite), `gradient by ${name} is a number everywhere: ${analytic.slice(0, 8).join()}`).toBe(true)
  for (let direction = 0; direction < 2; direction++) {
    const v = analytic.map(() => random.uniform(-1, 1))
    const at = (h: number) => lossAt({ ...values, [name]: values[name]!.map((x, k) => x + h * v[k]!) })
    const [up, down, farUp, farDown] = [await at(step), await at(-step), await at(2 * step), await at(-2 * step)]
    const numeric = (8 * (up - down) - (farUp - farDown)) / (12 * step)
    const along = dot(analytic, v)
    const scale = Math.sqrt(dot(analytic, analytic)) + (precision === 'float64' ? 1e-3 : 1e-1)
    expect(Math.abs(along - numeric) / scale, `gradient by ${name} along a direction: analytic ${along}, numeric ${numeric} (${precision})`).toBeLessThan(tolerance)
  }
}

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
export const numbers = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number)

const open = (bytes: Uint8Array): Promise<Session> => createSession(bytes, { provider: 'cpu', threads: 1 })

/** Every composite node that the splicing left, beside its own writing with other operators. */
function lowerings(g: GraphBuilder): [Value, Value][] {
  return g.nodes.slice().flatMap((node) => {
    const rule = ruleFor(node.op)
    if (!rule || !('lower' in rule)) return []
    const written = rule.lower(g, node)
    return node.outputs.flatMap((own, i): [Value, Value][] => (written[i] && isReal(own) ? [[own, written[i]]] : []))
  })
}

/** Output types are left for ONNX Runtime to infer: some are integers. */
function undeclared(model: OnnxModel): OnnxModel {
  const types = new Map(outputTypes(model))
  return { ...model, graph: { ...model.graph, outputs: model.graph.outputs.map((o) => ({ name: o.name, dtype: types.get(o.name) ?? o.dtype })) } }
}

function outputTypes(model: OnnxModel): [string, DType][] {
  const g = new GraphBuilder()
  const inputs = Object.fromEntries(model.graph.inputs.map((i) => [i.name, g.input(i.name, i.shape as number[], i.dtype)]))
  return Object.entries(g.inline(model, inputs)).map(([name, v]) => [name, v.dtype])
}

function sameOutputs(reference: Record<string, Tensor>, ours: Record<string, Tensor>, values: readonly Value[], drawn: Drawn, precision: Precision): void {
  drawn.outputs.forEach((name, i) => {
    expect([...values[i]!.shape], `declared shape of ${name}`).toEqual([...reference[name]!.shape])
    expect([...ours[`y${i}`]!.shape], `shape of ${name}`).toEqual([...reference[name]!.shape])
    close(ours[`y${i}`]!, reference[name]!, drawn.forward ?? (precision === 'float64' ? 3e-7 : 1e-5), name, drawn.step)
  })
}

function close(found: Tensor, expected: Tensor, tolerance: number, what: string, step = 0): void {
  const [a, b] = [numbers(found), numbers(expected)]
  const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3)
  const worst = a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i]!)), 0)
  if (worst <= step) return
  expect(worst / largest, `forward of ${what}: ${a.slice(0, 6).join()} against ${b.slice(0, 6).join()}`).toBeLessThanOrEqual(tolerance)
}

async function surrogateSession(drawn: Drawn, precision: Precision): Promise<Session> {
  const g = new GraphBuilder()
  const free = Object.fromEntries(Object.entries(drawn.free).map(([name, { shape }]) => [name, g.input(name, shape, precision)]))
  drawn.surrogate!(g, free).forEach((v, i) => g.output(`s${i}`, v))
  return open(g.toBytes())
}
