/** The Batch page as a record for the rail. */
import { Rows3 } from 'lucide-react'
import { t } from '../../language'
import type { Page } from '../../shell/page'
import { newBatch, takeFiles } from '../../state/batches'
import { returnToBatch } from '../../state/batch-table'
import { useFrames } from '../../state/frames'
import { BatchPage } from './BatchPage'

export const batchPage: Page = {
  id: 'batch',
  get label() {
    return t('page.batch')
  },
  icon: Rows3,
  key: 'b',
  component: BatchPage,
  drop: {
    useWords: () => t('batch.drop'),
    take: (intake) => {
      newBatch()
      void takeFiles(intake)
    },
  },
  enter: returnToBatch,
  // A film that nobody sees would go on decoding.
  leave: () => useFrames.setState({ playing: false }),
}
