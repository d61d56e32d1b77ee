/** What the page knows of the application: bundles, samples, the chosen bundle and α, and whether the engine answers. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { BundleSummary, Sample } from '../../shared/types'
import { platform } from '../platform'
import { recallNumber, recallText, remember } from './remembered'
import { receive, restore } from './screening'

interface SessionState {
  phase: 'loading' | 'ready' | 'failed'
  error: SerializedError | null
  version: string
  bundles: BundleSummary[]
  samples: Sample[]
  bundleId: string | null
  alpha: number
  connected: boolean
  acknowledged: boolean
}

export const alphaChoices = [0.01, 0.02, 0.05, 0.1, 0.2] as const

export const useSession = create<SessionState>()(() => ({
  phase: 'loading',
  error: null,
  version: '',
  bundles: [],
  samples: [],
  bundleId: null,
  alpha: recallNumber('alpha', alphaChoices, 0.05),
  connected: true,
  acknowledged: recallText('acknowledged') === 'yes',
}))

export const canUse = (bundle: BundleSummary): boolean => bundle.canScreen && !bundle.error

/** The bundle of last time if it can still screen, else the first that can. */
export function preferredBundle(bundles: readonly BundleSummary[], remembered: string | null): string | null {
  const usable = bundles.filter(canUse)
  return (usable.find((bundle) => bundle.id === remembered) ?? usable[0])?.id ?? null
}

export function chooseBundle(bundleId: string): void {
  remember('bundle', bundleId)
  useSession.setState({ bundleId })
}

export function chooseAlpha(alpha: number): void {
  remember('alpha', String(alpha))
  useSession.setState({ alpha })
}

export function acknowledge(): void {
  remember('acknowledged', 'yes')
  useSession.setState({ acknowledged: true })
}

export async function loadSession(): Promise<void> {
  useSession.setState({ phase: 'loading', error: null })
  try {
    const [info, bundles, samples] = await Promise.all([
      platform.call('app.info', {}),
      platform.call('bundles.list', {}),
      platform.call('samples.list', {}),
    ])
    const bundleId = preferredBundle(bundles, recallText('bundle'))
    useSession.setState({ phase: 'ready', version: info.version, bundles, samples, bundleId })
    await restore(samples)
  } catch (error) {
    useSession.setState({ phase: 'failed', error: serializeError(error) })
  }
}

/** Called once. Events that were missed while the connection was down are asked for when it is back. */
export async function startSession(): Promise<void> {
  platform.subscribe(receive)
  platform.watchConnection((connected) => {
    const before = useSession.getState()
    useSession.setState({ connected })
    if (connected && !before.connected) void (before.phase === 'ready' ? restore(before.samples) : loadSession())
  })
  await loadSession()
}
