/** Bringing back the bundle that was put aside last. */
import { beforeEach, expect, it, vi } from 'vitest'

const call = vi.fn()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call: (...given: unknown[]) => call(...given) as Promise<unknown> } }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { restoreBundle, useModels } = await import('../../../src/renderer/state/models')
const { useToasts } = await import('../../../src/renderer/state/toasts')

const removed = { token: 'token', name: 'Vendor' }
const asked = (): unknown[] => call.mock.calls.map(([name]) => name as unknown)

beforeEach(() => {
  call.mockReset()
  useModels.setState({ removed })
})

it('asks for it once, however often it is clicked', async () => {
  call.mockImplementation(async (name: string) => (name === 'bundles.list' ? [] : {}))
  await Promise.all([restoreBundle(), restoreBundle()])
  expect(asked()).toEqual(['models.restore', 'bundles.list'])
  expect(useModels.getState().removed).toBeNull()
})

it('can be tried again where it failed', async () => {
  call.mockRejectedValue(new Error('no'))
  await restoreBundle()
  expect(useModels.getState().removed).toEqual(removed)
  expect(useToasts.getState().toasts).toHaveLength(1)
})
