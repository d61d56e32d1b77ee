/** The Models page as a record for the rail. */
import { Boxes } from 'lucide-react'
import type { Page } from '../../shell/page'
import { ModelsPage } from './ModelsPage'

export const modelsPage: Page = {
  id: 'models',
  label: 'Models',
  icon: Boxes,
  key: 'm',
  component: ModelsPage,
  drop: { useWords: () => 'Drop a model or a bundle to look at it', take: () => undefined },
}
