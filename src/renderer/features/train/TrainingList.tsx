/** The trainings of this machine, newest first, and the way to a new one. */
import { dateAndTime } from '../../language'
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle, Plus } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { TrainingSummary } from '../../../shared/training-record'
import type { JobState } from '../../../shared/types'
import { newTraining, refreshTrainings, selectTraining, useTrainings } from '../../state/trainings'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { fileName } from '../../wording/amounts'
import { kindName, stateWord } from '../../wording/training'

const looks: Record<JobState, { icon: LucideIcon; tone: string }> = {
  queued: { icon: LoaderCircle, tone: 'text-ink-soft' },
  running: { icon: LoaderCircle, tone: 'text-accent animate-spin' },
  done: { icon: CircleCheck, tone: 'text-clean' },
  failed: { icon: CircleAlert, tone: 'text-danger' },
  cancelled: { icon: CirclePause, tone: 'text-suspicious' },
}

function TrainingItem({ training, current }: { training: TrainingSummary; current: boolean }) {
  const { icon: Icon, tone } = looks[training.state]
  return (
    <li>
      <button
        type="button"
        data-training={training.jobId}
        data-state={training.state}
        aria-current={current ? 'true' : undefined}
        title={training.data}
        className={`flex w-full gap-2.5 border-l-2 px-2.5 py-2 text-left focus-visible:-outline-offset-2 ${current ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
        onClick={() => void selectTraining(training.jobId)}
      >
        <Icon size={17} className={`mt-0.5 shrink-0 ${tone}`} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{training.name}</span>
          <span className="block truncate text-xs text-ink-soft">
            {kindName[training.kind]} · {fileName(training.data)}
          </span>
          <span className="numbers block truncate text-xs text-ink-soft">
            {stateWord[training.state]} · {dateAndTime(training.startedAt)}
          </span>
        </span>
      </button>
    </li>
  )
}

export function TrainingList() {
  const { trainings, selected, listError } = useTrainings()
  return (
    <aside className="flex w-64 shrink-0 flex-col gap-2 border-r border-line bg-panel pt-2.5 2xl:w-72" aria-label="Trainings">
      <div className="px-2.5">
        <Button weight={selected === null ? 'plain' : 'primary'} pressed={selected === null} className="w-full" onClick={newTraining}>
          <Plus size={15} aria-hidden /> New training
        </Button>
      </div>
      {listError && (
        <div className="px-2.5">
          <Problem title="The list could not be read" error={listError}>
            <Button onClick={() => void refreshTrainings()}>Try again</Button>
          </Problem>
        </div>
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto border-t border-line">
        {trainings.length === 0 && !listError && <li className="px-3.5 py-3 text-xs text-ink-soft">Trainings that were run on this machine are listed here, those of the command line too. A paused one goes on from here.</li>}
        {trainings.map((training) => (
          <TrainingItem key={training.jobId} training={training} current={training.jobId === selected} />
        ))}
      </ul>
    </aside>
  )
}
