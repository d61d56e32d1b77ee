/** Every score as arrays against the same score as a graph, the graph's gradient against finite differences, and what the scores are for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scoreNames } from '../../../src/shared/bundle'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { createSession } from '../../../src/engine/runtime/session'
import type { Session } from '../../../src/engine/runtime/session'
import { scores } from '../../../src/engine/screening/scores'
import type { Evidence } from '../../../src/engine/screening/scores/score'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf } from '../../../src/engine/tensor/tensor'

const size = { width: 24, height: 20, channels: 3 as const }
const count = 3
const shapes = { input: [3, 20, 24], purified: [3, 20, 24], again: [3, 20, 24], before: [4], after: [4], embedding: [5, 2, 3], embeddingPurified: [5, 2, 3] } as const
type Part = keyof typeof shapes
const parts = Object.keys(shapes) as Part[]

const logProbabilities = (logits: Float32Array): number[] => {
  const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0))
  return Array.from(logits, (z) => z - total)
}

/** Images with texture of their own, purified ones near them. */
function batch(seed: number): Record<Part, Float32Array> {
  const random = new Random(seed)
  const pixels = count * sizeOf(shapes.input)
  const input = Float32Array.from({ length: pixels }, (_, i) => 0.5 + 0.3 * Math.sin(i / 7) + 0.03 * random.normal())
  const purified = input.map((v, i) => v + 0.01 * Math.sin(i / 3) + 0.006 * random.normal())
  const again = purified.map((v, i) => v + 0.004 * Math.sin(i / 3) + 0.002 * random.normal())
  const some = (part: Part): Float32Array => Float32Array.from({ length: count * sizeOf(shapes[part]) }, () => 2 * random.normal())
  const embedding = some('embedding')
  return { input, purified, again, before: some('before'), after: some('after'), embedding, embeddingPurified: embedding.map((v) => v + 0.3 * random.normal()) }
}

function evidenceOf(feeds: Record<Part, Float32Array>, image: number): Evidence {
  const row = (part: Part): Float32Array => feeds[part].subarray(image * sizeOf(shapes[part]), (image + 1) * sizeOf(shapes[part]))
  return { input: row('input'), purified: row('purified'), again: row('again'), embedding: row('embedding'), embeddingPurified: row('embeddingPurified'), logBefore: logProbabilities(row('before')), logAfter: logProbabilities(row('after')) }
}

describe('the scores', () => {
  let session: Session
  const run = (feeds: Record<Part, Float32Array>) => session.run(Object.fromEntries(parts.map((part) => [part, float32([count, ...shapes[part]], feeds[part])])))

  beforeAll(async () => {
    const g = new GraphBuilder()
    const evidence = Object.fromEntries(parts.map((part) => [part, g.input(part, [count, ...shapes[part]])])) as Record<Part, ReturnType<typeof g.input>>
    for (const score of scores) {
      const value = score.graph(g, evidence)
      g.output(`score ${score.name}`, value)
      gradient(g, value, parts.map((part) => evidence[part])).forEach((slope, i) => g.output(`${score.name} by ${parts[i]!}`, slope))
    }
    session = await createSession(g.toBytes(), { provider: 'cpu' })
  })
  afterAll(() => session.release())

  it('are those that manifests may name', () => {
    expect(scores.map(({ name }) => name).sort()).toEqual([...scoreNames].sort())
  })

  it.each(scores)('$name is the same on arrays and as a graph', async ({ name, of }) => {
    for (const seed of [1, 2]) {
      const feeds = batch(seed)
      const found = (await run(feeds))[`score ${name}`]!.data as Float32Array
      expect(found).toHaveLength(count)
      for (let image = 0; image < count; image++) {
        const expected = of(evidenceOf(feeds, image), size)
        expect(Math.abs(found[image]! - expected), `image ${image}: ${found[image]} for ${expected}`).toBeLessThan(2e-4 * Math.max(1, Math.abs(expected)))
      }
    }
  })

  it.each(scores)('$name changes along its gradient as the gradient says', async ({ name, of }) => {
    const feeds = batch(3)
    const found = await run(feeds)
    const slope = Object.fromEntries(parts.map((part) => [part, found[`${name} by ${part}`]!.data as Float32Array])) as Record<Part, Float32Array>
    const length = Math.hypot(...parts.flatMap((part) => Array.from(slope[part].subarray(0, sizeOf(shapes[part])))))
    expect(length).toBeGreaterThan(0)
    const at = (step: number): number => {
      const moved = Object.fromEntries(parts.map((part) => [part, feeds[part].map((v, i) => v + (step * slope[part][i]!) / length)])) as Record<Part, Float32Array>
      return of(evidenceOf(moved, 0), size)
    }
    // In double precision but for the images themselves: a step well above their rounding.
    const step = 2e-3
    expect((at(step) - at(-step)) / (2 * step) / length).toBeGreaterThan(0.9)
    expect((at(step) - at(-step)) / (2 * step) / length).toBeLessThan(1.1)
  })

  it('rise where the trace is that each is named after', () => {
    const feeds = batch(4)
    const calm = evidenceOf(feeds, 0)
    const random = new Random('trace')
    const by = (name: string, evidence: Evidence): number => scores.find((score) => score.name === name)!.of(evidence, size)
    const noisy = { ...calm, input: calm.input.map((v) => v + (random.next() < 0.5 ? -0.03 : 0.03)) }
    for (const name of ['residual', 'residual-fine', 'relative', 'local', 'fineness', 'flatness', 'novelty']) expect(by(name, noisy), name).toBeGreaterThan(by(name, calm))
    const patch = { ...calm, input: calm.input.map((v, i) => (i % 24 < 6 && Math.floor(i / 24) % 20 < 6 ? v + (random.next() < 0.5 ? -0.1 : 0.1) : v)) }
    expect(by('local', patch) - by('local', calm)).toBeGreaterThan(by('residual', patch) - by('residual', calm))
    const turned = { ...calm, logBefore: [-0.01, -5, -6, -7], logAfter: [-5, -0.01, -6, -7] }
    const kept = { ...turned, logAfter: [-0.012, -5, -6, -7] }
    for (const name of ['disagreement', 'divergence']) expect(by(name, turned), name).toBeGreaterThan(by(name, kept))
    // The divergence of sure and opposite answers is ln 2; of equal ones nothing is left but the floor.
    expect(by('divergence', { ...calm, logBefore: [0, -Infinity], logAfter: [-Infinity, 0] })).toBeCloseTo(Math.log(Math.LN2 + 1e-4), 6)
    expect(by('divergence', { ...calm, logBefore: [-0.1, -2.3], logAfter: [-0.1, -2.3] })).toBeCloseTo(Math.log(1e-4), 6)
  })
})
