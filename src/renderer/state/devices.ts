/** Where models run: what the engine knows of the providers, the check that finds out, and what the person chose. */
import { create } from 'zustand'
import type { AnyEvent } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { DeviceReport, Job, ProviderChoice } from '../../shared/types'
import { platform } from '../platform'
import { isActive } from './rows'
import { changeSettings, useSettings } from './settings'

interface DevicesState {
  open: boolean
  /** Null where this machine was never checked. */
  report: DeviceReport | null
  /** The check under way. */
  job: Job | null
  error: SerializedError | null
  choice: ProviderChoice
}

export const useDevices = create<DevicesState>()(() => ({ open: false, report: null, job: null, error: null, choice: useSettings.getState().settings.provider }))

useSettings.subscribe(({ settings: { provider } }) => useDevices.getState().choice !== provider && useDevices.setState({ choice: provider }))

/** A provider that was found out is not sent again, however long ago it was chosen. */
export function wantedProvider({ choice, report }: Pick<DevicesState, 'choice' | 'report'>): ProviderChoice {
  if (choice === 'auto' || choice === 'cpu' || !report) return choice
  const device = report.devices.find(({ provider }) => provider === choice)
  return device?.state === 'agrees' ? choice : 'auto'
}

export const chooseProvider = (provider: ProviderChoice): void => void changeSettings({ provider })

export async function loadDevices(): Promise<void> {
  try {
    useDevices.setState({ report: (await platform.call('devices.list', {})) ?? null, error: null })
  } catch (error) {
    useDevices.setState({ error: serializeError(error) })
  }
}

export function openDevices(): void {
  useDevices.setState({ open: true })
  if (!useDevices.getState().job) void loadDevices()
}

export const closeDevices = (): void => useDevices.setState({ open: false })

/** Has every provider checked anew. It waits for the screenings before it, so that its end is told by an event. */
export async function checkAgain(): Promise<void> {
  useDevices.setState({ error: null })
  try {
    follow(await platform.call('jobs.start', { kind: 'devices', parameters: { again: true } }))
  } catch (error) {
    useDevices.setState({ error: serializeError(error) })
  }
}

/** The last check that ended: its start may be answered after that. */
let endedId: string | null = null

function follow(job: Job): void {
  if (job.id === endedId) return
  if (isActive(job)) return useDevices.setState({ job })
  endedId = job.id
  useDevices.setState({ job: null, error: job.error ?? null })
  if (job.state === 'done') void loadDevices()
}

export function receiveDevices(event: AnyEvent): void {
  if (event.name === 'job' && event.payload.kind === 'devices') follow(event.payload)
}

/** After a lost connection: the check may have ended meanwhile. */
export async function findCheck(): Promise<void> {
  const { job } = useDevices.getState()
  const now = job && (await platform.call('jobs.list', {}).catch(() => [])).find(({ id }) => id === job.id)
  if (now) follow(now)
}

export async function cancelCheck(): Promise<void> {
  const { job } = useDevices.getState()
  if (job) await platform.call('jobs.cancel', { jobId: job.id }).catch((error: unknown) => useDevices.setState({ error: serializeError(error) }))
}
