/** The Screen page as a record for the rail. */
import { ScanSearch } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { useFrames } from '../../state/frames'
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
