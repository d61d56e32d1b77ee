/**
 * The twin in double precision that gradcheck judges by, of every operator on random shapes, attributes and operator
 * sets: ONNX Runtime takes it, it answers what the graph in single precision answers, and its gradient is what central
 * differences of it say, a thousand times closer than single precision could tell.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inDoublePrecision } from '../../../src/engine/autodiff/double-precision/twin'
import { singleOnly } from '../../../src/engine/autodiff/double-precision/writings'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { add, mul, reduceSum } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf, tensor } from '../../../src/engine/tensor/tensor'
import { byDomain, byFamily } from './properties/cases'
import { Draw, type Case } from './properties/draw'
import { dot, modelOf, numbers, valuesOf, type Drawn } from './properties/harness'

const isReal = (v: { dtype: string }) => v.dtype === 'float32'
const largest = (values: readonly number[]) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3)
const apart = (a: readonly number[], b: readonly number[]) => a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i]!)), 0)

async function check(drawn: Drawn): Promise<void> {
  const random = new Random(drawn.seed)
  const values = valuesOf(drawn, random)
  const g = new GraphBuilder()
  const free = Object.fromEntries(Object.entries(drawn.free).map(([name, { shape }]) => [name, g.input(name, shape)]))
  const inputs = Object.values(free)
  const outputs = Object.values(g.inline(modelOf(drawn, 'float32'), free)).filter(isReal)
  if (!outputs.length) return
  const projections = outputs.map(({ shape }) => float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => random.normal())))
  const loss = outputs.map((y, i) => reduceSum(g, mul(g, y, g.constant(projections[i]!)))).reduce((a, b) => add(g, a, b))
  const gradients = gradient(g, loss, inputs)
  const wanted = [...outputs, ...gradients]
  wanted.forEach((v, i) => g.output(`v${i}`, v))
  const twin = inDoublePrecision(g.nodes, inputs, wanted)
  wanted.forEach((v, i) => twin.g.output(`v${i}`, twin.of(v)))
  const [single, double] = [await createSession(g.toBytes(), { provider: 'cpu', threads: 1 }), await createSession(twin.g.toBytes(), { provider: 'cpu', threads: 1, fused: false })]
  try {
    const feed = (all: Record<string, number[]>, exact: boolean) =>
      Object.fromEntries(inputs.map(({ name, shape }) => [name, exact ? tensor('float64', shape, Float64Array.from(all[name]!)) : float32(shape, all[name]!)]))
    const at = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, v.map(Math.fround)]))
    const [ours, exact] = [await single.run(feed(at, false)), await double.run(feed(at, true))]
    const rounds = g.warnings.some(({ code }) => code === 'straight-through')
    wanted.forEach((_, i) => {
      const [a, b] = [numbers(ours[`v${i}`]!), numbers(exact[`v${i}`]!)]
      expect([...exact[`v${i}`]!.shape]).toEqual([...ours[`v${i}`]!.shape])
      // Where numbers are quantised the twin leaves the rounding out.
      if (!rounds) expect(apart(a, b) / largest(b), `${i < outputs.length ? 'output' : 'gradient'} ${a.slice(0, 5).join()} against ${b.slice(0, 5).join()}`).toBeLessThan(drawn.step ? 1 : 2e-3)
    })
    if (twin.blurred.size) return
    const lossAt = async (moved: Record<string, number[]>) => {
      const result = await double.run(feed(moved, true))
      return outputs.reduce((sum, _, i) => sum + dot(numbers(result[`v${i}`]!), numbers(projections[i]!)), 0)
    }
    for (const [i, { name }] of inputs.entries()) {
      const analytic = numbers(exact[`v${outputs.length + i}`]!)
      const v = analytic.map(() => random.uniform(-1, 1))
      const moved = (h: number) => lossAt({ ...at, [name]: at[name]!.map((x, k) => x + h * v[k]!) })
      const step = 1e-5
      const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step)
      expect(Math.abs(numeric - dot(analytic, v)) / (Math.sqrt(dot(analytic, analytic)) + 1e-2), `by ${name}: analytic ${dot(analytic, v)}, numeric ${numeric}`).toBeLessThan(1e-5)
    }
  } finally {
    await Promise.all([single.release(), double.release()])
  }
}

const seedOf = (name: string): number => [...name].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 11)
const runs = Number(process.env.ASSAY_PROPERTY_RUNS ?? 0)
const holds = (name: string, draw: Case) =>
  fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => check(draw(new Draw(gen)))),
    runs ? { numRuns: runs } : { numRuns: 4, seed: seedOf(name) },
  )

for (const [family, cases] of Object.entries({ ...byFamily, ...Object.fromEntries(Object.entries(byDomain).map(([domain, c]) => [`written with others (${domain || 'ai.onnx'})`, c])) }))
  describe(`${family} in double precision`, () => {
    for (const [op, draw] of Object.entries(cases)) it(op, () => holds(`${family}.${op}`, draw), runs ? 600_000 : 30_000)
  })

it('names the few that are computed in single precision', () => {
  const known = new Set(Object.values(byFamily).flatMap((cases) => Object.keys(cases)))
  for (const op of singleOnly) expect(known, op).toContain(op)
})
