/**
 * Folders of jobs that ended long ago: what a retention in days would delete, and the deleting. What a person chose
 * another folder for (a scan with --out, a trained bundle) lies elsewhere and is not touched. A job that went on with
 * another one has written into that one's folder: it stays for as long as the later job.
 */
import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
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
  /** The folder that a job writes into, as an absolute path; null where there is none. */
  output(record: JobRecord): Promise<string | null>
  now?: number
}

/** Ended jobs, oldest first. Those that another Assay is busy with have no end. */
async function expired({ dataFolder, days, live, unfinished, output, now = Date.now() }: Retention) {
  const records = await listRecords(dataFolder, Infinity)
  const stays = await Promise.all(
    records.map(async (record) => live.has(record.job.id) || record.job.endedAt === null || now - record.job.endedAt <= days * dayMilliseconds || (await unfinished(record))),
  )
  const needed = (await Promise.all(records.filter((_, i) => stays[i]).map(output))).filter((folder) => folder !== null)
  const isNeeded = (id: string): boolean => needed.some((folder) => `${folder}${sep}`.startsWith(`${resolve(jobFolder(dataFolder, id))}${sep}`))
  return records
    .filter(({ job: { id } }, i) => !stays[i] && !isNeeded(id))
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
