/** One batch, under way or over: how far it is, the table of its results, and a row of it in the viewer. */
import { ChevronLeft, ChevronRight, Pause, Play, RotateCcw, Table2 } from 'lucide-react'
import { useEffect } from 'react'
import type { BatchSummary } from '../../../shared/batch'
import { isRunning, resumeBatch, stopBatch, useBatches } from '../../state/batches'
import { isRow } from '../../state/batch-rows'
import { closeViewed, readRows, stepViewed, useBatchTable } from '../../state/batch-table'
import { useNavigation } from '../../state/navigation'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { remaining } from '../../wording/amounts'
import { amount, batchName, files } from '../../wording/batch'
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
      ? 'Waits for another job'
      : [share === null ? message || 'Starting' : `${amount(done)} of ${files(total)}`, ...(share === null ? [] : [message]), ...(left === null ? [] : [`${remaining(left)} left`])].filter(Boolean).join(' · ')
  return (
    <>
      <div className="numbers truncate text-xs" data-progress>
        {detail}
      </div>
      <div role="progressbar" aria-label="Batch" aria-valuemin={0} aria-valuemax={total} aria-valuenow={share === null ? undefined : done} aria-valuetext={detail} className="mt-1 h-1 overflow-hidden rounded-full bg-line-strong">
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
            <span className="font-semibold text-danger">{error.code === 'engine-stopped' ? 'The batch was cut off.' : 'The batch failed.'}</span> {error.message}{' '}
            <span className="text-2xs text-ink-soft">
              Code <code>{error.code}</code>
            </span>
          </div>
        ) : state === 'done' ? (
          <p role="status" className="numbers truncate">
            Done: {files(total)}
            {loaded && `, ${amount(suspicious)} suspicious, ${amount(failed)} could not be read`}.
          </p>
        ) : (
          <p role="status" className="numbers truncate text-suspicious">
            Stopped{total > 0 && ` at ${amount(done)} of ${amount(total)}`}. What was screened is kept, and Continue goes on from there.
          </p>
        )}
      </div>
      {!running && failed > 0 && (
        <Button title="Screens those files again that could not be screened; what is new in the folders too" onClick={() => void resumeBatch(jobId, true)}>
          <RotateCcw size={14} aria-hidden /> Retry {amount(failed)} failed
        </Button>
      )}
      {state !== 'done' && (
        <Button onClick={() => void (running ? stopBatch(jobId) : resumeBatch(jobId))}>
          {running ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />} {running ? 'Stop' : 'Continue'}
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
      <div role="toolbar" aria-label="Rows" className="flex h-9 shrink-0 items-center gap-1 border-b border-line bg-raised px-2.5">
        <Button weight="quiet" title="Back to the table (Escape)" onClick={closeViewed}>
          <Table2 size={15} aria-hidden /> Table
        </Button>
        <span className="ml-auto" />
        <span className="numbers px-2 text-xs text-ink-soft" data-position>
          {at < 0 ? 'not among what is shown' : `${amount(at + 1)} of ${amount(rows.length)}`}
        </span>
        <Button weight="quiet" aria-label="Previous row" title="Previous row (↑)" disabled={at === 0} onClick={() => stepViewed(-1)}>
          <ChevronLeft size={16} aria-hidden /> Previous
        </Button>
        <Button weight="quiet" aria-label="Next row" title="Next row (↓)" disabled={at === rows.length - 1} onClick={() => stepViewed(1)}>
          Next <ChevronRight size={16} aria-hidden />
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
          {batch.bundle} · α {batch.alpha} · {new Date(batch.startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
          {batch.out !== null && ` · ${batch.out}`}
        </p>
      </header>
      <Standing batch={batch} />
      {readError && (
        <div className="p-4">
          <Problem title="The results could not be read" error={readError}>
            <Button onClick={() => void readRows()}>Try again</Button>
          </Problem>
        </div>
      )}
      <TableBar />
      <BatchTable running={isRunning(batch)} />
    </>
  )
}
