/** What the page knows of the application: bundles, samples, the chosen bundle and α (both of the settings), and whether the engine answers. */
import { create } from 'zustand'
import type { SerializedError } from '../../shared/errors'
import type { BundleSummary, Provider, Sample } from '../../shared/types'
import type { Connection } from '../platform/platform'
import { changeSettings, useSettings } from './settings'

interface SessionState {
  phase: 'loading' | 'ready' | 'failed'
  error: SerializedError | null
  version: string
  /** Where the application keeps what it makes. */
  dataFolder: string
  /** Those that the engine could run models on, the CPU last. */
  providers: Provider[]
  bundles: BundleSummary[]
  samples: Sample[]
  bundleId: string | null
  alpha: number
  connection: Connection
}

export const alphaChoices = [0.01, 0.02, 0.05, 0.1, 0.2] as const

export const useSession = create<SessionState>()(() => ({
  phase: 'loading',
  error: null,
  version: '',
  dataFolder: '',
  providers: [],
  bundles: [],
  samples: [],
  bundleId: null,
  alpha: useSettings.getState().settings.alpha,
  connection: 'open',
}))

export const canUse = (bundle: BundleSummary): boolean => bundle.canScreen && !bundle.error

/** The bundle of last time if it can still screen, else the first that can. */
export function preferredBundle(bundles: readonly BundleSummary[], remembered: string | null): string | null {
  const usable = bundles.filter(canUse)
  return (usable.find((bundle) => bundle.id === remembered) ?? usable[0])?.id ?? null
}

export function chooseBundle(bundleId: string): void {
  useSession.setState({ bundleId })
  void changeSettings({ bundle: bundleId })
}

export const chooseAlpha = (alpha: number): void => void changeSettings({ alpha })

useSettings.subscribe(({ settings: { alpha } }) => useSession.getState().alpha !== alpha && useSession.setState({ alpha }))
