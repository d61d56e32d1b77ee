/** The Batch page: which batches there are, which one is looked at, and the form of the next one. */
import { create } from 'zustand'
import type { BatchCount, BatchSummary } from '../../shared/batch'
import type { AnyEvent } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { Job } from '../../shared/types'
import { t } from '../language'
import type { PlainKey } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { announce } from './announcements'
import { emptyForm, jobOf, pathsOf } from './batch-form'
import type { BatchForm } from './batch-form'
import { continueAs, openLine, readRows, showBatch, useBatchTable } from './batch-table'
import { dataIntake } from './data-intake'
import { useDevices, wantedProvider } from './devices'
import { goTo } from './navigation'
import { useSession } from './session'
import { complain, showToast } from './toasts'

/** How many files the form's paths hold. */
export interface Counting {
  paths: readonly string[]
  /** Null while it is being found out. */
  found: BatchCount | null
  error: SerializedError | null
}

interface BatchesState {
  batches: BatchSummary[]
  listError: SerializedError | null
  /** Null while the form of a new one is shown. */
  selected: BatchSummary | null
  /** Seconds that the selected one still takes. */
  remainingSeconds: number | null
  form: BatchForm
  counting: Counting | null
  startError: SerializedError | null
  starting: boolean
  /** Files on their way to the engine. */
  intake: IntakeProgress | null
}

export const useBatches = create<BatchesState>()(() => ({
  batches: [], listError: null, selected: null, remainingSeconds: null,
  form: emptyForm, counting: null, startError: null, starting: false, intake: null,
}))

export const isRunning = ({ state }: Pick<BatchSummary, 'state'>): boolean => state === 'queued' || state === 'running'

/** The batch that is looked at comes back after a reload. */
const lastLookedAt = 'assay.batch'

let refreshing = false

export async function refreshBatches(): Promise<void> {
  refreshing = true
  try {
    const batches = await platform.call('batch.list', {})
    useBatches.setState((state) => ({ batches, listError: null, selected: batches.find(({ jobId }) => jobId === state.selected?.jobId) ?? state.selected }))
    if (useBatches.getState().selected) await readRows()
  } catch (error) {
    useBatches.setState({ listError: serializeError(error) })
  } finally {
    refreshing = false
  }
}

/** Called when the page is opened for the first time: what was looked at before, else what runs, else the form. */
export async function openBatches(): Promise<void> {
  const { bundleId } = useSession.getState()
  if (!useBatches.getState().form.bundle) changeForm({ bundle: bundleId ?? '' })
  await refreshBatches()
  const { batches, selected } = useBatches.getState()
  if (selected) return
  const last = sessionStorage.getItem(lastLookedAt)
  const wanted = batches.find(({ jobId }) => jobId === last) ?? batches.find(isRunning)
  if (wanted) selectBatch(wanted)
}

export function newBatch(): void {
  sessionStorage.removeItem(lastLookedAt)
  useBatches.setState({ selected: null, startError: null })
  showBatch(null)
}

export function selectBatch(batch: BatchSummary): void {
  sessionStorage.setItem(lastLookedAt, batch.jobId)
  useBatches.setState({ selected: batch, remainingSeconds: null })
  showBatch(batch.jobId)
}

/** Opens a result on the Batch page, from wherever it was found. */
export async function openResult(jobId: string, line: number): Promise<void> {
  try {
    const batch = await platform.call('batch.open', { jobId })
    goTo('batch')
    selectBatch(batch)
    await readRows()
    // A reading that was under way goes on to its end by itself.
    for (let waited = 0; !openLine(line) && waited < 100 && useBatchTable.getState().jobId === jobId && !useBatchTable.getState().loaded; waited++) await new Promise((done) => setTimeout(done, 50))
    openLine(line)
  } catch (error) {
    complain(error)
  }
}

/** Milliseconds between two readings of a batch that runs. */
const followEvery = 1000
let followTimer: ReturnType<typeof setTimeout> | undefined

function follow(): void {
  followTimer ??= setTimeout(() => {
    followTimer = undefined
    void readRows()
  }, followEvery)
}

const spoken: Partial<Record<Job['state'], PlainKey>> = { done: 'batch.spoken.done', cancelled: 'batch.spoken.cancelled', failed: 'batch.spoken.failed' }

export function receiveBatch(event: AnyEvent): void {
  if (event.name !== 'job' || event.payload.kind !== 'scan') return
  const job = event.payload
  const before = useBatches.getState().batches.find(({ jobId }) => jobId === job.id)
  if (!before) {
    // Its next event finds it in the list.
    if (job.quiet && !refreshing) void refreshBatches()
    return
  }
  const { state, endedAt, startedAt, done, total, message, error, remainingSeconds } = job
  const now: BatchSummary = { ...before, state, endedAt, startedAt, done, total, message, ...(error && { error }) }
  useBatches.setState(({ batches, selected }) => ({
    batches: batches.map((each) => (each.jobId === job.id ? now : each)),
    ...(selected?.jobId === job.id && { selected: now, remainingSeconds }),
  }))
  if (useBatches.getState().selected?.jobId !== job.id) return
  if (isRunning(job)) {
    if (done > before.done) follow()
    return
  }
  void readRows()
  if (isRunning(before)) announce(spoken[state] ? t(spoken[state]) : '')
}

let countTimer: ReturnType<typeof setTimeout> | undefined
/** Milliseconds after the last key until the files are counted. */
const countAfter = 400

export function changeForm(change: Partial<BatchForm>): void {
  useBatches.setState(({ form }) => ({ form: { ...form, ...change }, startError: null }))
  if (change.typed === undefined && change.handed === undefined) return
  clearTimeout(countTimer)
  countTimer = setTimeout(() => void countFiles(), change.typed === undefined ? 0 : countAfter)
}

export async function countFiles(): Promise<void> {
  const paths = pathsOf(useBatches.getState().form)
  if (paths.length === 0) return useBatches.setState({ counting: null })
  const mine: Counting = { paths, found: null, error: null }
  useBatches.setState({ counting: mine })
  const put = (change: Partial<Counting>): void => useBatches.setState(({ counting }) => (counting?.paths === paths ? { counting: { ...counting, ...change } } : {}))
  try {
    put({ found: await platform.call('batch.count', { paths }) })
  } catch (error) {
    put({ error: serializeError(error) })
  }
}

const intake = dataIntake((progress) => useBatches.setState({ intake: progress }))

/** Files and folders chosen or dropped. */
export const takeFiles = (handed: Intake | null): Promise<void> =>
  intake.take(handed, async (files, onProgress, signal) => {
    const { paths, failures } = await files.deliver(onProgress, signal)
    if (failures[0]) showToast('bad', failures.length === 1 ? failures[0].error.message : t('batch.notBrought', { count: failures.length, why: failures[0].error.message }), failures[0].error.code)
    if (paths.length > 0) changeForm({ handed: [...new Set([...useBatches.getState().form.handed, ...paths])] })
    else if (failures.length === 0) showToast('bad', t('nothingHandedOver'))
  })

export const cancelFiles = intake.cancel

export async function startBatch(): Promise<void> {
  const { form, starting } = useBatches.getState()
  const { bundles, alpha } = useSession.getState()
  const job = jobOf(form, bundles, { alpha, provider: wantedProvider(useDevices.getState()) })
  if (!job || starting) return
  useBatches.setState({ starting: true, startError: null })
  try {
    const { id } = await platform.call('jobs.start', job)
    selectBatch(await platform.call('batch.open', { jobId: id }))
    useBatches.setState({ starting: false, counting: null, form: { ...form, typed: '', handed: [], out: '' } })
    await refreshBatches()
  } catch (error) {
    useBatches.setState({ starting: false, startError: serializeError(error) })
  }
}

/** What is done is kept, and the batch goes on from there whenever it is wanted. */
export async function stopBatch(jobId: string): Promise<void> {
  await platform.call('jobs.cancel', { jobId }).catch(complain)
}

/** @param retryFailed tries again what could not be screened */
export async function resumeBatch(jobId: string, retryFailed = false): Promise<void> {
  try {
    const job = await platform.call('batch.resume', { jobId, retryFailed })
    const batch = await platform.call('batch.open', { jobId: job.id })
    sessionStorage.setItem(lastLookedAt, job.id)
    useBatches.setState({ selected: batch, remainingSeconds: null })
    continueAs(job.id)
    await refreshBatches()
  } catch (error) {
    complain(error)
  }
}
