/** How batches are called, and how far they are. */
import type { BatchSummary } from '../../shared/batch'
import { number, plural, t } from '../language'
import { fileName } from './amounts'

export const amount = (count: number): string => number(count)

export const files = (count: number): string => plural('batch.files', count)

/** By what was asked for: the folder, or the first file and how many more. */
export function batchName({ paths, pathCount }: Pick<BatchSummary, 'paths' | 'pathCount'>): string {
  const first = paths[0] === undefined ? t('batch.unnamed') : fileName(paths[0])
  return pathCount > 1 ? t('firstAndMore', { first, n: pathCount - 1 }) : first
}

/** How it stands, on one short line. */
export function standing({ state, done, total, error }: Pick<BatchSummary, 'state' | 'done' | 'total' | 'error'>): string {
  const far = total > 0 ? t('part', { part: done, whole: total }) : ''
  switch (state) {
    case 'queued':
      return t('batch.waits')
    case 'running':
      return far || t('batch.starting')
    case 'done':
      return files(total)
    case 'cancelled':
      return far ? t('batch.stoppedAt', { far }) : t('batch.stopped')
    case 'failed':
      if (error?.code === 'engine-stopped') return far ? t('batch.cutOffAt', { far }) : t('batch.cutOff')
      return far ? t('batch.failedAt', { far }) : t('batch.failed')
  }
}
