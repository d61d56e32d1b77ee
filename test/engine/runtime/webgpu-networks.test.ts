/** A network as it is shipped, whole: what the CPU answers to noise, WebGPU answers. With `ASSAY_PROPERTY_RUNS` all of them, each of which takes seconds here. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../../src/engine/onnx/reader'
import { Random } from '../../../src/engine/tensor/random'
import { float32, sizeOf } from '../../../src/engine/tensor/tensor'
import { haveAdapter } from './software-adapter'
import { difference, onBoth } from './webgpu-compared'

// The classifier of six channels before its first convolution, which was answered wrongly.
const shipped = process.env.ASSAY_PROPERTY_RUNS ? ['retina', 'chest-xray', 'brain-mri', 'skin'].flatMap((id) => [`${id}/classifier`, `${id}/purifier`]) : ['retina/classifier']

describe.skipIf(!haveAdapter)('WebGPU answers as the CPU does, for the shipped', { timeout: 240_000 }, () => {
  it.each(shipped)('%s', async (name) => {
    const bytes = new Uint8Array(readFileSync(`models/${name}.onnx`))
    const [input] = readModel(bytes).graph.inputs
    const shape = input!.shape!.map((d) => (typeof d === 'number' ? d : 1))
    const random = new Random(name)
    const x = float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => random.next()))
    const { cpu, gpu } = (await onBoth(bytes, { [input!.name]: x }))!
    for (const [output, answer] of Object.entries(cpu)) expect(difference(answer, gpu[output]!), output).toBeLessThan(1e-4)
  })
})
