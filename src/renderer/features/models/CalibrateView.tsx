/** Calibrating a bundle on local scans: the form with what would come of it, then the calibration under way or over. */
import { FolderOpen, LoaderCircle, Play, Square, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { CalibrationPlan } from '../../../shared/calibration'
import { figure, plural, t } from '../../language'
import { platform } from '../../platform'
import { problemsOf, suggested } from '../../state/calibrate-form'
import type { CalibrateForm, CalibrateProblems } from '../../state/calibrate-form'
import { cancelScans, changeForm, closeCalibration, forgetCalibration, isEnough, isRunning, namedScans, planCalibration, showForm, speaksOf, startCalibration, stopCalibration, takeScans, useCalibrating } from '../../state/calibrating'
import type { CalibrationRun } from '../../state/calibrating'
import { useSession } from '../../state/session'
import { useBundlesHere } from '../../state/trainings'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { Choice, Copying, FormPart, SetupPage } from '../../ui/FormPart'
import { Problem } from '../../ui/Problem'
import { ProgressBar } from '../../ui/ProgressBar'
import { fileName, remaining } from '../../wording/amounts'
import { percent } from '../../wording/probability'
import { CalibrationResult } from './CalibrationResult'
import { NewBundle } from './NewBundle'

function Scans({ form }: { form: CalibrateForm }) {
  const intake = useCalibrating((state) => state.intake)
  const copies = platform.kind === 'browser' ? `. ${t('copiesHint')}` : ''
  return (
    <FormPart title={t('calibrate.which')}>
      <div className="flex min-w-0 items-start gap-1.5">
        <TextField className="flex-1" label={t('calibrate.scans')} placeholder="/data/chest/untouched" hint={intake ? <Copying {...intake} onCancel={cancelScans} /> : `${t('calibrate.scansHint')}${copies}`} value={form.data} onChange={({ target }) => changeForm({ data: target.value })} onBlur={() => void namedScans()} onKeyDown={({ key }) => void (key === 'Enter' && namedScans())} />
        <div className="pt-[1.15rem]">
          <Button onClick={() => void platform.pick('folder').then(takeScans)}>
            <FolderOpen size={15} aria-hidden /> {t('screen.folder')}
          </Button>
        </div>
      </div>
    </FormPart>
  )
}

function LooksAt({ form }: { form: CalibrateForm }) {
  return (
    <FormPart title={t('calibrate.looksAt')}>
      <div className="grid grid-cols-2 gap-2.5">
        {(
          [
            [false, 'calibrate.anew', 'calibrate.anewUse'],
            [true, 'calibrate.keep', 'calibrate.keepUse'],
          ] as const
        ).map(([keepScores, title, use]) => (
          <Choice key={title} name="scores" title={t(title)} use={t(use)} checked={form.keepScores === keepScores} onChoose={() => changeForm({ keepScores })} />
        ))}
      </div>
    </FormPart>
  )
}

function Into({ form, problems }: { form: CalibrateForm; problems: CalibrateProblems }) {
  const here = useBundlesHere()
  return <NewBundle typed={form} suggested={suggested(form, here)} problem={problems.id} dataFolder={here.dataFolder} onChange={changeForm} />
}

function PlanInWords({ plan }: { plan: CalibrationPlan }) {
  const { images, choosing, behind, falseAlarms, lacks } = plan
  return (
    <div role="status" className="space-y-2" data-plan={images}>
      <p className="numbers text-lg font-semibold">{plural('calibrate.found', images)}</p>
      {isEnough(plan) && (
        <>
          <p>{t('calibrate.planBehind', { behind, of: behind + 1 })}</p>
          {choosing > 0 && <p>{t('calibrate.planChoosing', { choosing })}</p>}
          {falseAlarms && <p>{t('calibrate.planRate', { alpha: figure(falseAlarms.alpha), low: percent(falseAlarms.low), high: percent(falseAlarms.high) })}</p>}
        </>
      )}
      {lacks.map(({ code, atLeast }) => (
        <p key={code} data-lack={code} className="flex gap-2 rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
          <TriangleAlert size={15} className="mt-px shrink-0 text-suspicious" aria-hidden /> <span>{t(`calibrate.lack.${code}`, { atLeast })}</span>
        </p>
      ))}
    </div>
  )
}

function Plan() {
  const planning = useCalibrating((state) => state.planning)
  if (!planning) return <p className="text-ink-soft">{t('calibrate.planEmpty')}</p>
  if (planning.error)
    return (
      <Problem title={t('calibrate.planFailed')} error={planning.error}>
        <Button onClick={() => void planCalibration()}>{t('calibrate.lookAgain')}</Button>
      </Problem>
    )
  if (planning.plan) return <PlanInWords plan={planning.plan} />
  return (
    <p role="status" className="flex items-center gap-2 text-ink-soft">
      <LoaderCircle size={15} className="animate-spin" aria-hidden /> {t('calibrate.planning')}
    </p>
  )
}

function Form() {
  const { form, planning, starting, startError, intake } = useCalibrating()
  const problems = problemsOf(form, useBundlesHere())
  const ready = Object.keys(problems).length === 0 && !starting && !intake && speaksOf(planning, form) && isEnough(planning?.plan ?? null)
  return (
    <SetupPage
      title={t('calibrate.open')}
      titledAbove
      about={t('calibrate.about')}
      asideLabel={t('calibrate.plan')}
      onSubmit={() => {
        if (ready) void startCalibration()
      }}
      aside={
        <>
          <div className="min-h-0 flex-1 overflow-y-auto p-3">
            <h3 className="pb-1.5 font-semibold">{t('calibrate.plan')}</h3>
            <Plan />
          </div>
          <div className="space-y-2 border-t border-line p-3">
            {startError && <Problem title={t('calibrate.didNotStart')} error={startError} />}
            <Button type="submit" weight="primary" className="h-9! w-full" disabled={!ready}>
              <Play size={15} aria-hidden /> {starting ? t('job.starting') : t('calibrate.start')}
            </Button>
          </div>
        </>
      }
    >
      <Scans form={form} />
      <LooksAt form={form} />
      <Into form={form} problems={problems} />
      <details className="rounded-lg border border-line bg-panel p-3.5" open={problems.seed !== undefined || undefined}>
        <summary className="font-semibold">{t('furtherSettings')}</summary>
        <TextField className="mt-2.5 max-w-72" label={t('train.field.seed')} inputMode="numeric" hint={t('calibrate.seedHint')} problem={problems.seed} value={form.seed} onChange={({ target }) => changeForm({ seed: target.value })} />
      </details>
    </SetupPage>
  )
}

function Progress({ job }: Pick<CalibrationRun, 'job'>) {
  const share = job && job.total > 0 ? job.done / job.total : null
  const left = job?.remainingSeconds
  const words = [...(share === null ? [] : [`${Math.floor(100 * share)} %`]), ...(left ? [t('job.left', { time: remaining(left) })] : [])]
  const message = job?.state === 'queued' ? t('job.waits') : job?.message || t('job.starting')
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line bg-raised px-4 py-2">
      <div className="mr-1 min-w-0 flex-1">
        <div className="numbers truncate text-xs" data-progress>
          <span lang={job?.message ? 'en' : undefined}>{message}</span>
          {words.map((each) => ` · ${each}`)}
        </div>
        <ProgressBar label={t('calibrate.progress')} share={share} detail={[message, ...words].join(' · ')} />
      </div>
      <Button onClick={() => void stopCalibration()}>
        <Square size={13} aria-hidden /> {t('stop')}
      </Button>
    </div>
  )
}

function Run({ run }: { run: CalibrationRun }) {
  const again = (): void => {
    forgetCalibration()
    showForm()
  }
  if (isRunning(run))
    return (
      <>
        <Progress job={run.job} />
        <p className="p-6 text-ink-soft">{t('calibrate.goesOn')}</p>
      </>
    )
  if (run.error)
    return (
      <div className="p-6">
        <Problem title={t(run.error.code === 'cancelled' ? 'calibrate.wasStopped' : 'calibrate.failed')} error={run.error}>
          <Button onClick={again}>{t('calibrate.again')}</Button>
        </Problem>
      </div>
    )
  return run.report && <CalibrationResult run={run} report={run.report} />
}

export function CalibrateView() {
  const { view, run } = useCalibrating()
  const bundle = useSession((state) => state.bundles.find(({ id }) => id === useCalibrating.getState().form.bundle))
  const shown = view === 'run' ? run : null
  const heading = useRef<HTMLHeadingElement>(null)
  // The button that led here is gone, and the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [view, shown?.jobId])
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col" data-calibrate={view}>
      <header className="flex h-10 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <h2 ref={heading} tabIndex={-1} className="selectable min-w-0 truncate font-semibold">
          {shown ? t('calibrate.runTitle', { name: shown.from }) : t('calibrate.title', { name: bundle?.name ?? '' })}
        </h2>
        {shown && <span className="numbers min-w-0 truncate text-xs text-ink-soft" title={shown.data}>{t('calibrate.runOn', { data: fileName(shown.data), name: shown.name })}</span>}
        <span className="mr-auto" />
        <Button weight="quiet" onClick={closeCalibration}>
          {t('close')}
        </Button>
      </header>
      {shown ? <Run run={shown} /> : <Form />}
    </div>
  )
}
