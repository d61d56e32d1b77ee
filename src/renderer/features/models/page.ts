/** The Models page as a record for the rail. */
import { Boxes } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { takeScans, useCalibrating } from '../../state/calibrating'
import { takeFiles, useImporting } from '../../state/importing'
import { ModelsPage } from './ModelsPage'

/** While the form of a calibration is shown; an import lies over it. */
const wantsScans = ({ view }: ReturnType<typeof useCalibrating.getState>): boolean => view === 'form' && useImporting.getState().phase === 'closed'

export const modelsPage: Page = {
  id: 'models',
  get label() {
    return t('page.models')
  },
  icon: Boxes,
  key: 'm',
  component: ModelsPage,
  drop: {
    useWords() {
      const trying = useImporting((state) => state.phase === 'ready')
      const calibrating = useCalibrating(wantsScans)
      return t(calibrating ? 'calibrate.drop' : trying ? 'models.dropImages' : 'models.drop')
    },
    take: (intake) => void (wantsScans(useCalibrating.getState()) ? takeScans(intake) : takeFiles(intake)),
  },
}
