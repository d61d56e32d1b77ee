/** The audits of this machine, newest first, and the way to a new one. */
import { dateAndTime } from '../../language'
import { Ban, CircleAlert, CircleCheck, LoaderCircle, Plus } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { AuditSummary } from '../../../shared/audit'
import type { JobState } from '../../../shared/types'
import { newAudit, refreshAudits, selectAudit, useAudits } from '../../state/audits'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { fileName } from '../../wording/amounts'
import { useBundleName } from './bundle-name'

const looks: Record<JobState, { icon: LucideIcon; word: string; tone: string }> = {
  queued: { icon: LoaderCircle, word: 'Waits', tone: 'text-ink-soft' },
  running: { icon: LoaderCircle, word: 'Runs', tone: 'text-accent animate-spin' },
  done: { icon: CircleCheck, word: 'Done', tone: 'text-clean' },
  failed: { icon: CircleAlert, word: 'Failed', tone: 'text-danger' },
  cancelled: { icon: Ban, word: 'Stopped', tone: 'text-suspicious' },
}

function AuditItem({ audit, current }: { audit: AuditSummary; current: boolean }) {
  const { icon: Icon, word, tone } = looks[audit.state]
  const name = useBundleName(audit.bundle)
  return (
    <li>
      <button
        type="button"
        data-audit={audit.jobId}
        data-state={audit.state}
        aria-current={current ? 'true' : undefined}
        title={audit.data}
        className={`flex w-full gap-2.5 border-l-2 px-2.5 py-2 text-left focus-visible:-outline-offset-2 ${current ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
        onClick={() => void selectAudit(audit.jobId)}
      >
        <Icon size={17} className={`mt-0.5 shrink-0 ${tone}`} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{name}</span>
          <span className="block truncate text-xs text-ink-soft">{fileName(audit.data)}</span>
          <span className="numbers block truncate text-xs text-ink-soft">
            {word} · {dateAndTime(audit.startedAt)}
          </span>
        </span>
      </button>
    </li>
  )
}

export function AuditList() {
  const { audits, selected, listError } = useAudits()
  return (
    <aside className="flex w-64 shrink-0 flex-col gap-2 border-r border-line bg-panel pt-2.5 2xl:w-72" aria-label="Audits">
      <div className="px-2.5">
        <Button weight={selected === null ? 'plain' : 'primary'} pressed={selected === null} className="w-full" onClick={newAudit}>
          <Plus size={15} aria-hidden /> New audit
        </Button>
      </div>
      {listError && (
        <div className="px-2.5">
          <Problem title="The list could not be read" error={listError}>
            <Button onClick={() => void refreshAudits()}>Try again</Button>
          </Problem>
        </div>
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line">
        {audits.length === 0 && !listError && <li className="px-3.5 py-3 text-xs text-ink-soft">Audits that were run here are listed here, those of the command line too when they were given no output folder of their own.</li>}
        {audits.map((audit) => (
          <AuditItem key={audit.jobId} audit={audit} current={audit.jobId === selected} />
        ))}
      </ul>
    </aside>
  )
}
