/** How batches are called, and how far they are. */
import type { BatchSummary } from '../../shared/batch'
import { fileName } from './amounts'

export const amount = (count: number): string => count.toLocaleString('en')

export const files = (count: number): string => `${amount(count)} ${count === 1 ? 'file' : 'files'}`

/** By what was asked for: the folder, or the first file and how many more. */
export function batchName({ paths, pathCount }: Pick<BatchSummary, 'paths' | 'pathCount'>): string {
  const first = paths[0] === undefined ? 'Batch' : fileName(paths[0])
  return pathCount > 1 ? `${first} and ${amount(pathCount - 1)} more` : first
}

/** How it stands, on one short line. */
export function standing({ state, done, total, error }: Pick<BatchSummary, 'state' | 'done' | 'total' | 'error'>): string {
  const far = total > 0 ? `${amount(done)} of ${amount(total)}` : ''
  switch (state) {
    case 'queued':
      return 'waits for another job'
    case 'running':
      return far || 'starting'
    case 'done':
      return files(total)
    case 'cancelled':
      return far ? `stopped at ${far}` : 'stopped'
    case 'failed':
      return [error?.code === 'engine-stopped' ? 'cut off' : 'failed', far && `at ${far}`].filter(Boolean).join(' ')
  }
}
