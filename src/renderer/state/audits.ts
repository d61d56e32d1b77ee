/** The Audit page: which audits there are, which one is looked at, and the form of the next one with its plan. */
import { create } from 'zustand'
import type { AttackDescription, AuditPlan, AuditReport, AuditRow, AuditRun, AuditSummary } from '../../shared/audit'
import type { AnyEvent, CallInput, CallOutput } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { Artifact, Job } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { announce } from './announcements'
import { emptyForm, fitted, parametersOf } from './audit-form'
import type { AuditForm } from './audit-form'
import { askedFor, rowsAfter } from './class-names'
import { readArtifact, saveArtifact } from './artifacts'
import { dataIntake, placeOf } from './data-intake'
import { useDevices, wantedProvider } from './devices'
import { isActive, putJob, putStanding } from './rows'
import { useSession } from './session'
import { complain } from './toasts'

/** A run of an audit that is under way. */
export interface LiveRun {
  run: AuditRun
  done: number
  total: number
  row: AuditRow | null
}

interface AuditsState {
  audits: AuditSummary[]
  listError: SerializedError | null
  jobs: Job[]
  /** Job id; null while the form of a new one is shown. */
  selected: string | null
  report: AuditReport | null
  reportError: SerializedError | null
  loading: boolean
  /** By job, then by run. */
  live: Readonly<Record<string, Readonly<Record<string, LiveRun>>>>
  /** The audit beside the selected one. */
  comparedId: string | null
  compared: AuditReport | null
  form: AuditForm
  plan: AuditPlan | null
  planning: boolean
  planError: SerializedError | null
  attacks: AttackDescription[]
  startError: SerializedError | null
  starting: boolean
  /** Files on their way to the engine. */
  intake: IntakeProgress | null
}

export const useAudits = create<AuditsState>()(() => ({
  audits: [], listError: null, jobs: [], selected: null, report: null, reportError: null, loading: false, live: {}, comparedId: null, compared: null,
  form: emptyForm, plan: null, planning: false, planError: null, attacks: [], startError: null, starting: false, intake: null,
}))

export async function refreshAudits(): Promise<void> {
  try {
    const [audits, jobs] = await Promise.all([platform.call('audit.list', {}), platform.call('jobs.list', {})])
    const mine = jobs.filter((job) => job.kind === 'audit')
    useAudits.setState((state) => ({ audits, listError: null, jobs: mine.reduce(putJob, state.jobs) }))
  } catch (error) {
    useAudits.setState({ listError: serializeError(error) })
  }
}

/** Called when the page is opened for the first time: an audit that runs is shown, else the newest, else the form. */
export async function openAudits(): Promise<void> {
  await refreshAudits()
  if (useAudits.getState().attacks.length === 0)
    await platform.call('attacks.list', {}).then((attacks) => useAudits.setState({ attacks }), complain)
  const { audits, selected, form } = useAudits.getState()
  if (!form.bundle) changeForm({ bundle: useSession.getState().bundleId ?? useSession.getState().bundles.find((each) => !each.error)?.id ?? '' })
  const running = audits.find((audit) => isRunning(audit))
  if (selected === null && running) await selectAudit(running.jobId)
}

export const isRunning = (audit: Pick<AuditSummary, 'state'>): boolean => audit.state === 'queued' || audit.state === 'running'

export const newAudit = (): void => useAudits.setState({ selected: null, report: null, reportError: null, comparedId: null, compared: null })

let reading = 0

export async function selectAudit(jobId: string): Promise<void> {
  const before = useAudits.getState()
  if (before.selected !== jobId) useAudits.setState({ selected: jobId, report: null, comparedId: null, compared: null })
  await readReport(jobId)
}

async function readReport(jobId: string): Promise<void> {
  const mine = ++reading
  useAudits.setState({ loading: true, reportError: null })
  try {
    const report = await platform.call('audit.report', { jobId })
    if (mine === reading) useAudits.setState({ report, loading: false })
  } catch (error) {
    if (mine === reading) useAudits.setState({ reportError: serializeError(error), loading: false })
  }
}

/** Milliseconds between two readings of an audit that runs. */
const followEvery = 1000
let followTimer: ReturnType<typeof setTimeout> | undefined

/** Reads the report of an audit that runs anew, soon and not more often than it is worth. */
function followReport(jobId: string): void {
  if (useAudits.getState().selected !== jobId) return
  followTimer ??= setTimeout(() => {
    followTimer = undefined
    const { selected, loading } = useAudits.getState()
    if (selected === null) return
    if (loading) followReport(selected)
    else void readReport(selected)
  }, followEvery)
}

export async function compareWith(jobId: string | null): Promise<void> {
  useAudits.setState({ comparedId: jobId, compared: null })
  if (jobId === null) return
  try {
    const compared = await platform.call('audit.report', { jobId })
    if (useAudits.getState().comparedId === jobId) useAudits.setState({ compared })
  } catch (error) {
    useAudits.setState({ comparedId: null })
    complain(error)
  }
}

export function receiveAudit(event: AnyEvent): void {
  if (event.name === 'audit.run') {
    const { jobId, ...live } = event.payload
    useAudits.setState((state) => ({ live: { ...state.live, [jobId]: { ...state.live[jobId], [live.run.id]: live } } }))
    if (live.done === live.total) followReport(jobId)
    return
  }
  if (event.name !== 'job' || event.payload.kind !== 'audit') return
  const job = event.payload
  const before = useAudits.getState().jobs.find((each) => each.id === job.id)
  useAudits.setState((state) => ({
    jobs: putJob(state.jobs, job),
    audits: putStanding(state.audits, job),
  }))
  const { selected, report } = useAudits.getState()
  // Until a run is done no run says that there is something new: the images are being read.
  if (isActive(job) && selected === job.id && !report?.runs.length) followReport(job.id)
  if (!before || !isActive(before) || isActive(job)) return
  announce(t(`audit.spoken.${job.state === 'done' || job.state === 'failed' ? job.state : 'cancelled'}`))
  void refreshAudits()
  if (selected === job.id) void readReport(job.id)
}

const wantedParameters = () => parametersOf(useAudits.getState().form, wantedProvider(useDevices.getState()))

let planTimer: ReturnType<typeof setTimeout> | undefined
let planNumber = 0

/** Changes the form; the plan follows once the typing pauses. */
export function changeForm(change: Partial<AuditForm>): void {
  const { bundles } = useSession.getState()
  useAudits.setState(({ form }) => ({ form: fitted({ ...form, classNames: rowsAfter(form, change, bundles), ...change }, bundles), startError: null }))
  clearTimeout(planTimer)
  planNumber++
  const parameters = wantedParameters()
  if (!parameters) {
    useAudits.setState({ plan: null, planning: false, planError: null })
    return
  }
  useAudits.setState({ planning: true, planError: null })
  planTimer = setTimeout(() => void makePlan(), 500)
}

async function makePlan(): Promise<void> {
  const mine = ++planNumber
  const parameters = wantedParameters()
  if (!parameters) return
  let answer: { plan: CallOutput<'audit.plan'> | null; planError: SerializedError | null }
  try {
    answer = { plan: await platform.call('audit.plan', parameters), planError: null }
  } catch (error) {
    answer = { plan: null, planError: serializeError(error) }
  }
  if (mine === planNumber) useAudits.setState(({ form }) => ({ ...answer, planning: false, form: { ...form, classNames: askedFor(form.classNames, form.finding ? null : answer.planError) } }))
}

const intake = dataIntake((progress) => useAudits.setState({ intake: progress }))

/** A folder of images, or a file with them, handed over by the person. */
export const takeData = (field: 'data' | 'labels', handed: Intake | null): Promise<void> =>
  intake.take(handed, async (...given) => {
    const place = await placeOf(...given)
    if (place) changeForm({ [field]: place })
  })

export const cancelDataIntake = intake.cancel

export async function startAudit(): Promise<void> {
  const parameters = wantedParameters()
  if (!parameters || useAudits.getState().starting) return
  useAudits.setState({ starting: true, startError: null })
  try {
    const job = await platform.call('jobs.start', { kind: 'audit', parameters })
    useAudits.setState((state) => ({ jobs: putJob(state.jobs, job) }))
    // Until it is shown in place of the form, the form must not start another.
    await refreshAudits()
    await selectAudit(job.id)
  } catch (error) {
    useAudits.setState({ startError: serializeError(error) })
  } finally {
    useAudits.setState({ starting: false })
  }
}

/** Goes on with an audit that was cancelled or cut off: the same audit again, without what is finished. */
export async function resumeAudit(audit: AuditSummary): Promise<void> {
  if (useAudits.getState().starting) return
  useAudits.setState({ starting: true })
  try {
    const job = await platform.call('audit.resume', { jobId: audit.jobId })
    useAudits.setState((state) => ({ jobs: putJob(state.jobs, job) }))
    await refreshAudits()
    await selectAudit(job.id)
  } catch (error) {
    complain(error)
  } finally {
    useAudits.setState({ starting: false })
  }
}

export async function cancelAudit(jobId: string): Promise<void> {
  try {
    const job = await platform.call('jobs.cancel', { jobId })
    useAudits.setState((state) => ({ jobs: putJob(state.jobs, job) }))
  } catch (error) {
    complain(error)
  }
}

type ReportFile = CallInput<'audit.export'>['file']

/** @throws AssayError */
export const makeReport = (jobId: string, file: ReportFile): Promise<Artifact> => platform.call('audit.export', { jobId, file })

/** The report as a page; null where it could not be had, which was told. */
export async function readReportPage(jobId: string): Promise<string | null> {
  try {
    return await (await readArtifact(await makeReport(jobId, 'report.html'))).text()
  } catch (error) {
    complain(error)
    return null
  }
}

export async function saveReport(jobId: string, file: ReportFile): Promise<void> {
  try {
    await saveArtifact(await makeReport(jobId, file))
  } catch (error) {
    complain(error)
  }
}
