/** The optimiser against a plain transcription of the papers' algorithms in double precision. */
import { describe, expect, it } from 'vitest'
import { adamW, adamWSchedule, cosineSchedule } from '../../../src/engine/nn/optimiser'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'

const size = 6
const weightDecay = 0.1
const clipNorm = 1
const mask = Float32Array.of(1, 1, 1, 0, 0, 1)

describe('AdamW', () => {
  it('follows Kingma & Ba’s algorithm 1 with Loshchilov & Hutter’s decay and a clipped gradient, for 20 steps', async () => {
    const g = new GraphBuilder()
    const vector = (name: string) => g.input(name, [size])
    const scalar = (name: string) => g.input(name, [])
    const state = { weights: vector('weights'), firstMoment: vector('firstMoment'), secondMoment: vector('secondMoment') }
    const next = adamW(g, state, vector('gradient'), [scalar('rate'), scalar('c1'), scalar('c2')], { weightDecay, clipNorm, decayMask: mask })
    for (const name of ['weights', 'firstMoment', 'secondMoment', 'gradientNorm'] as const) g.output(`next.${name}`, next[name])
    const session = await createSession(g.toBytes(), { provider: 'cpu' })

    const random = new Random('adamw')
    const w = Array.from({ length: size }, () => random.normal())
    const [m, v] = [w.map(() => 0), w.map(() => 0)]
    let graph = { weights: Float32Array.from(w), firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) }
    let clipped = 0
    for (let t = 1; t <= 20; t++) {
      const gradient = w.map((x) => Math.fround((x + 0.3 * random.normal()) * (t % 3 ? 0.3 : 3)))
      const rate = cosineSchedule(0.05, t - 1, 20, 4)
      const norm = Math.hypot(...gradient)
      const factor = norm > clipNorm ? clipNorm / norm : 1
      if (factor < 1) clipped++
      for (let i = 0; i < size; i++) {
        const d = gradient[i]! * factor
        m[i] = 0.9 * m[i]! + 0.1 * d
        v[i] = 0.999 * v[i]! + 0.001 * d * d
        const step = m[i]! / (1 - 0.9 ** t) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8)
        w[i] = w[i]! - rate * (step + weightDecay * mask[i]! * w[i]!)
      }
      const [r, c1, c2] = adamWSchedule(rate, t)
      const vec = (data: Float32Array) => float32([size], data)
      const out = await session.run({ weights: vec(graph.weights), firstMoment: vec(graph.firstMoment), secondMoment: vec(graph.secondMoment), gradient: float32([size], gradient), rate: float32([], [r]), c1: float32([], [c1]), c2: float32([], [c2]) })
      graph = { weights: out['next.weights']!.data as Float32Array<ArrayBuffer>, firstMoment: out['next.firstMoment']!.data as Float32Array<ArrayBuffer>, secondMoment: out['next.secondMoment']!.data as Float32Array<ArrayBuffer> }
      expect(Number(out['next.gradientNorm']!.data[0])).toBeCloseTo(norm, 4)
      w.forEach((x, i) => expect(graph.weights[i], `weight ${i} after step ${t}`).toBeCloseTo(x, 4))
      v.forEach((x, i) => expect(Math.abs(graph.secondMoment[i]! - x)).toBeLessThan(1e-5 * Math.max(...v)))
    }
    expect(clipped, 'steps that were clipped').toBeGreaterThan(3)
    expect(clipped).toBeLessThan(20)
    await session.release()
  })
})

describe('cosine schedule', () => {
  const at = (step: number) => cosineSchedule(0.1, step, 100, 10)
  it('rises in a line to its peak, then falls by half a cosine', () => {
    expect(at(0)).toBeCloseTo(0.01, 12)
    expect(at(4)).toBeCloseTo(0.05, 12)
    expect(at(9)).toBeCloseTo(0.1, 12)
    expect(at(10)).toBeCloseTo(0.1, 12)
    expect(at(55)).toBeCloseTo(0.05, 12)
    expect(at(99)).toBeLessThan(1e-4)
    for (let s = 11; s < 100; s++) expect(at(s)).toBeLessThan(at(s - 1))
  })
  it('stays finite and positive for trainings of one step and without warm-up', () => {
    for (const [steps, warmUp] of [[1, 0], [1, 1], [1, 100], [3, 3]] as const)
      for (let s = 0; s < steps; s++) {
        expect(cosineSchedule(1, s, steps, warmUp)).toBeGreaterThan(0)
        expect(cosineSchedule(1, s, steps, warmUp)).toBeLessThanOrEqual(1)
      }
  })
})
