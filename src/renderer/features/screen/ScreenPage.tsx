/** Screening: list on the left, the open scan beside it; before the first scan, the invitation to bring one. */
import { t } from '../../language'
import { useScreening } from '../../state/screening'
import { isActive } from '../../state/rows'
import { AddMenu } from './AddMenu'
import { EmptyState } from './EmptyState'
import { JobBar } from './JobBar'
import { OpenedScan } from './OpenedScan'
import { ResultList } from './ResultList'

export function ScreenPage() {
  const empty = useScreening((state) => state.rows.length === 0 && !state.jobs.some(isActive) && !state.intake)
  const troubled = useScreening((state) => state.startError !== null || state.jobs.some((job) => job.state === 'failed'))
  if (empty)
    return (
      <div className="flex min-h-0 flex-1 flex-col">
        {troubled && (
          <div className="mx-auto mt-4 space-y-2">
            <JobBar />
          </div>
        )}
        <EmptyState />
      </div>
    )
  return (
    <div className="flex min-h-0 flex-1">
      <aside className="flex w-72 shrink-0 flex-col gap-2 border-r border-line bg-panel px-2.5 pt-2.5 2xl:w-80" aria-label={t('screen.scans')}>
        <AddMenu />
        <JobBar />
        <ResultList />
      </aside>
      <OpenedScan place="screen" />
    </div>
  )
}
