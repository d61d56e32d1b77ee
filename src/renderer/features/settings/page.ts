/** The Settings page as a record for the rail. */
import { Settings } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenIntake } from '../../state/screening'
import { goTo } from '../../state/navigation'
import { SettingsPage } from './SettingsPage'

export const settingsPage: Page = {
  id: 'settings',
  get label() {
    return t('page.settings')
  },
  icon: Settings,
  key: 'e',
  component: SettingsPage,
  drop: {
    useWords: () => t('screen.drop'),
    take: (intake) => {
      goTo('screen')
      void screenIntake(intake)
    },
  },
}
