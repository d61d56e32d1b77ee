/** The Models page: which bundle is looked at, what is known of it, and taking bundles in and putting them aside. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { DescribedBundle } from '../../shared/models'
import type { BundleSummary } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { announce } from './announcements'
import { preferredBundle, useSession } from './session'
import { complain, showToast } from './toasts'

interface ModelsState {
  /** Key of the bundle that is looked at. */
  selected: string | null
  described: DescribedBundle | null
  describing: boolean
  error: SerializedError | null
  /** The bundle that was put aside last, for undoing it. */
  removed: { token: string; name: string } | null
}

export const useModels = create<ModelsState>()(() => ({ selected: null, described: null, describing: false, error: null, removed: null }))

/** Two broken bundles may have one id; they never lie in one place. */
export const keyOf = ({ path, id }: Pick<BundleSummary, 'path' | 'id'>): string => path ?? id

export async function selectBundle(bundle: BundleSummary): Promise<void> {
  const key = keyOf(bundle)
  useModels.setState({ selected: key, described: null, error: bundle.error ?? null, describing: !bundle.error })
  if (bundle.error) return
  const current = (): boolean => useModels.getState().selected === key
  try {
    const described = await platform.call('models.describe', { bundle: key })
    if (current()) useModels.setState({ described, describing: false })
  } catch (error) {
    if (current()) useModels.setState({ error: serializeError(error), describing: false })
  }
}

/** The list anew, after something was added or removed. */
export async function refreshBundles(): Promise<void> {
  const bundles = await platform.call('bundles.list', {})
  useSession.setState(({ bundleId }) => ({ bundles, bundleId: preferredBundle(bundles, bundleId) }))
}

/** @param id of a bundle that has just been added */
export async function showAdded(id: string): Promise<void> {
  await refreshBundles()
  const added = useSession.getState().bundles.find((bundle) => bundle.id === id)
  if (!added) return
  showToast('good', t('models.added', { name: added.name }))
  await selectBundle(added)
}

export async function takeInBundle(path: string): Promise<void> {
  const { id } = await platform.call('models.importBundle', { path })
  await showAdded(id)
}

export async function removeBundle(bundle: BundleSummary): Promise<void> {
  try {
    const { removed } = await platform.call('models.remove', { bundle: keyOf(bundle) })
    useModels.setState({ removed: { token: removed, name: bundle.name }, selected: null, described: null, error: null })
    await refreshBundles()
    announce(t('models.removed', { name: bundle.name }))
  } catch (error) {
    complain(error)
  }
}

export async function restoreBundle(): Promise<void> {
  const { removed } = useModels.getState()
  if (!removed) return
  // Clicked again, it would be looked for where it no longer is.
  useModels.setState({ removed: null })
  try {
    await platform.call('models.restore', { removed: removed.token })
    await refreshBundles()
    announce(t('models.back', { name: removed.name }))
  } catch (error) {
    if (!useModels.getState().removed) useModels.setState({ removed })
    complain(error)
  }
}

export const forgetRemoved = (): void => useModels.setState({ removed: null })
