/** Audits that were stopped or cut off. */
import { join } from 'node:path'
import { jobParameters } from '../../shared/job-parameters'
import { isThere } from '../bundle/atomic'
import { jobFolder } from '../jobs/records'
import type { JobRecord } from '../jobs/records'
import { isAudit, reportFile, resultsFile } from './audit-folder'
import { auditFolder } from './audit-job'

/** Whether an audit has results that it can go on from. Its report comes at the end: where it is, a later job has gone on to it. */
export async function isInterruptedAudit(dataFolder: string, { job, parameters }: Pick<JobRecord, 'job' | 'parameters'>): Promise<boolean> {
  const asked = jobParameters.audit.safeParse(parameters)
  if (job.kind !== 'audit' || job.state === 'done' || !asked.success) return false
  const folder = auditFolder(asked.data, jobFolder(dataFolder, job.id))
  const [begun, measured, ended] = await Promise.all([isAudit(folder), isThere(join(folder, resultsFile)), isThere(join(folder, reportFile))])
  return begun && measured && !ended
}
