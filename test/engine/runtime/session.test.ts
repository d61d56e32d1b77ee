/** The provider chain and what becomes of models and feeds that do not work. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { singleToHalf } from '../../../src/engine/onnx/half'
import { add } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { platformProviders, providerChain } from '../../../src/engine/runtime/providers'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64, toNumbers } from '../../../src/engine/tensor/tensor'

function addOne(): Uint8Array {
  const g = new GraphBuilder()
  g.output('y', add(g, g.input('x', [2]), 1))
  return g.toBytes()
}
/** A provider that no build of this platform has. */
const foreign = process.platform === 'darwin' ? 'dml' : 'coreml'

describe('provider chain', () => {
  it('auto ends at the CPU on every platform, a named provider stands alone', () => {
    for (const platform of ['linux-x64', 'linux-arm64', 'win32-x64', 'darwin-arm64', 'plan9-mips']) expect(platformProviders(platform).at(-1)).toBe('cpu')
    expect(providerChain('auto')).toEqual(platformProviders())
    expect(providerChain('webgpu')).toEqual(['webgpu'])
  })

  it('auto answers with some provider of the chain and the reasons against each one before it', async () => {
    const session = await createSession(addOne())
    expect([...session.fallbacks.map((f) => f.provider), session.provider]).toEqual(platformProviders().slice(0, session.fallbacks.length + 1))
    for (const { reason } of session.fallbacks) expect(reason.length).toBeGreaterThan(5)
    const { y } = await session.run({ x: float32([2], [1, 2]) })
    expect([...(y!.data as Float32Array)]).toEqual([2, 3])
    await session.release()
  })

  it('a named provider that does not work here is an error, not a silent CPU', async () => {
    await expect(createSession(addOne(), { provider: foreign })).rejects.toMatchObject({ code: 'provider-unavailable', facts: { provider: foreign } })
  })
})

describe('models of other precision than ours', () => {
  for (const dtype of ['float16', 'float64'] as const)
    it(`${dtype}: they are fed what they take, and answer in numbers`, async () => {
      const model = readModel(addOne())
      for (const value of [...model.graph.inputs, ...model.graph.outputs]) value.dtype = dtype
      for (const [name, { shape, data }] of model.graph.initializers) model.graph.initializers.set(name, dtype === 'float16' ? { dtype, shape, data: singleToHalf(data as Float32Array) } : { dtype, shape, data: Float64Array.from(data as Float32Array) })
      const session = await createSession(writeModel(model), { provider: 'cpu' })
      const { y } = await session.run({ x: float32([2], [1.5, -2.25]) })
      expect(toNumbers(y!)).toEqual([2.5, -1.25])
      await session.release()
    })
})

describe('models and feeds that do not work', () => {
  const broken = { 'no bytes': new Uint8Array(0), 'random bytes': Uint8Array.from({ length: 200 }, (_, i) => (i * 97) % 256), 'half a model': addOne().slice(0, 60) }
  for (const [name, bytes] of Object.entries(broken))
    for (const provider of ['auto', 'cpu', foreign] as const)
      it(`${name} on ${provider} is onnx-invalid`, async () => {
        await expect(createSession(bytes, { provider })).rejects.toMatchObject({ code: 'onnx-invalid' })
      })

  it('an input that is missing, of another shape or of another type is runtime-failed', async () => {
    const session = await createSession(addOne(), { provider: 'cpu' })
    await expect(session.run({})).rejects.toMatchObject({ code: 'runtime-failed', facts: { input: 'x' } })
    await expect(session.run({ x: float32([3], [1, 2, 3]) })).rejects.toMatchObject({ code: 'runtime-failed' })
    await expect(session.run({ x: int64([2], [1, 2]) })).rejects.toMatchObject({ code: 'runtime-failed' })
    await expect(session.run({ x: { dtype: 'float32', shape: [5], data: new Float32Array(2) } })).rejects.toMatchObject({ code: 'runtime-failed' })
    expect((await session.run({ x: float32([2], [0, 0]) })).y!.shape).toEqual([2])
    await session.release()
  })
})
