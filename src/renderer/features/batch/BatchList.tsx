/** The batches of this machine, newest first, and the way to a new one. */
import type { BatchSummary } from '../../../shared/batch'
import { dateAndTime, t } from '../../language'
import { newBatch, refreshBatches, selectBatch, useBatches } from '../../state/batches'
import { JobItem, JobList } from '../../ui/JobList'
import { batchName, standing } from '../../wording/batch'

function BatchItem({ batch, current }: { batch: BatchSummary; current: boolean }) {
  return (
    <JobItem kind="batch" job={batch} current={current} hint={batch.paths.join('\n')} onSelect={() => selectBatch(batch)}>
      <span className="block truncate">{batchName(batch)}</span>
      <span className="numbers block truncate text-xs text-ink-soft">{standing(batch)}</span>
      <span className="numbers block truncate text-xs text-ink-soft">{dateAndTime(batch.startedAt)}</span>
    </JobItem>
  )
}

export function BatchList() {
  const { batches, selected, listError } = useBatches()
  const empty = batches.length === 0 ? t('batch.none') : null
  return (
    <JobList label={t('batch.list')} fresh={t('batch.new')} freshShown={selected === null} width="w-56" error={listError} empty={empty} onNew={newBatch} onRetry={() => void refreshBatches()}>
      {batches.map((batch) => (
        <BatchItem key={batch.jobId} batch={batch} current={batch.jobId === selected?.jobId} />
      ))}
    </JobList>
  )
}
