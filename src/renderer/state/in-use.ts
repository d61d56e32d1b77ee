/**
 * "Use this model" and its undoing: which bundle the pages work with, and which one it was before. Remembered, so that it
 * can be undone tomorrow.
 */
import { create } from 'zustand'
import { changeForm as changeAuditForm } from './audits'
import { recallText, remember } from './remembered'
import { canUse, chooseBundle, useSession } from './session'

export interface Change {
  /** Bundle ids; `from` is empty where none was in use. */
  from: string
  to: string
}

function recalled(): Change | null {
  try {
    const { from, to } = JSON.parse(recallText('taken-into-use') ?? '{}') as Partial<Change>
    return typeof from === 'string' && typeof to === 'string' ? { from, to } : null
  } catch {
    return null
  }
}

export const useInUse = create<{ change: Change | null }>()(() => ({ change: recalled() }))

function put(change: Change | null): void {
  remember('taken-into-use', JSON.stringify(change ?? {}))
  useInUse.setState({ change })
}

function choose(bundle: string): void {
  chooseBundle(bundle)
  changeAuditForm({ bundle, finding: '' })
}

/** Screen, Batch and Audit work with it from now on. */
export function takeIntoUse(bundle: string): void {
  const from = useSession.getState().bundleId ?? ''
  if (from === bundle) return
  put({ from, to: bundle })
  choose(bundle)
}

/** What undoing would bring back: the bundle before, as long as it is there and the new one is still in use. */
export function undoable(change: Change | null, { bundles, bundleId }: Pick<ReturnType<typeof useSession.getState>, 'bundles' | 'bundleId'>) {
  if (!change || change.to !== bundleId) return null
  return bundles.find((each) => each.id === change.from && canUse(each)) ?? null
}

/** Back to the bundle before. The new one stays among the models. */
export function undoUse(): void {
  const before = undoable(useInUse.getState().change, useSession.getState())
  if (!before) return
  put(null)
  choose(before.id)
}
