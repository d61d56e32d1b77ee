/**
 * Tiny networks of the blocks of well-known architectures, exported by PyTorch 1.13 and 2.13: logits and the input
 * gradient of a random projection of them equal what PyTorch computes in double precision (golden/make.py).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { mul, reduceSum } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { createSession } from '../../../src/engine/runtime/session'
import { decodeNpz } from '../../../src/engine/tensor/npz'
import type { Tensor } from '../../../src/engine/tensor/tensor'

const folder = resolve(import.meta.dirname, 'golden')
const files = readdirSync(folder).filter((f) => f.endsWith('.npz'))

function relativeDifference(found: Tensor, golden: Tensor): number {
  expect(found.shape).toEqual(golden.shape)
  const reference = Array.from(golden.data as Float32Array)
  const largest = reference.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  expect(largest).toBeGreaterThan(0)
  return reference.reduce((m, v, i) => Math.max(m, Math.abs(v - Number(found.data[i]))), 0) / largest
}

describe('networks exported by PyTorch', () => {
  it('are there', () => expect(files.length).toBeGreaterThan(20))

  for (const file of files)
    it(file.replace('.npz', ''), async () => {
      const golden = decodeNpz(readFileSync(resolve(folder, file)))
      const model = readModel(golden.model!.data as Uint8Array)
      const [input] = model.graph.inputs
      const [output] = model.graph.outputs
      const g = new GraphBuilder()
      const x = g.input('x', golden.x!.shape)
      const logits = g.inline(model, { [input!.name]: x })[output!.name]!
      g.output('logits', logits)
      g.output('gradient', gradient(g, reduceSum(g, mul(g, logits, g.constant(golden.projection!))), [x])[0]!)
      const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
      const found = await session.run({ x: golden.x! })
      await session.release()
      expect(relativeDifference(found.logits!, golden.logits!), 'logits').toBeLessThan(1e-5)
      expect(relativeDifference(found.gradient!, golden.gradient!), 'gradient').toBeLessThan(1e-4)
    })
})
