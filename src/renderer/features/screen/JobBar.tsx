/** What is running: how far, how long still, and the way to stop it. Failed screenings say why and stay until dismissed. */
import { t } from '../../language'
import { useScreening, cancelIntake, cancelJob, dismissJob, dismissStartError } from '../../state/screening'
import { isActive } from '../../state/rows'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { remaining } from '../../wording/amounts'

interface ProgressProps {
  title: string
  detail: string
  done: number
  total: number
  onCancel: () => void
}

function Progress({ title, detail, done, total, onCancel }: ProgressProps) {
  const share = total > 0 ? done / total : null
  return (
    <div className="rounded-lg border border-line bg-raised px-3 py-2">
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <div className="truncate">{title}</div>
          <div className="numbers truncate text-xs text-ink-soft">{detail}</div>
        </div>
        <Button weight="quiet" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={share === null ? undefined : done}
        className="mt-1.5 h-1 overflow-hidden rounded-full bg-line-strong"
      >
        <div className={`h-full rounded-full bg-accent transition-[width] ${share === null ? 'w-1/3 animate-pulse' : ''}`} style={share === null ? {} : { width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

export function JobBar() {
  const jobs = useScreening((state) => state.jobs)
  const intake = useScreening((state) => state.intake)
  const startError = useScreening((state) => state.startError)
  const active = jobs.filter(isActive)
  const failed = jobs.filter((job) => job.state === 'failed')
  return (
    <>
      {startError && (
        <Problem title={t('job.didNotStart')} error={startError}>
          <Button onClick={dismissStartError}>{t('dismiss')}</Button>
        </Problem>
      )}
      {intake && <Progress title={t('job.readingFiles')} detail={t('part', { part: intake.done, whole: intake.total })} {...intake} onCancel={cancelIntake} />}
      {active.map((job) => (
        <Progress
          key={job.id}
          title={job.title}
          detail={[
            job.total > 0 ? t('part', { part: job.done, whole: job.total }) : job.message || t('job.starting'),
            ...(job.remainingSeconds === null ? [] : [t('job.left', { time: remaining(job.remainingSeconds) })]),
          ].join(' · ')}
          done={job.done}
          total={job.total}
          onCancel={() => void cancelJob(job.id)}
        />
      ))}
      {failed.map((job) => (
        <Problem key={job.id} title={t('job.failed')} error={job.error ?? { code: 'internal', message: job.message || t('job.endedSilently'), facts: {} }}>
          <Button onClick={() => dismissJob(job.id)}>{t('dismiss')}</Button>
        </Problem>
      ))}
    </>
  )
}
