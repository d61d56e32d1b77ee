/** Batches that were stopped or cut off. */
import { join } from 'node:path'
import { isThere } from '../bundle/atomic'
import type { JobRecord } from '../jobs/records'
import { outputOfRecord } from './result-ids'
import { holdsResults, readScanRecord, tableFile } from './scan-folder'

/** Single scans from the Screen page write into a folder of the application's own, and say each result. */
export const isBatch = ({ job, parameters }: Pick<JobRecord, 'job' | 'parameters'>): boolean =>
  job.kind === 'scan' && (parameters['quiet'] === true || typeof parameters['out'] === 'string')

/** Whether a batch has results that it can go on from. The table comes at the end: where it is, a later job has gone on to it. */
export async function isUnfinishedBatch(dataFolder: string, record: Pick<JobRecord, 'job' | 'parameters'>): Promise<boolean> {
  if (!isBatch(record) || record.job.state === 'done') return false
  const out = await outputOfRecord(dataFolder, record)
  if (out === null || !(await readScanRecord(out))) return false
  const [begun, ended] = await Promise.all([holdsResults(out), isThere(join(out, tableFile))])
  return begun && !ended
}
