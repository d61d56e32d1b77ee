/** What `auto` takes, and what it remembers. The providers beside the CPU are invented: their speed and errors are chosen. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Chooser, fastest } from '../../../src/engine/devices/chooser'
import type { Measure } from '../../../src/engine/devices/measure'
import { ProviderMemory, memoryFile } from '../../../src/engine/devices/memory'
import { machineKey } from '../../../src/engine/devices/machine'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { matMul, softmax } from '../../../src/engine/onnx/ops'
import { platformProviders } from '../../../src/engine/runtime/providers'
import { chooseAutoWith, createSession } from '../../../src/engine/runtime/session'
import { float32 } from '../../../src/engine/tensor/tensor'
import type { Device, Provider } from '../../../src/shared/types'
import { inventedProvider } from './invented'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'assay-providers-'))))
afterEach(() => {
  chooseAutoWith(undefined)
  rmSync(folder, { recursive: true, force: true })
})

const file = () => join(folder, memoryFile)
const memoryOf = (key = 'this machine') => new ProviderMemory(folder, key)

function model(width = 3): Uint8Array {
  const g = new GraphBuilder()
  // Few enough weights that each width is a model of its own.
  g.output('y', softmax(g, matMul(g, g.input('x', [2, width]), g.constant(float32([width, 2], Array.from({ length: 2 * width }, (_, i) => Math.sin(i)))))))
  return g.toBytes()
}
const candidates: Provider[] = ['webgpu', 'cpu']

/** Devices as a check would have remembered them. */
const checked = (webgpu: Partial<Device>): Device[] => [
  { provider: 'webgpu', state: 'agrees', milliseconds: 10, ...webgpu },
  { provider: 'cpu', state: 'reference', milliseconds: 100 },
]
const remember = (memory: ProviderMemory, devices: Device[]) => memory.change((machine) => ({ ...machine, checkedAt: 1, devices }))

/** Counts what is measured. */
function counted(measure: Measure): { measure: Measure; ran: Provider[] } {
  const ran: Provider[] = []
  return { ran, measure: (provider, ...rest) => (ran.push(provider), measure(provider, ...rest)) }
}

describe('auto', () => {
  it('takes the fastest that agrees', () => {
    expect(fastest(checked({}))).toBe('webgpu')
    expect(fastest(checked({ milliseconds: 200 }))).toBe('cpu')
    expect(fastest(checked({ state: 'disagrees' }))).toBe('cpu')
    expect(fastest(checked({ milliseconds: undefined }))).toBe('cpu')
  })

  it('measures a model once, takes what was faster on it, and knows what that leaves to the CPU', async () => {
    const memory = memoryOf()
    await remember(memory, checked({}))
    const { measure, ran } = counted(inventedProvider({ factor: 0.1, onCpu: ['TopK'] }))
    const chooser = new Chooser(memory, measure)
    expect(await chooser.choose(model(), candidates)).toEqual({ order: ['webgpu', 'cpu'], refused: [], onCpu: { webgpu: ['TopK'] } })
    expect(ran).toEqual(['cpu', 'webgpu'])
    await chooser.choose(model(), candidates)
    expect(await new Chooser(memoryOf(), measure).choose(model(), candidates)).toMatchObject({ order: ['webgpu', 'cpu'] })
    expect(ran).toHaveLength(2)
    await chooser.choose(model(4), candidates)
    expect(ran).toHaveLength(4)
  })

  it('stays on the CPU for a model that is faster there', async () => {
    const memory = memoryOf()
    await remember(memory, checked({}))
    expect(await new Chooser(memory, inventedProvider({ factor: 10 })).choose(model(), candidates)).toMatchObject({ order: ['cpu'] })
  })

  it('refuses a provider that disagrees on the model, though it agreed on the probe, with the reason', async () => {
    const memory = memoryOf()
    await remember(memory, checked({}))
    const { order, refused } = await new Chooser(memory, inventedProvider({ factor: 0.1, noise: 0.05 })).choose(model(), candidates)
    expect(order).toEqual(['cpu'])
    expect(refused).toEqual([{ provider: 'webgpu', reason: 'on this model 100 % of an output\'s values differ from the CPU\'s (largest difference 5.0e-2)' }])
  })

  it.each([
    ['disagrees', checked({ state: 'disagrees', reason: 'it is wrong' }), 'it is wrong'],
    ['failed', checked({ state: 'failed', reason: 'it fell over' }), 'it fell over'],
    ['is much slower', checked({ milliseconds: 900 }), 'it is slower than the CPU here (900 ms against 100 ms)'],
    ['was too slow to time', checked({ milliseconds: undefined, reason: 'too slow to be timed' }), 'too slow to be timed'],
  ])('does not even try a provider that %s in the check', async (_what, devices, reason) => {
    const memory = memoryOf()
    await remember(memory, devices)
    const { measure, ran } = counted(inventedProvider({}))
    expect(await new Chooser(memory, measure).choose(model(), candidates)).toEqual({ order: ['cpu'], refused: [{ provider: 'webgpu', reason }] })
    expect(ran).toEqual([])
  })

  it('checks the machine by itself when nothing is remembered, once for all that ask meanwhile', async () => {
    const { measure, ran } = counted(inventedProvider({ factor: 0.1 }))
    const chooser = new Chooser(memoryOf(), measure)
    const devices = (again = false) => chooser.devices(candidates, { again, absent: () => undefined })
    const [a, b] = await Promise.all([devices(), devices()])
    expect(a).toEqual(b)
    const once = ran.length
    expect(await devices()).toEqual(a)
    expect(ran).toHaveLength(once)
    await chooser.choose(model(), candidates)
    expect((await chooser.memory.recall()).models).toHaveLength(1)
    await devices(true)
    expect(ran.length).toBeGreaterThan(once + 2)
    expect((await chooser.memory.recall()).models).toEqual([])
  })

  it.skipIf(platformProviders().length < 2)('is asked by sessions, and they say what it refused', async () => {
    const before = process.env.VK_DRIVER_FILES
    // A named driver makes WebGPU worth a question on any Linux; elsewhere it always is.
    process.env.VK_DRIVER_FILES = '/nonexistent.json'
    try {
      const asked: (readonly Provider[])[] = []
      chooseAutoWith({
        choose: async (_model, all) => {
          asked.push(all)
          return { order: ['cpu'], refused: [{ provider: 'webgpu', reason: 'it was wrong' }], onCpu: { cpu: ['Nothing'] } }
        },
        objection: async () => undefined,
      })
      const session = await createSession(model())
      await session.release()
      expect(asked[0]!.at(-1)).toBe('cpu')
      expect(session).toMatchObject({ provider: 'cpu', fallbacks: [{ provider: 'webgpu', reason: 'it was wrong' }], onCpu: ['Nothing'] })
      await (await createSession(model(), { provider: 'cpu' })).release()
      expect(asked).toHaveLength(1)
    } finally {
      if (before === undefined) delete process.env.VK_DRIVER_FILES
      else process.env.VK_DRIVER_FILES = before
    }
  })
})

describe('a named provider', () => {
  it('is refused where it is known to disagree, with the reason, and nothing is measured for it', async () => {
    const memory = memoryOf()
    const { measure, ran } = counted(inventedProvider({}))
    const chooser = new Chooser(memory, measure)
    await remember(memory, checked({ state: 'disagrees', reason: 'its gradients are wrong' }))
    chooseAutoWith(chooser)
    await expect(createSession(model(), { provider: 'webgpu' })).rejects.toMatchObject({ code: 'provider-unavailable', message: expect.stringContaining('its gradients are wrong') as string })
    await (await createSession(model(), { provider: 'cpu' })).release()
    expect(ran).toEqual([])
  })

  it('is compared with the CPU on each model once, also where the machine was never checked', async () => {
    const { measure, ran } = counted(inventedProvider({ factor: 10 }))
    const chooser = new Chooser(memoryOf(), measure)
    expect(await chooser.objection('webgpu', model())).toBeUndefined()
    expect(await new Chooser(memoryOf(), measure).objection('webgpu', model())).toBeUndefined()
    expect(ran).toEqual(['cpu', 'webgpu'])
    await chooser.objection('webgpu', model(4))
    await chooser.objection('cuda', model())
    expect(ran).toEqual(['cpu', 'webgpu', 'cpu', 'webgpu', 'cpu', 'cuda'])
  })

  it('is refused for a model that it computes otherwise than the CPU, though it agreed on the probe, and for that one alone', async () => {
    const memory = memoryOf()
    await remember(memory, checked({}))
    const right = new Chooser(memory, inventedProvider({}))
    expect(await right.objection('webgpu', model(4))).toBeUndefined()
    const { measure, ran } = counted(inventedProvider({ noise: 0.05 }))
    const chooser = new Chooser(memory, measure)
    chooseAutoWith(chooser)
    const refused = { code: 'provider-unavailable', message: "The provider webgpu is refused: on this model 100 % of an output's values differ from the CPU's (largest difference 5.0e-2); choose auto or cpu." }
    await expect(createSession(model(), { provider: 'webgpu' })).rejects.toMatchObject(refused)
    await expect(createSession(model(), { provider: 'webgpu' })).rejects.toMatchObject(refused)
    expect(ran).toEqual(['cpu', 'webgpu'])
    expect(await chooser.objection('webgpu', model(4))).toBeUndefined()
    // What was found is no timing: auto measures for itself.
    expect((await memory.recall()).models).toEqual([])
  })

  it('may pass where it cannot be compared: it fails by itself, or the model takes what nobody can make up', async () => {
    const failing: Measure = async (provider, ...rest) => {
      if (provider !== 'cpu') throw new Error('out of memory')
      return inventedProvider({})(provider, ...rest)
    }
    const chooser = new Chooser(memoryOf(), failing)
    expect(await chooser.objection('webgpu', model())).toBeUndefined()
    expect(await chooser.objection('webgpu', new TextEncoder().encode('no model'))).toBeUndefined()
    expect((await chooser.memory.recall()).comparisons).toEqual([])
  })

  it('is compared anew when the machine is checked again', async () => {
    const memory = memoryOf()
    const wrong = new Chooser(memory, inventedProvider({ noise: 0.05 }))
    expect(await wrong.objection('webgpu', model())).toBeDefined()
    const mended = new Chooser(memory, inventedProvider({}))
    expect(await mended.objection('webgpu', model())).toBeDefined()
    await mended.devices(candidates, { again: true, absent: () => undefined })
    expect(await mended.objection('webgpu', model())).toBeUndefined()
  })
})

describe('what is remembered', () => {
  it.each([
    ['is damaged', '{"format": "assay-prov'],
    ['is of another kind', '{"format": "something-else/9", "machines": []}'],
    ['says impossible things', JSON.stringify({ format: 'assay-providers/1', machines: [{ key: 'this machine', checkedAt: 'yesterday', devices: 7, models: [] }] })],
  ])('is as good as nothing where the file %s, and is written anew', async (_what, content) => {
    writeFileSync(file(), content)
    const memory = memoryOf()
    expect(await memory.recall()).toMatchObject({ devices: null, models: [] })
    await remember(memory, checked({}))
    expect((await memoryOf().recall()).devices).toHaveLength(2)
  })

  it('does not keep anybody from working where it cannot be written', async () => {
    writeFileSync(join(folder, 'a file'), '')
    const memory = new ProviderMemory(join(folder, 'a file', 'below'), 'this machine')
    await remember(memory, checked({}))
    expect((await memory.recall()).devices).toBeNull()
  })

  it('does not count on another machine, which does not lose the first', async () => {
    await remember(memoryOf('with the old driver'), checked({ state: 'failed', reason: 'crash' }))
    expect((await memoryOf('with the new driver').recall()).devices).toBeNull()
    await remember(memoryOf('with the new driver'), checked({}))
    expect((await memoryOf('with the old driver').recall()).devices![0]!.state).toBe('failed')
  })

  it('never grows without limit', async () => {
    const memory = memoryOf('0')
    await memory.change((machine) => ({ ...machine, models: Array.from({ length: 300 }, (_, i) => ({ sha256: String(i), order: ['cpu' as const], refused: [], onCpu: {} })), comparisons: Array.from({ length: 300 }, (_, i) => ({ sha256: String(i), provider: 'cuda' as const, objection: null })) }))
    const { models, comparisons } = await memory.recall()
    for (const kept of [models, comparisons]) expect([kept.length, kept.at(-1)!.sha256]).toEqual([200, '299'])
    for (let i = 1; i < 12; i++) await remember(memoryOf(String(i)), checked({}))
    const { machines } = JSON.parse(readFileSync(file(), 'utf8')) as { machines: { key: string }[] }
    expect(machines.map(({ key }) => key)).toEqual(['4', '5', '6', '7', '8', '9', '10', '11'])
  })

  it('changes of two at once do not lose each other within a process', async () => {
    const memory = memoryOf()
    await Promise.all(Array.from({ length: 10 }, (_, i) => memory.rememberModel({ sha256: String(i), order: ['cpu'], refused: [], onCpu: {} })))
    expect((await memory.recall()).models).toHaveLength(10)
  })

  it('has a key that names the processor and the versions, and stays the same from call to call', async () => {
    const key = await machineKey('9.9.9')
    expect(key).toMatch(/cpu( without [a-z, ]+)?; ONNX Runtime \d+\.\d+\.\d+; Assay 9\.9\.9$/)
    expect(await machineKey('9.9.9')).toBe(key)
    expect(await machineKey('9.9.10')).not.toBe(key)
  })
})

describe('a driver that takes the process with it', () => {
  const dead = 2 ** 22 + 1

  it('is not tried at the next start, but when somebody asks again', async () => {
    const memory = memoryOf()
    await memory.change((machine) => ({ ...machine, trying: { provider: 'webgpu', process: dead, since: Date.now() } }))
    const { measure, ran } = counted(inventedProvider({ factor: 0.1 }))
    const chooser = new Chooser(memory, measure)
    const [device] = await chooser.devices(candidates, { absent: () => undefined })
    expect(device).toMatchObject({ state: 'absent', reason: expect.stringContaining('Assay ended while it was tried') as string })
    expect(ran).not.toContain('webgpu')
    expect((await memory.recall()).trying).toBeUndefined()
    expect((await chooser.devices(candidates, { again: true, absent: () => undefined }))[0]).toMatchObject({ state: 'agrees' })
  })

  it.each([
    ['is left to another process that is trying it now', () => Date.now(), [{ provider: 'cpu', state: 'reference' }]],
    ['is not waited for when that was long ago, though the number is in use', () => Date.now() - 3_600_000, [{ state: 'absent' }, { state: 'reference' }]],
  ])('%s', async (_what, since, expected) => {
    const memory = memoryOf()
    await memory.change((machine) => ({ ...machine, trying: { provider: 'webgpu', process: process.ppid, since: since() } }))
    expect(await new Chooser(memory, inventedProvider({})).devices(candidates, { absent: () => undefined })).toMatchObject(expected)
  })

  it('is refused for the model that did it', async () => {
    const memory = memoryOf()
    await remember(memory, checked({}))
    const { measure } = counted(inventedProvider({ factor: 0.1 }))
    const sha256 = (await new Chooser(memory, measure).choose(model(), candidates), (await memory.recall()).models[0]!.sha256)
    await memory.change((machine) => ({ ...machine, models: [], trying: { provider: 'webgpu', process: dead, since: Date.now(), model: sha256 } }))
    const { order, refused } = await new Chooser(memory, measure).choose(model(), candidates)
    expect(order).toEqual(['cpu'])
    expect(refused[0]!.reason).toContain('Assay ended while it was tried on this model')
  })
})
