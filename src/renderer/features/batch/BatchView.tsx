/** One batch, under way or over: how far it is, the table of its results, and a row of it in the viewer. */
import { ChevronLeft, ChevronRight, Pause, Play, RotateCcw, Table2 } from 'lucide-react'
import { useEffect } from 'react'
import type { BatchSummary } from '../../../shared/batch'
import { dateAndTime, figure, t } from '../../language'
import { isRunning, resumeBatch, stopBatch, useBatches } from '../../state/batches'
import { isRow } from '../../state/batch-rows'
import { closeViewed, readRows, stepViewed, useBatchTable } from '../../state/batch-table'
import { useNavigation } from '../../state/navigation'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { remaining } from '../../wording/amounts'
import { batchName, files } from '../../wording/batch'
import { OpenedScan } from '../screen/OpenedScan'
import { BatchTable } from './BatchTable'
import { ExportMenu } from './ExportMenu'
import { TableBar } from './TableBar'

function Progress({ batch }: { batch: BatchSummary }) {
  const left = useBatches((state) => state.remainingSeconds)
  const { done, total, state, message } = batch
  const share = total > 0 ? done / total : null
  const detail =
    state === 'queued'
      ? t('job.waits')
      : [share === null ? message || t('job.starting') : t('part', { part: done, whole: files(total) }), ...(share === null ? [] : [message]), ...(left === null ? [] : [t('job.left', { time: remaining(left) })])].filter(Boolean).join(' · ')
  return (
    <>
      <div className="numbers truncate text-xs" data-progress>
        {detail}
      </div>
      <div role="progressbar" aria-label={t('page.batch')} aria-valuemin={0} aria-valuemax={total} aria-valuenow={share === null ? undefined : done} aria-valuetext={detail} className="mt-1 h-1 overflow-hidden rounded-full bg-line-strong">
        <div className={`h-full rounded-full bg-accent ${share === null ? 'w-1/3 animate-pulse' : ''}`} style={share === null ? {} : { width: `${share * 100}%` }} />
      </div>
    </>
  )
}

/** Of the same height whether it runs, was stopped or is done, so that the table does not jump. */
function Standing({ batch }: { batch: BatchSummary }) {
  const { error: failed, suspicious } = useBatchTable((state) => state.counts)
  const loaded = useBatchTable((state) => state.loaded)
  const running = isRunning(batch)
  const { state, done, total, error, jobId } = batch
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line bg-raised px-4 py-1.5" data-standing={state}>
      <div className="mr-1 min-w-0 flex-1">
        {running ? (
          <Progress batch={batch} />
        ) : state === 'failed' && error ? (
          <div role="alert" className="selectable max-h-20 overflow-y-auto break-words">
            <span className="font-semibold text-danger">{error.code === 'engine-stopped' ? t('batch.wasCutOff') : t('batch.hasFailed')}</span> <span lang="en">{error.message}</span>{' '}
            <span className="text-2xs text-ink-soft">
              {t('code')} <code>{error.code}</code>
            </span>
          </div>
        ) : state === 'done' ? (
          <p role="status" className="numbers truncate">
            {loaded ? t('batch.doneWith', { files: files(total), suspicious, failed }) : t('batch.done', { files: files(total) })}
          </p>
        ) : (
          <p role="status" className="numbers truncate text-suspicious">
            {total > 0 ? t('batch.wasStoppedAt', { far: t('part', { part: done, whole: total }) }) : t('batch.wasStopped')}
          </p>
        )}
      </div>
      {!running && failed > 0 && (
        <Button title={t('batch.retryHint')} onClick={() => void resumeBatch(jobId, true)}>
          <RotateCcw size={14} aria-hidden /> {t('batch.retry', { n: failed })}
        </Button>
      )}
      {state !== 'done' && (
        <Button onClick={() => void (running ? stopBatch(jobId) : resumeBatch(jobId))}>
          {running ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />} {running ? t('stop') : t('continue')}
        </Button>
      )}
      <ExportMenu />
    </div>
  )
}

/** The way back to the table, and from row to row in its order. */
function Viewed() {
  const items = useBatchTable((state) => state.items)
  const selected = useBatchTable((state) => state.selected)
  const rows = items.filter(isRow)
  const at = rows.findIndex(({ line }) => line === selected)
  return (
    <>
      <div role="toolbar" aria-label={t('batch.rows')} className="flex h-9 shrink-0 items-center gap-1 border-b border-line bg-raised px-2.5">
        <Button weight="quiet" title={t('batch.toTable')} onClick={closeViewed}>
          <Table2 size={15} aria-hidden /> {t('batch.table')}
        </Button>
        <span className="ml-auto" />
        <span className="numbers px-2 text-xs text-ink-soft" data-position>
          {at < 0 ? t('batch.notShown') : t('part', { part: at + 1, whole: rows.length })}
        </span>
        <Button weight="quiet" aria-label={t('batch.previousRow')} title={`${t('batch.previousRow')} (↑)`} disabled={at === 0} onClick={() => stepViewed(-1)}>
          <ChevronLeft size={16} aria-hidden /> {t('batch.previous')}
        </Button>
        <Button weight="quiet" aria-label={t('batch.nextRow')} title={`${t('batch.nextRow')} (↓)`} disabled={at === rows.length - 1} onClick={() => stepViewed(1)}>
          {t('batch.next')} <ChevronRight size={16} aria-hidden />
        </Button>
      </div>
      <OpenedScan place="batch" />
    </>
  )
}

const inControl = 'input, textarea, select, [role="menu"], [role="dialog"], [role="alertdialog"]'

/** Keys of the page as a whole; those of the table are its own. */
function useBatchKeys(): void {
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (useNavigation.getState().pageId !== 'batch' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') || (event.target instanceof Element && event.target.closest(inControl))) return
      const { viewing } = useBatchTable.getState()
      if (event.key === 'Escape' && viewing) closeViewed()
      else if (event.key === '/' && !viewing) document.getElementById('batch-search')?.focus()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  }, [])
}

export function BatchView({ batch }: { batch: BatchSummary }) {
  const viewing = useBatchTable((state) => state.viewing)
  const readError = useBatchTable((state) => state.readError)
  useBatchKeys()
  // Pictures need the room; how far the batch is still stands in the list.
  if (viewing) return <Viewed />
  return (
    <>
      <header className="shrink-0 border-b border-line px-4 pt-2.5 pb-1.5">
        <h2 className="truncate text-lg font-semibold" title={batch.paths.join('\n')}>
          {batchName(batch)}
        </h2>
        <p className="selectable numbers truncate text-xs text-ink-soft">
          {batch.bundle} · α {figure(batch.alpha)} · {dateAndTime(batch.startedAt)}
          {batch.out !== null && ` · ${batch.out}`}
        </p>
      </header>
      <Standing batch={batch} />
      {readError && (
        <div className="p-4">
          <Problem title={t('results.unreadable')} error={readError}>
            <Button onClick={() => void readRows()}>{t('tryAgain')}</Button>
          </Problem>
        </div>
      )}
      <TableBar />
      <BatchTable running={isRunning(batch)} />
    </>
  )
}
