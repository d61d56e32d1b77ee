/** The audits of this machine, newest first, and the way to a new one. */
import { Ban } from 'lucide-react'
import type { AuditSummary } from '../../../shared/audit'
import { dateAndTime, t } from '../../language'
import { newAudit, refreshAudits, selectAudit, useAudits } from '../../state/audits'
import { JobItem, JobList } from '../../ui/JobList'
import { fileName } from '../../wording/amounts'
import { useBundleName } from './bundle-name'

function AuditItem({ audit, current }: { audit: AuditSummary; current: boolean }) {
  const name = useBundleName(audit.bundle)
  return (
    <JobItem kind="audit" job={audit} current={current} hint={audit.data} icon={audit.state === 'cancelled' ? Ban : undefined} onSelect={() => void selectAudit(audit.jobId)}>
      <span className="block truncate">{name}</span>
      <span className="block truncate text-xs text-ink-soft">{fileName(audit.data)}</span>
      <span className="numbers block truncate text-xs text-ink-soft">
        {t(`job.state.${audit.state}`)} · {dateAndTime(audit.startedAt)}
      </span>
    </JobItem>
  )
}

export function AuditList() {
  const { audits, selected, listError } = useAudits()
  const empty = audits.length === 0 ? t('audit.none') : null
  return (
    <JobList label={t('audit.list')} fresh={t('audit.new')} freshShown={selected === null} width="w-64" error={listError} empty={empty} onNew={newAudit} onRetry={() => void refreshAudits()}>
      {audits.map((audit) => (
        <AuditItem key={audit.jobId} audit={audit} current={audit.jobId === selected} />
      ))}
    </JobList>
  )
}
