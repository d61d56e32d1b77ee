/** The audits of this machine, newest first, and the way to a new one. */
import { Ban } from 'lucide-react'
import type { AuditSummary } from '../../../shared/audit'
import type { JobState } from '../../../shared/types'
import { dateAndTime } from '../../language'
import { newAudit, refreshAudits, selectAudit, useAudits } from '../../state/audits'
import { JobItem, JobList } from '../../ui/JobList'
import { fileName } from '../../wording/amounts'
import { useBundleName } from './bundle-name'

const words: Record<JobState, string> = { queued: 'Waits', running: 'Runs', done: 'Done', failed: 'Failed', cancelled: 'Stopped' }

function AuditItem({ audit, current }: { audit: AuditSummary; current: boolean }) {
  const name = useBundleName(audit.bundle)
  return (
    <JobItem kind="audit" job={audit} current={current} hint={audit.data} icon={audit.state === 'cancelled' ? Ban : undefined} onSelect={() => void selectAudit(audit.jobId)}>
      <span className="block truncate">{name}</span>
      <span className="block truncate text-xs text-ink-soft">{fileName(audit.data)}</span>
      <span className="numbers block truncate text-xs text-ink-soft">
        {words[audit.state]} · {dateAndTime(audit.startedAt)}
      </span>
    </JobItem>
  )
}

export function AuditList() {
  const { audits, selected, listError } = useAudits()
  const empty = audits.length === 0 ? 'Audits that were run here are listed here, those of the command line too when they were given no output folder of their own.' : null
  return (
    <JobList label="Audits" fresh="New audit" freshShown={selected === null} width="w-64" error={listError} empty={empty} onNew={newAudit} onRetry={() => void refreshAudits()}>
      {audits.map((audit) => (
        <AuditItem key={audit.jobId} audit={audit} current={audit.jobId === selected} />
      ))}
    </JobList>
  )
}
