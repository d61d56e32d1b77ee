/** The History page as a record for the rail. */
import { History } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenDrop } from '../screen/page'
import { refreshHistory } from '../../state/history'
import { HistoryPage } from './HistoryPage'

export const historyPage: Page = {
  id: 'history',
  get label() {
    return t('page.history')
  },
  icon: History,
  key: 'h',
  component: HistoryPage,
  drop: screenDrop,
  enter: () => void refreshHistory(),
}
