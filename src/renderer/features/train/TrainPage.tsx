/** Trainings: those that were run here on the left; on the right the one that is looked at, or the form of a new one. */
import { useEffect } from 'react'
import { openTrainings, useTrainings } from '../../state/trainings'
import { SetupForm } from './SetupForm'
import { TrainingList } from './TrainingList'
import { TrainingView } from './TrainingView'

export function TrainPage() {
  const selected = useTrainings((state) => state.trainings.find((training) => training.jobId === state.selected))
  useEffect(() => void openTrainings(), [])
  return (
    <div className="flex min-h-0 flex-1">
      <TrainingList />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{selected ? <TrainingView key={selected.jobId} training={selected} /> : <SetupForm />}</div>
    </div>
  )
}
