/**
 * The check itself: right gradients pass, a wrong one does not, and files that cannot be checked say why.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { gradcheck } from '../../../src/engine/tools/gradcheck'
import { families } from '../../../src/engine/autodiff/registry'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { conv, relu, reduceMean, softmax } from '../../../src/engine/onnx/ops'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { haveShared, sharedData } from '../../support/shared-data'

const folder = mkdtempSync(join(tmpdir(), 'assay-gradcheck-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const options = { low: 0, high: 1, seed: 1, provider: 'cpu' as const }

/** Two convolutions and a softmax. */
function network(): string {
  const g = new GraphBuilder()
  const random = new Random('weights')
  const weights = (shape: number[]) => g.constant(float32(shape, Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.3 * random.normal())))
  const x = g.input('image', [1, 1, 16, 16])
  const hidden = relu(g, conv(g, x, weights([4, 1, 3, 3]), undefined, { pads: [1, 1, 1, 1] }))
  g.output('probabilities', softmax(g, reduceMean(g, conv(g, hidden, weights([3, 4, 3, 3])), [2, 3])))
  const path = join(folder, 'network.onnx')
  writeFileSync(path, g.toBytes())
  return path
}

describe('gradcheck', () => {
  it('passes a right gradient and says that the softmax was taken off', async () => {
    const check = await gradcheck(network(), options)
    expect(check.passed).toBe(true)
    expect(check.largestRelativeError).toBeLessThan(0.01)
    expect(check.gradientNorm).toBeGreaterThan(0)
    expect(check.warnings.join()).toMatch(/Softmax/)
  })

  it('does not pass a wrong one', async () => {
    const rule = families.activations.find(({ op }) => op === 'Relu') as unknown as { vjp: unknown }
    const right = rule.vjp
    // Forgets where the input was negative.
    rule.vjp = ({ dy }: { dy: unknown }) => [dy]
    try {
      const check = await gradcheck(network(), options)
      expect(check.passed).toBe(false)
    } finally {
      rule.vjp = right
    }
  })

  it('says what is wrong with a file that cannot be checked', async () => {
    await expect(gradcheck(join(folder, 'nothing.onnx'), options)).rejects.toMatchObject({ code: 'file-not-found' })
    const empty = join(folder, 'empty.onnx')
    writeFileSync(empty, '')
    await expect(gradcheck(empty, options)).rejects.toMatchObject({ code: 'file-empty' })
  })

  it.skipIf(!haveShared('onnx'))("passes other people's trained models", async () => {
    for (const name of ['mnist-8/mnist-8.onnx', 'brain_yesno_nhwc/brain_yesno_nhwc.onnx']) {
      const check = await gradcheck(join(sharedData, 'onnx', name), options)
      expect(check.passed, `${name}: ${JSON.stringify(check.directions)}`).toBe(true)
    }
  })
})
