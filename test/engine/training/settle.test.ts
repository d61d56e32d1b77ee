/** A new classifier made fit for its data: every layer's output with mean 0 and deviation 1 over the images it was set by. */
import { expect, it } from 'vitest'
import { residualClassifier } from '../../../src/engine/nn/classifier'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { ourClassifier } from '../../../src/engine/training/network'

it('outputs of all layers, and what is pooled, have mean 0 and deviation 1 in every channel', async () => {
  const shape = { classes: 2, width: 4, blocks: 1, localContrast: true, pooling: 'mean-max' } as const
  const network = ourClassifier(shape, [1, 32, 32])
  const random = new Random('settle')
  // Images that differ in brightness and in what is on them.
  const data = Float32Array.from({ length: 12 * 1024 }, (_, i) => 0.2 + 0.04 * Math.floor(i / 1024) + 0.3 * random.next())
  const x = float32([12, 1, 32, 32], data)
  const weights = await network.settle!(network.layout.initialise(1), x)

  const g = new GraphBuilder()
  const seen: string[] = []
  g.output('logits', residualClassifier(g, network.layout.constants(g, weights), g.input('x', x.shape), shape, (name, y) => {
    seen.push(name)
    g.output(name, y)
    return y
  }))
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const found = await session.run({ x })
  await session.release()
  expect(seen).toContain('stem')
  expect(seen).toContain('pooled')
  for (const name of seen) {
    const { shape: dims, data: all } = found[name]!
    const [count, channels] = dims as [number, number]
    const pixels = all.length / count / channels
    for (let c = 0; c < channels; c++) {
      const values = Array.from({ length: count * pixels }, (_, i) => Number(all[(Math.floor(i / pixels) * channels + c) * pixels + (i % pixels)]))
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
      expect(Math.abs(mean), `${name} ${c}`).toBeLessThan(1e-3)
      // Channels that hardly vary are left below 1, never above.
      expect(deviation, `${name} ${c}`).toBeLessThan(1.001)
      if (name === 'stem') expect(deviation, `${name} ${c}`).toBeGreaterThan(0.9)
    }
  }
})
