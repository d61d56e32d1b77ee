/** The Train page: which trainings there are, which one is looked at, the form of the next one and the check of its data. */
import { create } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { AnyEvent } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { dataCheckSchema } from '../../shared/training'
import type { DataCheck } from '../../shared/training'
import type { OpenedTraining, TrainingSummary } from '../../shared/training-record'
import type { Job } from '../../shared/types'
import { t } from '../language'
import type { PlainKey } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { announce } from './announcements'
import { askedFor, rowsAfter } from './class-names'
import { dataIntake, placeOf } from './data-intake'
import { useDevices, wantedProvider } from './devices'
import { refreshBundles } from './models'
import type { BundlesHere } from './new-bundle'
import { isActive, putJob, putStanding } from './rows'
import { useSession } from './session'
import { complain } from './toasts'
import { checkOf, emptyForm, fits, jobOf } from './train-form'
import type { CheckParameters, TrainForm } from './train-form'

/** A check of the data that a form names. */
export interface Checking {
  asked: CheckParameters
  /** Null until it has been queued. */
  job: Job | null
  result: DataCheck | null
  error: SerializedError | null
}

interface TrainingsState {
  trainings: TrainingSummary[]
  listError: SerializedError | null
  jobs: Job[]
  /** Job id; null while the form of a new one is shown. */
  selected: string | null
  opened: OpenedTraining | null
  openError: SerializedError | null
  loading: boolean
  /** What was said against the data of trainings before their first step, by job. */
  warned: Readonly<Record<string, readonly string[]>>
  /** Job that was asked to end now with the best it has. */
  finishing: string | null
  /** A training was asked to go on or to end, and what came of it is not shown yet. */
  acting: boolean
  form: TrainForm
  check: Checking | null
  startError: SerializedError | null
  /** Until the training that was started is shown: a second click would queue another. */
  starting: boolean
  /** Files on their way to the engine. */
  intake: IntakeProgress | null
}

export const useTrainings = create<TrainingsState>()(() => ({
  trainings: [], listError: null, jobs: [], selected: null, opened: null, openError: null, loading: false, warned: {}, finishing: null, acting: false,
  form: emptyForm, check: null, startError: null, starting: false, intake: null,
}))

/** What a new bundle has to find its place among. */
export const bundlesHere = (): BundlesHere => {
  const { bundles, dataFolder } = useSession.getState()
  return { bundles, trainings: useTrainings.getState().trainings, dataFolder }
}

export function useBundlesHere(): BundlesHere {
  const { bundles, dataFolder } = useSession(useShallow(({ bundles, dataFolder }) => ({ bundles, dataFolder })))
  const trainings = useTrainings((state) => state.trainings)
  return { bundles, trainings, dataFolder }
}

const isTraining = ({ kind }: Job): boolean => kind === 'train-classifier' || kind === 'train-purifier'

export const isRunning = ({ state }: Pick<TrainingSummary, 'state'>): boolean => state === 'queued' || state === 'running'

/** The work of a check is queued behind other jobs, so that it may wait a while. */
export const isChecking = (check: Checking | null): boolean => check !== null && check.result === null && check.error === null

/** Whether a check speaks of what the form names now. */
export const speaksOf = (check: Checking | null, form: TrainForm): boolean => check !== null && JSON.stringify(check.asked) === JSON.stringify(checkOf(form))

export async function refreshTrainings(): Promise<void> {
  try {
    const [trainings, jobs] = await Promise.all([platform.call('train.list', {}), platform.call('jobs.list', {})])
    useTrainings.setState((state) => ({ trainings, listError: null, jobs: jobs.filter(isTraining).reduce(putJob, state.jobs) }))
  } catch (error) {
    useTrainings.setState({ listError: serializeError(error) })
  }
}

/** Called when the page is opened for the first time: a training that runs is shown, else the form. */
export async function openTrainings(): Promise<void> {
  await refreshTrainings()
  const { trainings, selected, form } = useTrainings.getState()
  const { bundles, bundleId } = useSession.getState()
  if (!form.bundle) changeForm({ bundle: bundleId ?? bundles.find((each) => fits(each, form.task))?.id ?? '' })
  const running = trainings.find(isRunning)
  if (selected === null && running) await selectTraining(running.jobId)
}

export const newTraining = (): void => useTrainings.setState({ selected: null, opened: null, openError: null })

let reading = 0

export async function selectTraining(jobId: string): Promise<void> {
  if (useTrainings.getState().selected !== jobId) useTrainings.setState({ selected: jobId, opened: null })
  await readTraining(jobId)
}

const joined = (before: OpenedTraining, now: OpenedTraining): OpenedTraining => ({ ...now, steps: [...before.steps, ...now.steps], epochs: [...before.epochs, ...now.epochs] })

async function readTraining(jobId: string): Promise<void> {
  const mine = ++reading
  useTrainings.setState({ loading: true, openError: null })
  try {
    const { opened } = useTrainings.getState()
    const before = opened?.summary.jobId === jobId ? opened : null
    const now = await platform.call('train.open', { jobId, ...(before && { read: before.read }) })
    if (mine === reading) useTrainings.setState({ opened: before && now.follows ? joined(before, now) : now, loading: false })
  } catch (error) {
    if (mine === reading) useTrainings.setState({ openError: serializeError(error), loading: false })
  }
}

/** Milliseconds between two readings of a training that runs. */
const followEvery = 1000
let followTimer: ReturnType<typeof setTimeout> | undefined

/** Reads a training that runs anew, soon and not more often than it is worth. */
function follow(jobId: string): void {
  if (useTrainings.getState().selected !== jobId) return
  followTimer ??= setTimeout(() => {
    followTimer = undefined
    const { selected, loading } = useTrainings.getState()
    if (selected === null) return
    if (loading) follow(selected)
    else void readTraining(selected)
  }, followEvery)
}

const stateSpoken: Partial<Record<Job['state'], PlainKey>> = { done: 'train.spoken.done', cancelled: 'train.spoken.cancelled', failed: 'train.spoken.failed' }

async function ended(job: Job): Promise<void> {
  announce(stateSpoken[job.state] ? t(stateSpoken[job.state]!) : '')
  if (useTrainings.getState().finishing === job.id) useTrainings.setState({ finishing: null })
  await refreshTrainings()
  if (useTrainings.getState().selected === job.id) await readTraining(job.id)
  if (job.state === 'done') await refreshBundles()
}

/** Warnings that a training is shown with: what was said before its first step too, until its result says what holds in the end. */
export function warningsOf({ summary, warnings }: Pick<OpenedTraining, 'summary' | 'warnings'>, warned: TrainingsState['warned']): string[] {
  const early = summary.state === 'done' ? [] : (warned[summary.jobId] ?? [])
  return [...new Set([...early, ...warnings])]
}

export function receiveTraining(event: AnyEvent): void {
  if (event.name === 'train.warnings') {
    const { jobId, warnings } = event.payload
    useTrainings.setState(({ warned }) => ({ warned: { ...warned, [jobId]: warnings } }))
    return
  }
  if (event.name === 'train.metrics') {
    follow(event.payload.jobId)
    return
  }
  if (event.name !== 'job') return
  const job = event.payload
  if (job.kind === 'check-data') void checkMoved(job)
  if (!isTraining(job)) return
  const before = useTrainings.getState().jobs.find((each) => each.id === job.id)
  useTrainings.setState((state) => ({
    jobs: putJob(state.jobs, job),
    trainings: putStanding(state.trainings, job),
  }))
  if (before && isActive(before) && !isActive(job)) void ended(job)
}

export function changeForm(change: Partial<TrainForm>): void {
  useTrainings.setState(({ form }) => ({ form: { ...form, classNames: rowsAfter(form, change, useSession.getState().bundles), ...change }, startError: null }))
}

const intake = dataIntake((progress) => useTrainings.setState({ intake: progress }))

/** A folder of images, or a file about them, handed over by the person. */
export const takeData = (field: 'data' | 'labels' | 'test' | 'testLabels' | 'about', handed: Intake | null): Promise<void> =>
  intake.take(handed, async (...given) => {
    const place = await placeOf(...given)
    if (!place) return
    changeForm({ [field]: place })
    void checkData()
  })

export const cancelDataIntake = intake.cancel

/** Looks at all that the form names, unless that has been done. */
export async function checkData(): Promise<void> {
  const { form, check } = useTrainings.getState()
  if (!speaksOf(check, form) || check?.error) await checkAgain()
}

/** Looks at it whatever has been done: files may have been mended since. */
export async function checkAgain(): Promise<void> {
  const { form, check } = useTrainings.getState()
  const asked = checkOf(form)
  if (!asked) return
  if (check?.job && isChecking(check)) void platform.call('jobs.cancel', { jobId: check.job.id }).catch(() => undefined)
  const mine: Checking = { asked, job: null, result: null, error: null }
  useTrainings.setState({ check: mine })
  const current = (): boolean => useTrainings.getState().check?.asked === asked
  try {
    const job = await platform.call('jobs.start', { kind: 'check-data', parameters: asked })
    if (current()) useTrainings.setState({ check: { ...mine, job } })
    // It may have ended before its number was known.
    const now = (await platform.call('jobs.list', {})).find(({ id }) => id === job.id)
    if (now) await checkMoved(now)
  } catch (error) {
    if (current()) useTrainings.setState(withCheck({ ...mine, error: serializeError(error) }))
  }
}

/** A check; names that it does not know are asked for in the form. */
const withCheck = (check: Checking) => ({ form }: Pick<TrainingsState, 'form'>): Pick<TrainingsState, 'check' | 'form'> => ({ check, form: { ...form, classNames: askedFor(form.classNames, check.error) } })

async function checkMoved(job: Job): Promise<void> {
  const { check } = useTrainings.getState()
  if (check?.job?.id !== job.id || !isChecking(check)) return
  const put = (change: Partial<Checking>): void =>
    useTrainings.setState((state) => (state.check?.job?.id === job.id ? withCheck({ ...state.check, ...change })(state) : {}))
  put({ job })
  if (isActive(job)) return
  try {
    if (job.state !== 'done') put({ error: job.error ?? { code: 'cancelled', message: t('train.checkStopped'), facts: {} } })
    else {
      const { result } = await platform.call('jobs.wait', { jobId: job.id })
      put({ result: dataCheckSchema.parse(result) })
      announce(t('train.checkSpoken'))
    }
  } catch (error) {
    put({ error: serializeError(error) })
  }
}

export async function stopCheck(): Promise<void> {
  const { check } = useTrainings.getState()
  if (check?.job) await platform.call('jobs.cancel', { jobId: check.job.id }).catch(complain)
}

/** The job that the form describes. */
export const wantedJob = (form: TrainForm) => jobOf(form, { ...bundlesHere(), provider: wantedProvider(useDevices.getState()) })

/** A job that has just been queued, found in the list. */
async function showStarted(job: Job): Promise<void> {
  useTrainings.setState((state) => ({ jobs: putJob(state.jobs, job) }))
  await refreshTrainings()
  await selectTraining(job.id)
}

export async function startTraining(): Promise<void> {
  const job = wantedJob(useTrainings.getState().form)
  if (!job || useTrainings.getState().starting) return
  useTrainings.setState({ starting: true, startError: null })
  try {
    const started = await platform.call('jobs.start', job)
    await showStarted(started)
    // The next one gets a name of its own.
    changeForm({ name: '', id: '' })
  } catch (error) {
    useTrainings.setState({ startError: serializeError(error) })
  } finally {
    useTrainings.setState({ starting: false })
  }
}

/** Stops for now: the checkpoint is kept, and the training goes on from there whenever it is wanted. */
export async function pauseTraining(jobId: string): Promise<void> {
  try {
    const job = await platform.call('jobs.cancel', { jobId })
    useTrainings.setState((state) => ({ jobs: putJob(state.jobs, job) }))
  } catch (error) {
    complain(error)
  }
}

/** One at a time: what is asked meanwhile, as by a double click, would queue a second job. */
async function acting(act: () => Promise<void>): Promise<void> {
  if (useTrainings.getState().acting) return
  useTrainings.setState({ acting: true })
  try {
    await act()
  } catch (error) {
    complain(error)
  } finally {
    useTrainings.setState({ acting: false })
  }
}

async function goOn(jobId: string): Promise<Job> {
  const job = await platform.call('train.resume', { jobId })
  await showStarted(job)
  return job
}

export const resumeTraining = (jobId: string): Promise<void> => acting(async () => void (await goOn(jobId)))

/** Ends a training with the best epoch so far, one that is paused too. */
export const finishTraining = ({ jobId, state }: Pick<TrainingSummary, 'jobId' | 'state'>): Promise<void> =>
  acting(async () => {
    const running = isRunning({ state }) ? jobId : (await goOn(jobId)).id
    useTrainings.setState({ finishing: running })
    try {
      const job = await platform.call('jobs.finish', { jobId: running })
      useTrainings.setState((before) => ({ jobs: putJob(before.jobs, job) }))
    } catch (error) {
      useTrainings.setState({ finishing: null })
      throw error
    }
  })
