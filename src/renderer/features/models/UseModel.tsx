/** "Use this model" for one that has just been made, and the way back from it. */
import { ArrowRightLeft, Undo2 } from 'lucide-react'
import { useShallow } from 'zustand/react/shallow'
import type { BundleSummary } from '../../../shared/types'
import { t } from '../../language'
import { takeIntoUse, undoable, undoUse, useInUse } from '../../state/in-use'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'

export function UseModel({ bundle }: { bundle: BundleSummary }) {
  const { bundles, bundleId } = useSession(useShallow(({ bundles, bundleId }) => ({ bundles, bundleId })))
  const back = undoable(useInUse((state) => state.change), { bundles, bundleId })
  const inUse = bundleId === bundle.id
  if (inUse && back)
    return (
      <Button title={t('train.backTo', { name: back.name })} onClick={undoUse}>
        <Undo2 size={14} aria-hidden /> {t('undo')}
      </Button>
    )
  return (
    <Button weight="primary" disabled={inUse} onClick={() => takeIntoUse(bundle.id)}>
      <ArrowRightLeft size={14} aria-hidden /> {t('train.use')}
    </Button>
  )
}
