/** The Screen page as a record for the rail. */
import { ScanSearch } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { useFrames } from '../../state/frames'
import { goTo } from '../../state/navigation'
import { returnToScreening, screenIntake } from '../../state/screening'
import { useSession } from '../../state/session'
import { ScreenBar } from './ScreenBar'
import { ScreenPage } from './ScreenPage'

export const screenPage: Page = {
  id: 'screen',
  get label() {
    return t('page.screen')
  },
  icon: ScanSearch,
  key: 's',
  component: ScreenPage,
  bar: ScreenBar,
  drop: {
    useWords() {
      const bundle = useSession((state) => state.bundles.find((each) => each.id === state.bundleId))
      return bundle ? t('screen.dropWith', { bundle: bundle.name }) : t('screen.drop')
    },
    take: (intake) => void screenIntake(intake),
  },
  enter: returnToScreening,
  // A film that nobody sees would go on decoding.
  leave: () => useFrames.setState({ playing: false }),
}

/** For pages where files have no other use than to be screened. */
export const screenDrop: Page['drop'] = {
  useWords: () => screenPage.drop.useWords(),
  take: (intake) => {
    goTo(screenPage.id)
    screenPage.drop.take(intake)
  },
}
