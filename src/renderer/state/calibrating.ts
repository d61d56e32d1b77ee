/**
 * Calibrating a bundle on local scans: the form, what would come of it, the calibration that runs and what it came to.
 * The last one is remembered, so that a reload, or a night, does not lose it.
 */
import { create } from 'zustand'
import { calibrationReportSchema } from '../../shared/calibration'
import type { CalibrationPlan, CalibrationReport } from '../../shared/calibration'
import type { AnyEvent } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { BundleSummary, Job } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { announce } from './announcements'
import { emptyForm, jobOf, planOf } from './calibrate-form'
import type { CalibrateForm, PlanParameters } from './calibrate-form'
import { dataIntake, placeOf } from './data-intake'
import { useDevices, wantedProvider } from './devices'
import { refreshBundles } from './models'
import { recallText, remember } from './remembered'
import { isActive } from './rows'
import { complain } from './toasts'
import { bundlesHere, refreshTrainings } from './trainings'

/** What calibrating on the scans that the form names would do. */
export interface Planning {
  asked: PlanParameters
  /** Null while it is being found out. */
  plan: CalibrationPlan | null
  error: SerializedError | null
}

/** What is remembered of a calibration. */
interface Started {
  jobId: string
  /** Names of the bundle that is calibrated and of the copy, and the copy's id. */
  from: string
  name: string
  made: string
  data: string
}

export interface CalibrationRun extends Started {
  /** Null until the engine was asked. */
  job: Job | null
  report: CalibrationReport | null
  error: SerializedError | null
}

interface CalibratingState {
  /** `closed` while the page shows something else. */
  view: 'closed' | 'form' | 'run'
  form: CalibrateForm
  planning: Planning | null
  /** Files on their way to the engine. */
  intake: IntakeProgress | null
  starting: boolean
  startError: SerializedError | null
  run: CalibrationRun | null
}

export const useCalibrating = create<CalibratingState>()(() => ({ view: 'closed', form: emptyForm, planning: null, intake: null, starting: false, startError: null, run: null }))

export const isRunning = (run: CalibrationRun | null): boolean => run !== null && run.report === null && run.error === null

/** The calibration that runs, or the form of one for this bundle. */
export function openCalibration(bundle: Pick<BundleSummary, 'id'>): void {
  if (isRunning(useCalibrating.getState().run)) return useCalibrating.setState({ view: 'run' })
  useCalibrating.setState({ view: 'form' })
  changeForm({ bundle: bundle.id, name: '', id: '' })
  // Which ids trainings have taken is not known before the Train page is opened.
  void refreshTrainings()
}

export const closeCalibration = (): void => useCalibrating.setState({ view: 'closed' })
export const showCalibration = (): void => useCalibrating.setState({ view: 'run' })
export const showForm = (): void => useCalibrating.setState({ view: 'form' })

/** A path that is being typed is not looked for yet: a part of it may be a folder of everything. */
export function changeForm(change: Partial<CalibrateForm>): void {
  useCalibrating.setState(({ form, planning }) => ({ form: { ...form, ...change }, startError: null, planning: change.data === undefined ? planning : null }))
  if (change.data === undefined && (change.bundle !== undefined || change.keepScores !== undefined)) void planCalibration()
}

/** The scans are named: what they come to is found out, unless it is known. */
export async function namedScans(): Promise<void> {
  const { planning, form } = useCalibrating.getState()
  if (!speaksOf(planning, form)) await planCalibration()
}

/** Looks whatever is known: files may have been added since. */
export async function planCalibration(): Promise<void> {
  const asked = planOf(useCalibrating.getState().form)
  if (!asked) return useCalibrating.setState({ planning: null })
  useCalibrating.setState({ planning: { asked, plan: null, error: null } })
  const put = (change: Partial<Planning>): void => useCalibrating.setState(({ planning }) => (planning?.asked === asked ? { planning: { ...planning, ...change } } : {}))
  try {
    put({ plan: await platform.call('models.planCalibration', asked) })
  } catch (error) {
    put({ error: serializeError(error) })
  }
}

/** Whether a plan speaks of what the form names now. */
export const speaksOf = (planning: Planning | null, form: CalibrateForm): boolean => planning !== null && JSON.stringify(planning.asked) === JSON.stringify(planOf(form))

/** Whether the scans are enough for anything to come of them. */
export const isEnough = (plan: CalibrationPlan | null): boolean => plan !== null && plan.lacks.every(({ code }) => code !== 'too-few')

const intake = dataIntake((progress) => useCalibrating.setState({ intake: progress }))

/** A folder of scans, handed over by the person. */
export const takeScans = (handed: Intake | null): Promise<void> =>
  intake.take(handed, async (...given) => {
    const data = await placeOf(...given)
    if (data === undefined) return
    changeForm({ data })
    void namedScans()
  })

export const cancelScans = intake.cancel

const rememberedAs = 'calibration'

function putRun(started: Started): void {
  remember(rememberedAs, JSON.stringify(started))
  useCalibrating.setState({ run: { ...started, job: null, report: null, error: null }, view: 'run' })
}

/** The bundle that was made stays among the models. */
export function forgetCalibration(): void {
  remember(rememberedAs, '')
  useCalibrating.setState(({ view }) => ({ run: null, view: view === 'run' ? 'closed' : view }))
}

export async function startCalibration(): Promise<void> {
  const { form, starting } = useCalibrating.getState()
  const here = bundlesHere()
  const wanted = jobOf(form, { ...here, provider: wantedProvider(useDevices.getState()) })
  if (!wanted || starting) return
  useCalibrating.setState({ starting: true, startError: null })
  try {
    const { id: jobId } = await platform.call('jobs.start', wanted)
    const { id, name, bundle, data } = wanted.parameters
    putRun({ jobId, from: here.bundles.find((each) => each.id === bundle)?.name ?? bundle, name: name!, made: id!, data })
    await findCalibration()
  } catch (error) {
    useCalibrating.setState({ startError: serializeError(error) })
  } finally {
    useCalibrating.setState({ starting: false })
  }
}

export async function stopCalibration(): Promise<void> {
  const { run } = useCalibrating.getState()
  if (run) await platform.call('jobs.cancel', { jobId: run.jobId }).catch(complain)
}

function recalled(): Started | null {
  try {
    const { jobId, from, name, made, data } = JSON.parse(recallText(rememberedAs) || '{}') as Partial<Started>
    return jobId && from && name && made && data ? { jobId, from, name, made, data } : null
  } catch {
    return null
  }
}

/** How the calibration stands that was started last: after its start, a reload, or a while without the engine. */
export async function findCalibration(): Promise<void> {
  const known = useCalibrating.getState().run
  const started = known ?? recalled()
  if (!started) return
  try {
    const job = (await platform.call('jobs.list', {})).find(({ id }) => id === started.jobId)
    // Its records were deleted, as the settings want it, or many jobs came after it.
    if (!job) return forgetCalibration()
    if (!known) useCalibrating.setState(({ view }) => ({ run: { ...started, job: null, report: null, error: null }, view: isActive(job) ? 'run' : view }))
    await moved(job)
  } catch (error) {
    complain(error)
  }
}

export function receiveCalibration(event: AnyEvent): void {
  if (event.name === 'job' && event.payload.kind === 'calibrate') void moved(event.payload)
}

async function moved(job: Job): Promise<void> {
  const { run } = useCalibrating.getState()
  if (run?.jobId !== job.id || !isRunning(run)) return
  // Told twice that it is over, by an event and by the list, it is read once.
  const wasActive = run.job === null || isActive(run.job)
  const put = (change: Partial<CalibrationRun>): void => useCalibrating.setState((state) => (state.run?.jobId === job.id ? { run: { ...state.run, ...change } } : {}))
  put({ job })
  if (isActive(job) || !wasActive) return
  try {
    if (job.state !== 'done') return put({ error: job.error ?? { code: 'cancelled', message: t('calibrate.stopped'), facts: {} } })
    const { result } = await platform.call('jobs.wait', { jobId: job.id })
    await refreshBundles()
    put({ report: calibrationReportSchema.parse(result) })
    announce(t('calibrate.spoken'))
  } catch (error) {
    put({ error: serializeError(error) })
  }
}
