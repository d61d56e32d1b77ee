/** One training, under way or over: how far it is, its curves and sample images, and what came of it. */
import { CircleCheck, Flag, FileText, Pause, Play } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { OpenedTraining, TrainingSummary } from '../../../shared/training-record'
import type { Job } from '../../../shared/types'
import { plural, t } from '../../language'
import { said } from '../../language/said'
import { selectBundle } from '../../state/models'
import { goTo } from '../../state/navigation'
import { canUse, useSession } from '../../state/session'
import { changeForm, finishTraining, isRunning, newTraining, pauseTraining, resumeTraining, selectTraining, useTrainings, warningsOf } from '../../state/trainings'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { ProgressBar } from '../../ui/ProgressBar'
import { fileName, remaining } from '../../wording/amounts'
import { kindName, took } from '../../wording/training'
import { UseModel } from '../models/UseModel'
import { BeforeAfterTable } from './BeforeAfterTable'
import { Curves } from './Curves'
import { SampleImages } from './SampleImages'

function Progress({ training, job, finishing }: { training: TrainingSummary; job: Job | undefined; finishing: boolean }) {
  const share = job && job.total > 0 ? job.done / job.total : null
  const left = job?.remainingSeconds
  const message = finishing ? t('train.ending') : training.state === 'queued' ? t('job.waits') : job?.message.replace(/ \(after the last epoch:.*$/, '') || t('job.starting')
  const detail = [message, ...(share === null ? [] : [`${Math.floor(100 * share)} %`]), ...(left && !finishing ? [t('job.left', { time: remaining(left) })] : [])].join(' · ')
  return (
    <>
      <div className="numbers truncate text-xs" data-progress>
        {detail}
      </div>
      <ProgressBar label={t('train.progress')} share={share} detail={detail} />
    </>
  )
}

/** How a training stands that is not finished; of the same height whether it runs or was paused. */
function Standing({ training, measured }: { training: TrainingSummary; measured: boolean }) {
  const job = useTrainings((state) => state.jobs.find(({ id }) => id === training.jobId))
  const finishing = useTrainings((state) => state.finishing === training.jobId)
  const acting = useTrainings((state) => state.acting)
  const running = isRunning(training)
  if (training.state === 'done') return null
  const failed = job?.error && job.error.code !== 'cancelled' ? job.error : null
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line bg-raised px-4 py-2">
      <div className="mr-1 min-w-0 flex-1">
        {running ? (
          <Progress training={training} job={job} finishing={finishing} />
        ) : failed ? (
          <div role="alert" className="selectable max-h-24 overflow-y-auto break-words">
            <span className="font-semibold text-danger">{failed.code === 'engine-stopped' ? t('train.cutOff') : t('train.hasFailed')}</span> <span lang="en">{failed.message}</span>{' '}
            <span className="text-2xs text-ink-soft">
              {t('code')} <code>{failed.code}</code>
            </span>
          </div>
        ) : (
          <p role="status" className="text-suspicious">
            {training.state === 'failed' ? t('train.unfinished') : t('train.paused')}
          </p>
        )}
      </div>
      {/* The second click of a double click would undo the first: the button may mean the opposite by then. */}
      <Button disabled={finishing || acting} onClick={({ detail }) => detail < 2 && void (running ? pauseTraining(training.jobId) : resumeTraining(training.jobId))}>
        {running ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />} {running ? t('pause') : t('continue')}
      </Button>
      <Button disabled={finishing || acting || !measured} title={measured ? t('train.finishHint') : t('train.finishNotYet')} onClick={() => void finishTraining(training)}>
        <Flag size={14} aria-hidden /> {t('train.finish')}
      </Button>
    </div>
  )
}

/** What may be done with the bundle that was made. */
function Outcome({ training, opened }: { training: TrainingSummary; opened: OpenedTraining }) {
  const { bundles, bundleId } = useSession(useShallow(({ bundles, bundleId }) => ({ bundles, bundleId })))
  const made = bundles.find(({ id }) => id === opened.bundle)
  if (training.state !== 'done') return null
  if (!made)
    return (
      <div className="flex min-h-11 shrink-0 items-center gap-3 border-b border-line bg-raised px-4 py-2">
        <p className="text-ink-soft">{opened.bundle === null ? t('train.isDone') : t('train.bundleGone', { id: opened.bundle })}</p>
      </div>
    )
  const inUse = bundleId === made.id
  const usable = canUse(made)
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line bg-raised px-4 py-2" data-outcome={inUse ? 'in-use' : 'ready'}>
      <CircleCheck size={18} className="shrink-0 text-clean" aria-hidden />
      <p role="status" className="mr-1 min-w-0 flex-1">
        {said(inUse ? 'train.inUse' : usable ? 'train.ready' : 'train.auditable', { name: <strong>{made.name}</strong> })}
      </p>
      <Button
        weight="quiet"
        onClick={() => {
          void selectBundle(made)
          goTo('models')
        }}
      >
        <FileText size={14} aria-hidden /> {t('models.card')}
      </Button>
      {!usable ? (
        <Button
          weight="primary"
          onClick={() => {
            changeForm({ task: 'new-purifier', bundle: made.id, settings: {} })
            newTraining()
          }}
        >
          {t('train.itsPurifier')}
        </Button>
      ) : (
        <UseModel bundle={made} />
      )}
    </div>
  )
}

/** Parameters that the person need not see: where things lie stands in the heading. */
const unspoken: readonly string[] = ['data', 'out', 'id', 'name', 'resume', 'finish', 'about']

function Settings({ parameters }: { parameters: Readonly<Record<string, unknown>> }) {
  const shown = Object.entries(parameters).filter(([name, value]) => !unspoken.includes(name) && value !== '' && ['string', 'number', 'boolean'].includes(typeof value))
  return (
    <details>
      <summary className="cursor-pointer text-xs text-ink-soft hover:text-ink">{t('train.settings')}</summary>
      <dl className="selectable mt-1.5 grid max-w-3xl grid-cols-[12rem_minmax(0,1fr)] gap-y-0.5 text-xs">
        {shown.map(([name, value]) => (
          <div key={name} className="contents">
            <dt lang="en" className="text-ink-soft">{name.replace(/([A-Z])/g, ' $1').toLowerCase()}</dt>
            <dd className="numbers min-w-0 break-words">{typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Notes({ opened }: { opened: OpenedTraining }) {
  const { unreadable } = opened
  const warned = useTrainings((state) => state.warned)
  const warnings = warningsOf(opened, warned)
  if (warnings.length + unreadable.length === 0) return null
  return (
    <section aria-label={t('train.notes')}>
      <ul className="space-y-1.5">
        {warnings.map((warning) => (
          <li key={warning} lang="en" className="selectable rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
            {warning}
          </li>
        ))}
        {unreadable.length > 0 && (
          <li className="rounded-md border border-line bg-panel px-2.5 py-1.5 text-xs">
            <details>
              <summary className="cursor-pointer">
                {plural('train.unreadable', unreadable.length)}
              </summary>
              <ul className="selectable mt-1 space-y-0.5">
                {unreadable.map(({ path, message, code }) => (
                  <li key={path} className="break-words">
                    {path}: {message} <code className="text-2xs text-ink-soft">{code}</code>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        )}
      </ul>
    </section>
  )
}

function aboutImages({ begin }: OpenedTraining): string {
  if (!begin) return ''
  const { width, height } = begin.input
  return ` · ${t('train.aboutImages', { images: begin.images, held: begin.validationImages, width: String(width), height: String(height) })}`
}

export function TrainingView({ training }: { training: TrainingSummary }) {
  const { opened, openError, loading } = useTrainings(useShallow(({ opened, openError, loading }) => ({ opened, openError, loading })))
  const from = useSession((state) => state.bundles.find(({ id }) => id === training.from)?.name ?? training.from)
  const heading = useRef<HTMLHeadingElement>(null)
  // The form that started it is gone, and the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])
  const mine = opened?.summary.jobId === training.jobId ? opened : null
  const seconds = mine?.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0) ?? 0
  return (
    <>
      <header className="shrink-0 border-b border-line px-4 pt-3 pb-2">
        <h2 ref={heading} tabIndex={-1} className="truncate text-lg font-semibold">
          {training.name}
        </h2>
        <p className="selectable numbers truncate text-xs text-ink-soft" title={training.data}>
          {from ? t('train.fromOn', { kind: kindName(training.kind), from, data: fileName(training.data) }) : t('train.on', { kind: kindName(training.kind), data: fileName(training.data) })}
          {mine && aboutImages(mine)}
          {seconds > 0 && ` · ${t('train.learnedFor', { time: took(seconds) })}`}
        </p>
      </header>
      <Standing training={training} measured={(mine?.epochs.length ?? training.epochsDone) > 0} />
      {mine && <Outcome training={training} opened={mine} />}
      {openError && (
        <div className="p-4">
          <Problem title={t('train.unopened')} error={openError}>
            <Button onClick={() => void selectTraining(training.jobId)}>{t('tryAgain')}</Button>
          </Problem>
        </div>
      )}
      {!mine && !openError && <p className="p-8 text-center text-ink-soft">{loading ? t('train.reading') : ''}</p>}
      {mine && (
        <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={t('train.learned')}>
          <div className="max-w-[110rem] space-y-5 p-4">
            {!mine.begin && <p className="p-4 text-center text-ink-soft">{isRunning(training) ? t('train.curvesAppear') : t('train.nothingLearned')}</p>}
            {mine.beforeAfter && <BeforeAfterTable table={mine.beforeAfter} />}
            <Notes opened={mine} />
            {mine.begin && <Curves training={mine} />}
            {mine.begin && <SampleImages training={mine} />}
            <Settings parameters={mine.parameters} />
          </div>
        </div>
      )}
    </>
  )
}
