/** The Settings page as a record for the rail. */
import { Settings } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenDrop } from '../screen/page'
import { SettingsPage } from './SettingsPage'

export const settingsPage: Page = {
  id: 'settings',
  get label() {
    return t('page.settings')
  },
  icon: Settings,
  key: 'e',
  component: SettingsPage,
  drop: { ...screenDrop, useWords: () => t('screen.drop') },
}
