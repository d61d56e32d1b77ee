/** The network with the outputs of other attack libraries (../shared/data/reference/c10); tests that need it skip without. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AttackTarget } from '../../src/engine/attacks/target'
import { readModel } from '../../src/engine/onnx/reader'
import { decodeNpy } from '../../src/engine/tensor/npy'
import { haveShared, sharedData } from './shared-data'

const folder = resolve(sharedData, 'reference/c10')

export const haveReference = haveShared('reference/c10')

/** An array of the reference set by its name; 64 images of 1 × 64 × 64 unless it says otherwise. */
export const reference = (name: string): Float32Array => Float32Array.from(decodeNpy(readFileSync(resolve(folder, `${name}.npy`))).data as Float32Array, Number)

/** @param scale what the logits are multiplied by */
export function referenceTarget(scale = 1): AttackTarget {
  const net = readModel(readFileSync(resolve(folder, 'net.onnx')))
  return {
    description: 'c10',
    imageShape: [1, 64, 64],
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    provider: 'cpu',
    logits: (g, x) => {
      const { logits } = g.inline(net, { x })
      return scale === 1 ? logits! : g.op('Mul', [logits!, g.scalar(scale)])
    },
  }
}
