/** The About page as a record for the rail. */
import { Info } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenDrop } from '../screen/page'
import { AboutPage } from './AboutPage'

export const aboutPage: Page = {
  id: 'about',
  get label() {
    return t('page.about')
  },
  icon: Info,
  key: 'o',
  component: AboutPage,
  drop: { ...screenDrop, useWords: () => t('screen.drop') },
}
