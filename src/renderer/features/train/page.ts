/** The Train page as a record for the rail. */
import { GraduationCap } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { newTraining, takeData } from '../../state/trainings'
import { TrainPage } from './TrainPage'

export const trainPage: Page = {
  id: 'train',
  get label() {
    return t('page.train')
  },
  icon: GraduationCap,
  key: 't',
  component: TrainPage,
  drop: {
    useWords: () => t('train.drop'),
    take: (intake) => {
      newTraining()
      void takeData('data', intake)
    },
  },
}
