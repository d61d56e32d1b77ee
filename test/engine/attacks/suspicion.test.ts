/** The detector as a graph against the detector itself, and its gradient against finite differences. */
import { describe, expect, it } from 'vitest'
import { pipelineTarget } from '../../../src/engine/attacks/target'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { loadBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { createSession } from '../../../src/engine/runtime/session'
import { createScreener } from '../../../src/engine/screening/screener'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'

describe('the detector that an attacker differentiates', () => {
  it('gives the scores that screening gives', async () => {
    const bundle = await loadBundle('models/demo-phantom')
    const screener = await createScreener(bundle, { provider: 'cpu' })
    const random = new Random('noisy')
    const clean = Float32Array.from([0, 1, 2, 3].flatMap((seed) => Array.from(makePhantom({ seed, width: 128, height: 128, kind: 'normal' }).pixels)))
    const x = clean.map((v, i) => (i < clean.length / 2 ? v : Math.min(1, Math.max(0, v + random.uniform(-0.03, 0.03)))))
    const expected = (await screener.screen(x)).map(({ score }) => score)
    await screener.release()

    const g = new GraphBuilder()
    const image = g.input('x', [4, 1, 128, 128])
    const score = pipelineTarget(bundle, 'cpu').suspicion!(g, image)
    g.output('score', score)
    g.output('gradient', gradient(g, score, [image])[0]!)
    const session = await createSession(g.toBytes(), { provider: 'cpu' })
    const first = await session.run({ x: float32([4, 1, 128, 128], x) })
    const ours = Array.from(first['score']!.data as Float32Array)
    ours.forEach((v, i) => expect(Math.abs(v - expected[i]!), `image ${i}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected[i]!))))

    // Along its gradient the score of a noisy image rises as fast as the gradient says.
    const direction = (first['gradient']!.data as Float32Array).map((v, i) => (i >= 3 * 128 * 128 ? v : 0))
    const length = Math.hypot(...direction)
    const at = async (step: number) => Number((await session.run({ x: float32([4, 1, 128, 128], x.map((v, i) => v + (step * direction[i]!) / length)) }))['score']!.data[3])
    const step = 2e-3
    expect(((await at(step)) - (await at(-step))) / (2 * step) / length).toBeCloseTo(1, 1)
    await session.release()
  })
})
