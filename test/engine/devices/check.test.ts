/** The check of the providers: what passes, what is refused and why, and that nobody waits for an emulated device. */
import { describe, expect, it } from 'vitest'
import { checkDevices } from '../../../src/engine/devices/check'
import { difference, worst } from '../../../src/engine/devices/difference'
import { measure } from '../../../src/engine/devices/measure'
import { probe } from '../../../src/engine/devices/probe'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import { inventedProvider } from './invented'

const present = () => undefined

describe('the difference of two answers', () => {
  it('is the largest one, as a share of the largest value of the CPU', () => {
    const cpu = float32([4], [1, -10, 3, 0])
    expect(difference(cpu, float32([4], [1, -10, 3.5, 0]), 0.01)).toEqual({ largest: 0.05, beyond: 0.25 })
    expect(difference(cpu, cpu, 0)).toEqual({ largest: 0, beyond: 0 })
    expect(difference(int64([2], [4, 2]), int64([2], [4, 0]), 0.1)).toEqual({ largest: 0.5, beyond: 0.5 })
  })

  it('is infinite where a number is missing or the shape is another, but not where both say the same', () => {
    const cpu = float32([2], [1, 2])
    for (const other of [float32([2], [1, NaN]), float32([2], [Infinity, 2]), float32([1], [1]), undefined]) expect(difference(cpu, other, 0.1).largest).toBe(Infinity)
    const odd = float32([2], [NaN, -Infinity])
    expect(difference(odd, odd, 0)).toEqual({ largest: 0, beyond: 0 })
    expect(worst({ a: cpu, b: cpu }, { a: cpu, b: float32([2], [1, 4]) }, ['a', 'b'], 0).largest).toBe(1)
  })
})

describe('the probe', () => {
  it('has gradients that finite differences confirm, so that a right provider has something right to agree with', async () => {
    const { bytes, feeds } = probe({ batch: 1, side: 16, width: 4 })
    const session = await createSession(bytes, { provider: 'cpu' })
    const lossAt = async (name: string, step: number, at: number) => {
      const values = Float32Array.from(feeds[name]!.data as Float32Array)
      values[at]! += step
      return Number((await session.run({ ...feeds, [name]: float32(feeds[name]!.shape, values) }))['loss']!.data[0])
    }
    const outputs = await session.run(feeds)
    for (const name of ['x', 'w']) {
      const analytic = outputs[`d${name}`]!.data as Float32Array
      // Where the slope is steepest, the loss's rounding counts least.
      const at = analytic.reduce((best, value, i) => (Math.abs(value) > Math.abs(analytic[best]!) ? i : best), 0)
      const numeric = ((await lossAt(name, 1e-3, at)) - (await lossAt(name, -1e-3, at))) / 2e-3
      expect(Math.abs(numeric - analytic[at]!)).toBeLessThan(0.05 * Math.abs(analytic[at]!))
    }
    await session.release()
  })
})

describe('the check', () => {
  it('times the CPU and leaves out what the machine has nothing for', async () => {
    const asked: string[] = []
    const devices = await checkDevices(['webgpu', 'cpu'], { absent: () => 'no such hardware', progress: (provider) => void asked.push(provider) })
    expect(devices[0]).toEqual({ provider: 'webgpu', state: 'absent', reason: 'no such hardware' })
    expect(devices[1]).toMatchObject({ provider: 'cpu', state: 'reference' })
    expect(devices[1]!.milliseconds).toBeGreaterThan(0)
    expect(asked).toEqual(['cpu', 'webgpu'])
  })

  it('accepts a provider that rounds otherwise, with its time', async () => {
    const [device] = await checkDevices(['webgpu', 'cpu'], { absent: present, measure: inventedProvider({ noise: 1e-6, factor: 0.25, onCpu: ['MaxPool'] }) })
    expect(device).toMatchObject({ state: 'agrees', onCpu: ['MaxPool'] })
    expect(device!.forward).toBeLessThan(1e-4)
    expect(device!.milliseconds).toBeGreaterThan(0)
    expect(device!.reason).toBeUndefined()
  })

  it('refuses one that computes in half precision, and says which part is off', async () => {
    const [device] = await checkDevices(['coreml', 'cpu'], { absent: present, measure: inventedProvider({ noise: 2e-3, only: ['dx'] }) })
    expect(device).toMatchObject({ provider: 'coreml', state: 'disagrees' })
    expect(device!.reason).toMatch(/^its gradients differ from the CPU's by \d\.\de-3 of the largest value \(allowed 1\.0e-3\)$/)
    expect(device!.milliseconds).toBeUndefined()
  })

  it('refuses answers that are no numbers', async () => {
    const [device] = await checkDevices(['dml', 'cpu'], { absent: present, measure: inventedProvider({ noise: NaN }) })
    expect(device).toMatchObject({ state: 'disagrees', forward: null, reason: expect.stringContaining('by not a number') as string })
  })

  it('goes on after one that fails, with its reason', async () => {
    const devices = await checkDevices(['dml', 'cpu'], { absent: present, measure: (provider, ...rest) => (provider === 'cpu' ? measure(provider, ...rest) : Promise.reject(new Error('the driver is too old'))) })
    expect(devices.map(({ state }) => state)).toEqual(['failed', 'reference'])
    expect(devices[0]!.reason).toContain('the driver is too old')
  })

  it('does not wait for a device that would take minutes', async () => {
    const ran: string[] = []
    const slow = inventedProvider({ milliseconds: 400, ran: (provider) => ran.push(provider) })
    const [device] = await checkDevices(['webgpu', 'cpu'], { absent: present, measure: slow })
    expect(device).toMatchObject({ state: 'agrees', reason: 'too slow to be timed at a realistic size: 400 ms for 2 images of 16 × 16' })
    expect(ran).toEqual(['webgpu'])
  })

  it('stops when it is cancelled', async () => {
    const controller = new AbortController()
    await expect(checkDevices(['webgpu', 'cpu'], { absent: present, signal: controller.signal, progress: () => controller.abort() })).rejects.toThrow()
  })
})
