/**
 * How a result is found again: `<jobId>:<line>`, the line of its job's results.jsonl, counted from 0. Where that file
 * is, the job's own folder remembers.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import { writeFileAtomic } from '../bundle/atomic'
import { jobFolder } from '../jobs/records'
import type { JobRecord } from '../jobs/records'

export const resultId = (jobId: string, index: number): string => `${jobId}:${index}`

/** @throws AssayError result-not-found */
export function parseResultId(id: string): { jobId: string; index: number } {
  const match = /^([0-9a-z-]{1,80}):(\d{1,9})$/i.exec(id)
  if (!match) throw new AssayError('result-not-found', 'There is no such result; scan the file again.', { resultId: id.slice(0, 100) })
  return { jobId: match[1]!, index: Number(match[2]) }
}

const pointerFile = 'output.json'

export const rememberOutput = (folder: string, out: string): Promise<void> => writeFileAtomic(join(folder, pointerFile), `${JSON.stringify({ out })}\n`)

/** Output folder of a scan job. @throws AssayError job-not-found */
export async function outputOf(dataFolder: string, jobId: string): Promise<string> {
  if (/^[0-9a-z-]+$/i.test(jobId))
    try {
      const { out } = JSON.parse(await readFile(join(jobFolder(dataFolder, jobId), pointerFile), 'utf8')) as { out?: unknown }
      if (typeof out === 'string') return out
    } catch {
      // No pointer: not a scan, or one that failed before it began.
    }
  throw new AssayError('job-not-found', 'There is no such scan.', { jobId: jobId.slice(0, 80) })
}

/** Output folder of a job, also of one that waits to go on in a folder; null where it has none yet. */
export async function outputOfRecord(dataFolder: string, { job, parameters }: Pick<JobRecord, 'job' | 'parameters'>): Promise<string | null> {
  const asked = parameters['out']
  return outputOf(dataFolder, job.id).catch(() => (typeof asked === 'string' ? resolve(asked) : null))
}
