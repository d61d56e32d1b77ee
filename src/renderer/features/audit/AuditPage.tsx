/** Audits: those that were run here on the left; on the right the one that is looked at, or the form of a new one. */
import { useEffect } from 'react'
import { openAudits, useAudits } from '../../state/audits'
import { AuditList } from './AuditList'
import { AuditView } from './AuditView'
import { SetupForm } from './SetupForm'

export function AuditPage() {
  const selected = useAudits((state) => state.audits.find((audit) => audit.jobId === state.selected))
  useEffect(() => void openAudits(), [])
  return (
    <div className="flex min-h-0 flex-1">
      <AuditList />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{selected ? <AuditView key={selected.jobId} audit={selected} /> : <SetupForm />}</div>
    </div>
  )
}
