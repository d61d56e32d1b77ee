/** The batches of this machine, newest first, and the way to a new one. */
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle, Plus } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { BatchSummary } from '../../../shared/batch'
import type { JobState } from '../../../shared/types'
import { newBatch, refreshBatches, selectBatch, useBatches } from '../../state/batches'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { batchName, standing } from '../../wording/batch'

const looks: Record<JobState, { icon: LucideIcon; tone: string }> = {
  queued: { icon: LoaderCircle, tone: 'text-ink-soft' },
  running: { icon: LoaderCircle, tone: 'text-accent animate-spin' },
  done: { icon: CircleCheck, tone: 'text-clean' },
  failed: { icon: CircleAlert, tone: 'text-danger' },
  cancelled: { icon: CirclePause, tone: 'text-suspicious' },
}

function BatchItem({ batch, current }: { batch: BatchSummary; current: boolean }) {
  const { icon: Icon, tone } = looks[batch.state]
  return (
    <li>
      <button
        type="button"
        data-batch={batch.jobId}
        data-state={batch.state}
        aria-current={current ? 'true' : undefined}
        title={batch.paths.join('\n')}
        className={`flex w-full gap-2.5 border-l-2 px-2.5 py-2 text-left focus-visible:-outline-offset-2 ${current ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
        onClick={() => selectBatch(batch)}
      >
        <Icon size={17} className={`mt-0.5 shrink-0 ${tone}`} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{batchName(batch)}</span>
          <span className="numbers block truncate text-xs text-ink-soft">{standing(batch)}</span>
          <span className="numbers block truncate text-xs text-ink-soft">{new Date(batch.startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}</span>
        </span>
      </button>
    </li>
  )
}

export function BatchList() {
  const { batches, selected, listError } = useBatches()
  return (
    <aside className="flex w-56 shrink-0 flex-col gap-2 border-r border-line bg-panel pt-2.5 2xl:w-72" aria-label="Batches">
      <div className="px-2.5">
        <Button weight={selected === null ? 'plain' : 'primary'} pressed={selected === null} className="w-full" onClick={newBatch}>
          <Plus size={15} aria-hidden /> New batch
        </Button>
      </div>
      {listError && (
        <div className="px-2.5">
          <Problem title="The list could not be read" error={listError}>
            <Button onClick={() => void refreshBatches()}>Try again</Button>
          </Problem>
        </div>
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line">
        {batches.length === 0 && !listError && <li className="px-3.5 py-3 text-xs text-ink-soft">Batches that were run on this machine are listed here, those of the command line too. One that was stopped goes on from here.</li>}
        {batches.map((batch) => (
          <BatchItem key={batch.jobId} batch={batch} current={batch.jobId === selected?.jobId} />
        ))}
      </ul>
    </aside>
  )
}
