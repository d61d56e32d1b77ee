/** The History page as a record for the rail. */
import { History } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenPage } from '../screen/page'
import { refreshHistory } from '../../state/history'
import { goTo } from '../../state/navigation'
import { HistoryPage } from './HistoryPage'

export const historyPage: Page = {
  id: 'history',
  get label() {
    return t('page.history')
  },
  icon: History,
  key: 'h',
  component: HistoryPage,
  // Files have no other use here than to be screened.
  drop: {
    useWords: () => screenPage.drop.useWords(),
    take: (intake) => {
      goTo(screenPage.id)
      screenPage.drop.take(intake)
    },
  },
  enter: () => void refreshHistory(),
}
