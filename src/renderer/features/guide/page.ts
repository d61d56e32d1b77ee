/** The guide as a record for the rail. */
import { BookOpen } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { goTo } from '../../state/navigation'
import { screenPage } from '../screen/page'
import { GuidePage } from './GuidePage'

export const guidePage: Page = {
  id: 'guide',
  get label() {
    return t('page.guide')
  },
  icon: BookOpen,
  key: 'u',
  component: GuidePage,
  // Files have no other use here than to be screened.
  drop: {
    useWords: () => screenPage.drop.useWords(),
    take: (intake) => {
      goTo(screenPage.id)
      screenPage.drop.take(intake)
    },
  },
}
