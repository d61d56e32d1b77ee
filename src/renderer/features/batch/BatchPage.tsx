/** Batches: those that were run here on the left; on the right the one that is looked at, or the form of a new one. */
import { useEffect } from 'react'
import { openBatches, useBatches } from '../../state/batches'
import { BatchList } from './BatchList'
import { BatchView } from './BatchView'
import { SetupForm } from './SetupForm'

export function BatchPage() {
  const selected = useBatches((state) => state.selected)
  useEffect(() => void openBatches(), [])
  return (
    <div className="flex min-h-0 flex-1">
      <BatchList />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{selected ? <BatchView batch={selected} /> : <SetupForm />}</div>
    </div>
  )
}
