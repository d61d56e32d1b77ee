/** `assay devices` on a bundle and on a bare model, run as the job that it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { bundleStep, checkModel, modelStep } from '../../../src/engine/devices/check-model'
import { devicesJob, rememberedDevices } from '../../../src/engine/devices/devices-job'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import { deviceReportSchema } from '../../../src/shared/types'
import type { Device } from '../../../src/shared/types'
import { classifierModel, writeTinyBundle } from '../screening/tiny-bundle'
import { inventedProvider } from './invented'

let home: string
let bundle: string
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-devices-'))
  bundle = await writeTinyBundle(home, 0)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const context = (said: string[] = []): JobContext => ({
  jobId: 'job',
  signal: new AbortController().signal,
  places: { version: '0', dataFolder: join(home, 'data'), bundleFolders: [home], samplesFolder: home },
  folder: home,
  progress: ({ message }) => void said.push(message ?? ''),
  emit: () => undefined,
})
const run = async (parameters: Partial<Parameters<typeof devicesJob.run>[0]>, said?: string[]) => deviceReportSchema.parse((await devicesJob.run({ again: false, ...parameters }, context(said))).result)

describe('assay devices', () => {
  it('checks once and remembers, until it is asked again', async () => {
    expect(await rememberedDevices(context().places)).toBeNull()
    const said: string[] = []
    const first = await run({}, said)
    expect(said).toContain('checking cpu')
    expect(first.devices.find(({ provider }) => provider === 'cpu')).toMatchObject({ state: 'reference' })
    expect(await rememberedDevices(context().places)).toEqual(first)
    expect(await run({})).toEqual(first)
    expect((await run({ again: true })).checkedAt).toBeGreaterThan(first.checkedAt)
  })

  it("times a bundle's classifier with its gradient, and says what auto takes for its files", async () => {
    const { model } = await run({ bundle: 'tiny' })
    expect(model).toMatchObject({ name: 'tiny', auto: [{ file: 'classifier.onnx', onCpu: [] }, { file: 'purifier.onnx', onCpu: [] }] })
    expect(model!.devices.find(({ provider }) => provider === 'cpu')!.milliseconds).toBeGreaterThan(0)
  })

  it('does the same for a bare model, and says what is wrong with one that it cannot check', async () => {
    const path = join(home, 'bare.onnx')
    writeFileSync(path, classifierModel())
    expect((await run({ model: path })).model).toMatchObject({ name: 'bare.onnx', auto: [{ file: 'forward and backward' }] })
    await expect(run({ model: join(home, 'nothing.onnx') })).rejects.toMatchObject({ code: 'file-not-found' })
    writeFileSync(path, new Uint8Array(8))
    await expect(run({ model: path })).rejects.toMatchObject({ code: 'onnx-invalid' })
  })
})

describe('a model on each provider', () => {
  const devices: Device[] = [
    { provider: 'webgpu', state: 'agrees', milliseconds: 1 },
    { provider: 'dml', state: 'agrees', reason: 'too slow to be timed' },
    { provider: 'coreml', state: 'disagrees', reason: 'it rounds to half' },
    { provider: 'cpu', state: 'reference', milliseconds: 2 },
  ]

  it('is tried where the machine check went well, and only there', async () => {
    const ran: string[] = []
    const found = await checkModel(bundleStep(await loadBundle(bundle)), devices, { measure: inventedProvider({ noise: 1e-6, onCpu: ['Abs'], ran: (provider) => ran.push(provider) }) })
    expect(ran).toEqual(['webgpu'])
    expect(found).toEqual([
      { provider: 'webgpu', state: 'agrees', forward: expect.closeTo(1e-6, 6) as number, backward: expect.closeTo(1e-6, 6) as number, milliseconds: expect.any(Number) as number, onCpu: ['Abs'] },
      { provider: 'dml', state: 'absent', reason: 'too slow to be timed' },
      { provider: 'coreml', state: 'disagrees', reason: 'it rounds to half' },
      { provider: 'cpu', state: 'reference', milliseconds: expect.any(Number) as number },
    ])
  })

  it('refuses a gradient that is wrong', async () => {
    const [webgpu] = await checkModel(bundleStep(await loadBundle(bundle)), devices, { measure: inventedProvider({ noise: 0.02, only: ['dx'] }) })
    expect(webgpu).toMatchObject({ state: 'disagrees', reason: expect.stringMatching(/^100 % of an output's values differ/) as string })
  })

  it('has the gradient that the logits have', async () => {
    const session = await createSession(bundleStep(await loadBundle(bundle)), { provider: 'cpu' })
    const x = Float32Array.from({ length: 4 * 16 * 16 }, (_, i) => (Math.sin(i * i) + 1) / 2)
    const labels = int64([4], [0, 1, 0, 1])
    const outputs = (values: Float32Array) => session.run({ x: float32([4, 1, 16, 16], values), labels })
    const { dx, loss } = await outputs(x)
    const direction = dx!.data as Float32Array
    const square = direction.reduce((sum, value) => sum + value * value, 0)
    const step = 1e-3 / Math.sqrt(square)
    const after = (await outputs(x.map((value, i) => value + step * direction[i]!))).loss!
    const sum = (t: typeof after) => (t.data as Float32Array).reduce((total, value) => total + value, 0)
    expect((sum(after) - sum(loss!)) / (step * square)).toBeCloseTo(1, 1)
    await session.release()
  })

  it('can be a bare model with its batch left open', async () => {
    const path = join(home, 'open.onnx')
    writeFileSync(path, classifierModel())
    const session = await createSession(await modelStep(path), { provider: 'cpu' })
    expect(session.outputNames).toEqual(['logits', 'loss', 'dx'])
    await session.release()
  })
})
