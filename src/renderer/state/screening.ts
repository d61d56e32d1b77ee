/** Screening: jobs, the list they fill, and what is selected in it. Opening a result is in `opening.ts`. */
import { create } from 'zustand'
import type { AnyEvent } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { Job, Sample } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { announce, announceRows } from './announcements'
import { useDevices, wantedProvider } from './devices'
import { goTo, useNavigation } from './navigation'
import { lastOpenedAmong, openRow, useOpening } from './opening'
import { forgetOwnJob, keepOwnJob, ownJobs } from './own-jobs'
import { addRows, filterRows, isActive, neighbour, putJob, rowName } from './rows'
import type { Filter, Row } from './rows'
import { chooseBundle, useSession } from './session'
import { complain, showToast } from './toasts'

interface ScreeningState {
  jobs: Job[]
  rows: Row[]
  filter: Filter
  selectedId: string | null
  /** Files on their way to the engine. */
  intake: IntakeProgress | null
  /** A screening that could not be started. */
  startError: SerializedError | null
}

export const useScreening = create<ScreeningState>()(() => ({
  jobs: [],
  rows: [],
  filter: 'all',
  selectedId: null,
  intake: null,
  startError: null,
}))

/**
 * The first result of a screening just started is opened by itself, unless the person opens something first. These are the
 * screenings that were there before it, whose results come meanwhile; null while nothing is to be opened.
 */
let earlier: ReadonlySet<string> | null = null
const isAwaited = (jobId: string): boolean => earlier !== null && !earlier.has(jobId)
let intakeAbort: AbortController | null = null
let arrived: Row[] = []
let flushTimer: ReturnType<typeof setTimeout> | null = null

/** There is one viewer: it is not taken from a scan that is looked at on the Batch page. Coming back here opens what is selected. */
function openUnasked(row: Row): void {
  const viewedThere = useNavigation.getState().pageId === 'batch' && useOpening.getState().place === 'batch'
  select(row.id, !viewedThere)
  earlier = null
}

/** Results come in bursts; the list is updated at most ten times a second. */
function flush(): void {
  flushTimer = null
  const added = arrived
  arrived = []
  useScreening.setState(({ rows }) => ({ rows: addRows(rows, added) }))
  announceRows(added)
  const readable = added.find((row) => row.result.status !== 'error' && isAwaited(row.jobId))
  if (readable) openUnasked(readable)
}

function arrive(rows: Row[]): void {
  arrived.push(...rows)
  flushTimer ??= setTimeout(flush, 100)
}

/** A screening of which nothing could be read shows its first error instead of nothing. */
function ended(job: Job): void {
  announce(t(`spoken.screening.${job.state === 'done' || job.state === 'failed' ? job.state : 'cancelled'}`))
  if (flushTimer) {
    clearTimeout(flushTimer)
    flush()
  }
  const row = isAwaited(job.id) && useScreening.getState().rows.find((each) => each.jobId === job.id)
  if (row) openUnasked(row)
}

export function receive(event: AnyEvent): void {
  if (event.name === 'job' && event.payload.kind === 'scan' && !event.payload.quiet) {
    const job = event.payload
    const before = useScreening.getState().jobs.find((each) => each.id === job.id)
    useScreening.setState(({ jobs }) => ({ jobs: putJob(jobs, job) }))
    if (before && isActive(before) && !isActive(job)) ended(job)
  } else if (event.name === 'scan.result') {
    const { jobId, resultId, result } = event.payload
    arrive([{ id: resultId, jobId, name: rowName(result.path, useSession.getState().samples), result }])
  }
}

/** Brings back the jobs and results of this window after a reload or a lost connection, and whatever is still running. */
export async function restore(samples: readonly Sample[]): Promise<void> {
  const mine = ownJobs()
  const jobs = (await platform.call('jobs.list', {}))
    .filter((job) => job.kind === 'scan' && !job.quiet && (isActive(job) || mine.includes(job.id)))
    .sort((a, b) => a.startedAt - b.startedAt)
  const rows: Row[] = []
  for (const job of jobs) {
    const results = await platform.call('scan.results', { jobId: job.id }).catch(() => [])
    rows.push(...results.map(({ resultId, result }) => ({ id: resultId, jobId: job.id, name: rowName(result.path, samples), result })))
  }
  useScreening.setState((state) => ({ jobs: jobs.reduce(putJob, state.jobs), rows: addRows(state.rows, rows) }))
  const last = lastOpenedAmong(rows)
  if (last) select(last.id, true)
}

async function start(paths: string[], bundle: string): Promise<void> {
  earlier ??= new Set(useScreening.getState().jobs.map(({ id }) => id))
  useScreening.setState({ startError: null })
  try {
    const { alpha } = useSession.getState()
    const provider = wantedProvider(useDevices.getState())
    // The viewer computes the heat of what is opened; pictures of it on disk would only make each scan wait.
    const job = await platform.call('jobs.start', { kind: 'scan', parameters: { paths, bundle, alpha, provider, heatmaps: false } })
    keepOwnJob(job.id)
    const known = useScreening.getState().jobs.some((each) => each.id === job.id)
    if (!known) useScreening.setState(({ jobs }) => ({ jobs: putJob(jobs, job) }))
  } catch (error) {
    useScreening.setState({ startError: serializeError(error) })
  }
}

/** Screens a file again with another bundle, which the next ones get, too. */
export async function screenWith(path: string, bundleId: string): Promise<void> {
  chooseBundle(bundleId)
  goTo('screen')
  await start([path], bundleId)
}

export const screenSample = (sample: Sample): Promise<void> => start([sample.path], sample.bundleId)

/** What was handed over while other files are being brought waits for its turn: the system opens several files one by one. */
let lastIntake: Promise<void> = Promise.resolve()

/** Brings files to the engine and screens them with the bundle that is chosen now. What cannot be brought is a row of its own. */
export function screenIntake(intake: Intake | null): Promise<void> {
  const { bundleId } = useSession.getState()
  if (!intake) return Promise.resolve()
  if (!bundleId) {
    const message = t('screen.noUsableBundle')
    useScreening.setState({ startError: { code: 'bundle-incomplete', message, facts: {} } })
    return Promise.resolve()
  }
  lastIntake = lastIntake.then(() => bring(intake, bundleId))
  return lastIntake
}

async function bring(intake: Intake, bundleId: string): Promise<void> {
  intakeAbort = new AbortController()
  try {
    const { paths, failures } = await intake.deliver((progress) => useScreening.setState({ intake: progress }), intakeAbort.signal)
    const failed = failures.map(({ name, error }) => ({
      id: `not-delivered:${crypto.randomUUID()}`,
      jobId: '',
      name,
      result: { path: name, status: 'error' as const, score: null, pValue: null, before: null, after: null, heatmap: null, error },
    }))
    if (failed.length > 0) arrive(failed)
    if (paths.length > 0) await start(paths, bundleId)
    else if (failed.length === 0) showToast('bad', t('nothingHandedOver'))
  } catch (error) {
    const failure = serializeError(error)
    if (failure.code !== 'cancelled') useScreening.setState({ startError: failure })
  } finally {
    intakeAbort = null
    useScreening.setState({ intake: null })
  }
}

export const cancelIntake = (): void => intakeAbort?.abort()

export async function cancelJob(jobId: string): Promise<void> {
  try {
    const job = await platform.call('jobs.cancel', { jobId })
    useScreening.setState(({ jobs }) => ({ jobs: putJob(jobs, job) }))
  } catch (error) {
    complain(error)
  }
}

export const setFilter = (filter: Filter): void => useScreening.setState({ filter })
export const dismissStartError = (): void => useScreening.setState({ startError: null })

export function dismissJob(jobId: string): void {
  forgetOwnJob(jobId)
  useScreening.setState(({ jobs }) => ({ jobs: jobs.filter((job) => job.id !== jobId) }))
}

export function select(rowId: string, open: boolean): void {
  useScreening.setState({ selectedId: rowId })
  if (!open) return
  earlier = null
  const row = useScreening.getState().rows.find((each) => each.id === rowId)
  if (row) void openRow(row)
}

export function step(by: number): void {
  const { rows, filter, selectedId } = useScreening.getState()
  const row = neighbour(filterRows(rows, filter), selectedId, by)
  if (row) select(row.id, false)
}

export function openSelected(): void {
  const { selectedId } = useScreening.getState()
  if (selectedId) select(selectedId, true)
}

/** The viewer comes back to this page from another: what was open here is shown again. */
export function returnToScreening(): void {
  const { rows, selectedId } = useScreening.getState()
  const row = rows.find((each) => each.id === selectedId)
  if (useOpening.getState().place !== 'screen' && row) void openRow(row)
}
