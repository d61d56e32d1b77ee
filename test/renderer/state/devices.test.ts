/** What is asked of the engine for the provider that a person chose. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeviceReport, Job } from '../../../src/shared/types'

const call = vi.fn()
vi.mock('../../../src/renderer/platform', () => ({ platform: { call, subscribe: vi.fn(), watchConnection: vi.fn() } }))
const { cancelCheck, checkAgain, chooseProvider, findCheck, receiveDevices, useDevices, wantedProvider } = await import('../../../src/renderer/state/devices')

const report: DeviceReport = {
  machine: 'm',
  checkedAt: 1,
  auto: 'cpu',
  devices: [
    { provider: 'webgpu', state: 'agrees', milliseconds: 3 },
    { provider: 'dml', state: 'disagrees', reason: 'wrong' },
    { provider: 'cpu', state: 'reference', milliseconds: 9 },
  ],
}
let ids = 0
const check = (state: Job['state'], id = `check ${ids}`): Job => ({ id, kind: 'devices', state, title: '', done: 0, total: 2, message: '', startedAt: 1, endedAt: null, remainingSeconds: null })
const told = (job: Job) => receiveDevices({ name: 'job', payload: job })

beforeEach(() => {
  ids++
  call.mockReset()
  useDevices.setState({ open: false, report: null, job: null, error: null, choice: 'auto' })
})

describe('the provider that is sent', () => {
  it('is the one chosen, as long as nothing speaks against it', () => {
    chooseProvider('webgpu')
    expect(wantedProvider(useDevices.getState())).toBe('webgpu')
    useDevices.setState({ report })
    expect(wantedProvider(useDevices.getState())).toBe('webgpu')
  })

  it('is auto where the one chosen was found out, or is not of this machine', () => {
    useDevices.setState({ report })
    for (const choice of ['dml', 'coreml'] as const) expect(wantedProvider({ choice, report })).toBe('auto')
    expect(wantedProvider({ choice: 'cpu', report })).toBe('cpu')
  })
})

describe('a check', () => {
  it('is followed by its events, and its result asked for at the end', async () => {
    call.mockResolvedValueOnce(check('queued'))
    await checkAgain()
    expect(call).toHaveBeenCalledWith('jobs.start', { kind: 'devices', parameters: { again: true } })
    expect(useDevices.getState().job?.state).toBe('queued')
    told(check('running'))
    expect(useDevices.getState().job?.state).toBe('running')
    call.mockResolvedValueOnce(report)
    told(check('done'))
    await vi.waitFor(() => expect(useDevices.getState()).toMatchObject({ job: null, report }))
  })

  it('that ended before its start was answered is not waited for', async () => {
    call.mockImplementation(async (name) => {
      if (name === 'devices.list') return report
      told(check('done'))
      return check('queued')
    })
    await checkAgain()
    expect(useDevices.getState().job).toBeNull()
  })

  it('that cannot start, fails or is cancelled leaves the report and shows the error', async () => {
    useDevices.setState({ report })
    call.mockRejectedValueOnce(new Error('no'))
    await checkAgain()
    expect(useDevices.getState()).toMatchObject({ report, job: null, error: { code: 'internal' } })
    told({ ...check('failed'), error: { code: 'onnx-invalid', message: 'broken', facts: {} } })
    expect(useDevices.getState().error?.code).toBe('onnx-invalid')
    ids++
    told(check('running'))
    call.mockResolvedValueOnce(check('cancelled'))
    await cancelCheck()
    told(check('cancelled'))
    expect(useDevices.getState()).toMatchObject({ report, job: null, error: null })
  })

  it('that ended while the connection was lost is found', async () => {
    told(check('running'))
    call.mockImplementation(async (name) => (name === 'jobs.list' ? [check('done')] : report))
    await findCheck()
    await vi.waitFor(() => expect(useDevices.getState()).toMatchObject({ job: null, report }))
  })

  it('of screenings takes no notice', () => {
    told({ ...check('running'), kind: 'scan' })
    expect(useDevices.getState().job).toBeNull()
  })
})
