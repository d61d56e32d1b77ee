/** The jobs of one kind that were run on this machine, newest first, and the way to a new one. */
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle, Plus } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SerializedError } from '../../shared/errors'
import type { JobState } from '../../shared/types'
import { t } from '../language'
import { Button } from './Button'
import { Problem } from './Problem'

const looks: Record<JobState, { icon: LucideIcon; tone: string }> = {
  queued: { icon: LoaderCircle, tone: 'text-ink-soft' },
  running: { icon: LoaderCircle, tone: 'text-accent animate-spin' },
  done: { icon: CircleCheck, tone: 'text-clean' },
  failed: { icon: CircleAlert, tone: 'text-danger' },
  cancelled: { icon: CirclePause, tone: 'text-suspicious' },
}

interface JobItemProps {
  /** Of the data attribute that names the job: `data-<kind>`. */
  kind: string
  job: { jobId: string; state: JobState }
  current: boolean
  hint: string
  /** In place of the usual one of its state. */
  icon?: LucideIcon | undefined
  onSelect: () => void
  /** Lines of text. */
  children: ReactNode
}

export function JobItem({ kind, job: { jobId, state }, current, hint, icon, onSelect, children }: JobItemProps) {
  const Icon = icon ?? looks[state].icon
  return (
    <li>
      <button
        type="button"
        {...{ [`data-${kind}`]: jobId }}
        data-state={state}
        aria-current={current ? 'true' : undefined}
        title={hint}
        className={`flex w-full gap-2.5 border-l-2 px-2.5 py-2 text-left focus-visible:-outline-offset-2 ${current ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
        onClick={onSelect}
      >
        <Icon size={17} className={`mt-0.5 shrink-0 ${looks[state].tone}`} aria-hidden />
        <span className="min-w-0 flex-1">{children}</span>
      </button>
    </li>
  )
}

interface JobListProps {
  label: string
  /** What the button for a new one says. */
  fresh: string
  /** Whether a new one is what is shown. */
  freshShown: boolean
  width: string
  error: SerializedError | null
  /** What stands here before there is one; null once there is. */
  empty: string | null
  onNew: () => void
  onRetry: () => void
  children: ReactNode
}

export function JobList({ label, fresh, freshShown, width, error, empty, onNew, onRetry, children }: JobListProps) {
  return (
    <aside className={`flex shrink-0 flex-col gap-2 border-r border-line bg-panel pt-2.5 2xl:w-72 ${width}`} aria-label={label}>
      <div className="px-2.5">
        <Button weight={freshShown ? 'plain' : 'primary'} pressed={freshShown} className="w-full" onClick={onNew}>
          <Plus size={15} aria-hidden /> {fresh}
        </Button>
      </div>
      {error && (
        <div className="px-2.5">
          <Problem title={t('list.unreadable')} error={error}>
            <Button onClick={onRetry}>{t('tryAgain')}</Button>
          </Problem>
        </div>
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line">
        {empty !== null && !error && <li className="px-3.5 py-3 text-xs text-ink-soft">{empty}</li>}
        {children}
      </ul>
    </aside>
  )
}
