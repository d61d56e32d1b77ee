/** The gradient of a whole foreign network against PyTorch's (../shared/data/reference/c10). */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { crossEntropyPerImage } from '../../../src/engine/nn/losses'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { oneHot } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { createSession } from '../../../src/engine/runtime/session'
import { decodeNpy } from '../../../src/engine/tensor/npy'
import { haveShared, sharedData } from '../../support/shared-data'

const folder = resolve(sharedData, 'reference/c10')
const load = (name: string) => decodeNpy(readFileSync(resolve(folder, `${name}.npy`)))

it.skipIf(!haveShared('reference/c10'))('logits and the gradient of the summed cross-entropy equal PyTorch’s', async () => {
  const [x, y] = [load('x'), load('y')]
  const g = new GraphBuilder()
  const image = g.input('x', x.shape)
  const labels = g.input('y', y.shape, 'int64')
  const { logits } = g.inline(readModel(readFileSync(resolve(folder, 'net.onnx'))), { x: image })
  g.output('logits', logits!)
  const [dx] = gradient(g, crossEntropyPerImage(g, logits!, oneHot(g, labels, logits!.shape[1]!)), [image])
  g.output('dx', dx!)
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const result = await session.run({ x, y })
  for (const [ours, golden] of [['logits', 'g_logits'], ['dx', 'g_grad_ce_sum']] as const) {
    const reference = Array.from(load(golden).data as Float32Array)
    const largest = reference.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    const difference = (result[ours]!.data as Float32Array).reduce((m, v, i) => Math.max(m, Math.abs(v - reference[i]!)), 0)
    console.log(`${golden}: largest difference ${(difference / largest).toExponential(1)} of the largest value`)
    expect(difference / largest, golden).toBeLessThan(1e-4)
  }
})
