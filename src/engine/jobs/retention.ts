/**
 * Folders of jobs that ended long ago: what a retention in days would delete, and the deleting. What a person chose
 * another folder for (a scan with --out, a trained bundle) lies elsewhere and is not touched.
 */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExpiredJobs } from '../../shared/settings'
import { jobFolder, listRecords } from './records'
import type { JobRecord } from './records'

const dayMilliseconds = 24 * 60 * 60_000

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0))
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

export interface Retention {
  dataFolder: string
  days: number
  /** Jobs of this engine that have not ended; on disk they look cut off. */
  live: ReadonlySet<string>
  /** Whether a job that ended can still be gone on with, so that its record must stay. */
  unfinished(record: JobRecord): Promise<boolean>
  now?: number
}

/** Ended jobs, oldest first. Those that another Assay is busy with have no end. */
async function expired({ dataFolder, days, live, unfinished, now = Date.now() }: Retention) {
  const old = (await listRecords(dataFolder, Infinity)).filter(({ job }) => !live.has(job.id) && job.endedAt !== null && now - job.endedAt > days * dayMilliseconds)
  const stay = await Promise.all(old.map(unfinished))
  return old
    .filter((_, i) => !stay[i])
    .map(({ job: { id, kind, endedAt } }) => ({ id, kind, endedAt: endedAt! }))
    .sort((a, b) => a.endedAt - b.endedAt)
}

/** What `removeExpiredJobs` would delete. */
export async function expiredJobs(retention: Retention): Promise<ExpiredJobs> {
  const jobs = await expired(retention)
  const found: ExpiredJobs = { count: jobs.length, bytes: 0, kinds: {}, oldest: jobs[0]?.endedAt ?? null }
  for (const { id, kind } of jobs) {
    found.bytes += await sizeOf(jobFolder(retention.dataFolder, id))
    found.kinds[kind] = (found.kinds[kind] ?? 0) + 1
  }
  return found
}

/** A folder that cannot be deleted stays, and is tried again the next time. */
export async function removeExpiredJobs(retention: Retention): Promise<void> {
  for (const { id } of await expired(retention)) await rm(jobFolder(retention.dataFolder, id), { recursive: true, force: true }).catch(() => undefined)
}
