/** One audit, under way or finished: how far it is, what came out, its images, and another audit beside it. */
import { FileDown, Play, Square } from 'lucide-react'
import { DropdownMenu, Tabs } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { AuditSummary } from '../../../shared/audit'
import type { Job } from '../../../shared/types'
import { t } from '../../language'
import { cancelAudit, isRunning, makeReport, resumeAudit, saveReport, selectAudit, useAudits } from '../../state/audits'
import { canDragOut, dragOutProps } from '../../state/dragging-out'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { ProgressBar } from '../../ui/ProgressBar'
import { fileName, remaining } from '../../wording/amounts'
import { useBundleName } from './bundle-name'
import { CompareView } from './CompareView'
import { ImagesView } from './ImagesView'
import { OpenReport } from './OpenReport'
import { Results } from './Results'
import { floating, menuItem } from '../../ui/floating'

const files = [
  { file: 'report.html', label: 'audit.file.html' },
  { file: 'report.pdf', label: 'audit.file.pdf' },
  { file: 'results.csv', label: 'audit.file.csv' },
  { file: 'audit.json', label: 'audit.file.json' },
] as const

function SaveReport({ jobId }: { jobId: string }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button weight="primary">
          <FileDown size={15} aria-hidden /> {t('audit.save')}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className={`${floating} w-72 p-1`}>
          {files.map(({ file, label }) => (
            <DropdownMenu.Item
              key={file}
              className={menuItem}
              onSelect={() => void saveReport(jobId, file)}
              {...dragOutProps(() => makeReport(jobId, file))}
            >
              {t(label)}
              <div className="text-xs text-ink-soft">{file}</div>
            </DropdownMenu.Item>
          ))}
          {canDragOut && <div className="mt-1 border-t border-line px-3 pt-1.5 pb-1 text-xs text-ink-soft">{t('dragHint')}</div>}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Stops an audit that runs, goes on with one that was stopped: one button, which keeps its place and the focus. */
function StopOrGoOn({ audit }: { audit: AuditSummary }) {
  const running = isRunning(audit)
  return (
    <Button onClick={() => void (running ? cancelAudit(audit.jobId) : resumeAudit(audit))}>
      {running ? <Square size={13} aria-hidden /> : <Play size={14} aria-hidden />} {running ? t('stop') : t('goOn')}
    </Button>
  )
}

function Progress({ audit, job }: { audit: AuditSummary; job: Job | undefined }) {
  const share = job && job.total > 0 ? job.done / job.total : null
  const left = job?.remainingSeconds
  const detail = [audit.state === 'queued' ? t('job.waits') : job?.message || t('job.starting'), ...(share === null ? [] : [`${Math.floor(100 * share)} %`]), ...(left ? [t('job.left', { time: remaining(left) })] : [])].join(' · ')
  return (
    <>
      <div className="numbers truncate text-xs" data-progress>
        {detail}
      </div>
      <ProgressBar label={t('page.audit')} share={share} detail={detail} />
    </>
  )
}

/** How an audit stands that is not finished; of the same height whether it runs or was stopped. */
function Standing({ audit }: { audit: AuditSummary }) {
  const job = useAudits((state) => state.jobs.find(({ id }) => id === audit.jobId))
  if (audit.state === 'done') return null
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-3 border-b border-line bg-raised px-4 py-2">
      <div className="min-w-0 flex-1">
        {isRunning(audit) ? (
          <Progress audit={audit} job={job} />
        ) : job?.error && job.error.code !== 'cancelled' ? (
          <div role="alert" className="selectable max-h-24 overflow-y-auto break-words">
            <span className="font-semibold text-danger">{t('audit.hasFailed')}</span> <span lang="en">{job.error.message}</span>{' '}
            <span className="text-2xs text-ink-soft">
              {t('code')} <code>{job.error.code}</code>
            </span>
          </div>
        ) : (
          <p role="status" className="text-suspicious">
            {audit.state === 'failed' ? t('audit.unfinished') : t('audit.wasStopped')}
          </p>
        )}
      </div>
      <StopOrGoOn audit={audit} />
    </div>
  )
}

const tab = 'border-b-2 border-transparent px-3 py-1.5 text-ink-soft hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink'

export function AuditView({ audit }: { audit: AuditSummary }) {
  const { report, reportError, loading, audits } = useAudits(useShallow(({ report, reportError, loading, audits }) => ({ report, reportError, loading, audits })))
  const [shown, setShown] = useState('results')
  const others = audits.filter(({ jobId, state }) => jobId !== audit.jobId && state === 'done')
  const name = useBundleName(audit.bundle)
  const heading = useRef<HTMLHeadingElement>(null)
  // The form that started it is gone, and the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <Tabs.Root value={shown} onValueChange={setShown} className="flex min-h-0 flex-1 flex-col">
      <header className="flex shrink-0 items-center gap-3 px-4 pt-3 pb-1">
        <div className="min-w-0 flex-1">
          <h2 ref={heading} tabIndex={-1} className="truncate text-lg font-semibold">
            {name}
          </h2>
          <p className="selectable truncate text-xs text-ink-soft" title={audit.data}>
            {t('audit.resultsIn', { data: fileName(audit.data), folder: audit.folder })}
          </p>
        </div>
        {report && !report.partial && (
          <>
            <OpenReport jobId={audit.jobId} />
            <SaveReport jobId={audit.jobId} />
          </>
        )}
      </header>
      <Tabs.List aria-label={t('audit.shown')} className="flex shrink-0 border-b border-line px-2">
        <Tabs.Trigger value="results" className={tab}>
          {t('audit.tab.results')}
        </Tabs.Trigger>
        <Tabs.Trigger value="images" className={tab} disabled={!report}>
          {t('audit.tab.images')}
        </Tabs.Trigger>
        <Tabs.Trigger value="compare" className={tab} disabled={!report || others.length === 0}>
          {t('audit.tab.compare')}
        </Tabs.Trigger>
      </Tabs.List>
      <Standing audit={audit} />
      {reportError && (
        <div className="p-4">
          <Problem title={t('results.unreadable')} error={reportError}>
            <Button onClick={() => void selectAudit(audit.jobId)}>{t('tryAgain')}</Button>
          </Problem>
        </div>
      )}
      {!report && !reportError && <p className="p-8 text-center text-ink-soft">{loading ? t('results.reading') : isRunning(audit) ? t('audit.resultsAppear') : t('audit.noResults')}</p>}
      {report && (
        <>
          <Tabs.Content value="results" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto">
            <Results jobId={audit.jobId} report={report} running={isRunning(audit)} />
          </Tabs.Content>
          <Tabs.Content value="images" tabIndex={-1} className="flex min-h-0 flex-1 data-[state=inactive]:hidden">
            <ImagesView jobId={audit.jobId} report={report} />
          </Tabs.Content>
          <Tabs.Content value="compare" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto">
            <CompareView report={report} others={others} />
          </Tabs.Content>
        </>
      )}
    </Tabs.Root>
  )
}
