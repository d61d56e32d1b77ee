/** The trainings of this machine, newest first, and the way to a new one. */
import type { TrainingSummary } from '../../../shared/training-record'
import { dateAndTime, t } from '../../language'
import { newTraining, refreshTrainings, selectTraining, useTrainings } from '../../state/trainings'
import { JobItem, JobList } from '../../ui/JobList'
import { fileName } from '../../wording/amounts'
import { kindName, stateWord } from '../../wording/training'

function TrainingItem({ training, current }: { training: TrainingSummary; current: boolean }) {
  return (
    <JobItem kind="training" job={training} current={current} hint={training.data} onSelect={() => void selectTraining(training.jobId)}>
      <span className="block truncate">{training.name}</span>
      <span className="block truncate text-xs text-ink-soft">
        {kindName(training.kind)} · {fileName(training.data)}
      </span>
      <span className="numbers block truncate text-xs text-ink-soft">
        {stateWord(training.state)} · {dateAndTime(training.startedAt)}
      </span>
    </JobItem>
  )
}

export function TrainingList() {
  const { trainings, selected, listError } = useTrainings()
  const empty = trainings.length === 0 ? t('train.none') : null
  return (
    <JobList label={t('train.list')} fresh={t('train.new')} freshShown={selected === null} width="w-64" error={listError} empty={empty} onNew={newTraining} onRetry={() => void refreshTrainings()}>
      {trainings.map((training) => (
        <TrainingItem key={training.jobId} training={training} current={training.jobId === selected} />
      ))}
    </JobList>
  )
}
