/** The Models page as a record for the rail. */
import { Boxes } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { takeFiles, useImporting } from '../../state/importing'
import { ModelsPage } from './ModelsPage'

export const modelsPage: Page = {
  id: 'models',
  get label() {
    return t('page.models')
  },
  icon: Boxes,
  key: 'm',
  component: ModelsPage,
  drop: {
    useWords: () => useImporting((state) => (state.phase === 'ready' ? t('models.dropImages') : t('models.drop'))),
    take: (intake) => void takeFiles(intake),
  },
}
