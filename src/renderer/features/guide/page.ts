/** The guide as a record for the rail. */
import { BookOpen } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { screenDrop } from '../screen/page'
import { GuidePage } from './GuidePage'

export const guidePage: Page = {
  id: 'guide',
  get label() {
    return t('page.guide')
  },
  icon: BookOpen,
  key: 'u',
  component: GuidePage,
  drop: screenDrop,
}
