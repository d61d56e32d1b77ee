/**
 * What the system is told of running jobs: not to sleep, how far they are, and that a long one has ended when nobody
 * looks at the window.
 */
import { BrowserWindow, Notification, powerSaveBlocker } from 'electron'
import type { EngineConnection } from '../shared/rpc'
import type { Job } from '../shared/types'

/** A job that ended sooner was waited for. */
const longMilliseconds = 20_000

/** No titles of jobs and no file names: a notification stays on a screen that others see. */
const names: Record<Job['kind'], string> = {
  scan: 'Screening',
  attack: 'Attack',
  audit: 'Audit',
  'train-classifier': 'Training',
  'train-purifier': 'Training',
  calibrate: 'Calibration',
  'check-data': 'Check of training data',
  devices: 'Check of the hardware',
}

/** Share of all work that is done, 0 to 1; above 1 where nothing is known yet, below 0 where there is nothing to do. */
export function overallProgress(jobs: readonly Job[]): number {
  if (jobs.length === 0) return -1
  const known = jobs.filter(({ total }) => total > 0)
  if (known.length === 0) return 2
  return known.reduce((sum, { done, total }) => sum + Math.min(1, done / total), 0) / jobs.length
}

export interface JobWatch {
  /** Jobs that have not ended. */
  running(): Job[]
}

/** @param showWindow brings the window to the front when a notification is clicked */
export function watchJobs(client: Pick<EngineConnection, 'subscribe'>, showWindow: () => void): JobWatch {
  const running = new Map<string, Job>()
  let blocker: number | null = null
  /** Without a reference a notification can be collected before it is clicked. */
  let shown: Notification | null = null

  function tellSystem(): void {
    if (running.size > 0) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
    const progress = overallProgress([...running.values()])
    for (const window of BrowserWindow.getAllWindows()) if (!window.isDestroyed()) window.setProgressBar(progress)
  }

  function notify({ kind, state, startedAt, endedAt }: Job): void {
    const watched = BrowserWindow.getFocusedWindow() !== null
    if (watched || state === 'cancelled' || (endedAt ?? 0) - startedAt < longMilliseconds || !Notification.isSupported()) return
    shown = new Notification({ title: 'Assay', body: state === 'done' ? `${names[kind]} finished.` : `${names[kind]} failed; Assay says why.` })
    shown.on('click', showWindow)
    shown.show()
  }

  client.subscribe((event) => {
    if (event.name !== 'job') return
    const job = event.payload
    const known = running.has(job.id)
    if (job.endedAt === null) running.set(job.id, job)
    else running.delete(job.id)
    tellSystem()
    if (known && job.endedAt !== null) notify(job)
  })
  return { running: () => [...running.values()] }
}
