/**
 * `jobs/<id>/job.json`: what was asked, by which versions, and how it went; `result.json` beside it once it is done.
 * Records hold paths and parameters, never pixels or anything read out of a scan.
 */
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AssayError } from '../../shared/errors'
import { jobSchema } from '../../shared/types'
import { makeFolder } from '../bundle/atomic'

export const jobRecordSchema = z.object({
  format: z.literal('assay-job/1'),
  job: jobSchema,
  parameters: z.record(z.string(), z.unknown()),
  versions: z.record(z.string(), z.string()),
  /** The process that runs it, to tell an interrupted job from one that another Assay is busy with. */
  processId: z.number().int(),
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(3)]).nullable(),
})
export type JobRecord = z.infer<typeof jobRecordSchema>

const jobsFolder = (dataFolder: string): string => join(dataFolder, 'jobs')
/** Ids are file names; anything else from a front must not become a path. */
const isJobId = (id: string): boolean => /^[0-9a-z-]+$/i.test(id)

export const jobFolder = (dataFolder: string, id: string): string => join(jobsFolder(dataFolder), id)

/** Time-ordered, so that listing folders lists jobs: `20260131-093015-4f2a9c`. */
export function newJobId(now: Date = new Date(), random: number = Math.random()): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${Math.floor(random * 2 ** 24).toString(16).padStart(6, '0')}`
}

/** @throws AssayError `output-not-writable` */
export async function createJobFolder(dataFolder: string, id: string): Promise<string> {
  const folder = jobFolder(dataFolder, id)
  try {
    await makeFolder(folder)
  } catch (cause) {
    throw new AssayError('output-not-writable', `Assay cannot keep its records under ${dataFolder}; make it writable or set ASSAY_DATA to another folder.`, { path: dataFolder }, { cause })
  }
  return folder
}

/** Written beside and renamed, so that a power cut leaves the old file or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

export async function writeRecord(folder: string, record: JobRecord): Promise<void> {
  await replaceFile(join(folder, 'job.json'), `${JSON.stringify(record, null, 2)}\n`)
}

export async function writeResult(folder: string, result: unknown): Promise<void> {
  await replaceFile(join(folder, 'result.json'), `${JSON.stringify(result ?? null)}\n`)
}

/** The record, or null where there is none that can be read. */
export async function readRecord(dataFolder: string, id: string): Promise<JobRecord | null> {
  if (!isJobId(id)) return null
  try {
    const path = join(jobFolder(dataFolder, id), 'job.json')
    const record = jobRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    if (record.job.endedAt !== null || isBusyElsewhere(record.processId)) return record
    // A job that runs writes its record again and again: the last time is as near to its end as anybody knows.
    return asInterrupted(record, Math.max(record.job.startedAt, Math.round((await stat(path)).mtimeMs)))
  } catch {
    return null
  }
}

export async function readResult(dataFolder: string, id: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(jobFolder(dataFolder, id), 'result.json'), 'utf8'))
  } catch {
    return null
  }
}

/** The newest records first. */
export async function listRecords(dataFolder: string, limit = 50): Promise<JobRecord[]> {
  const names = await readdir(jobsFolder(dataFolder)).catch(() => [])
  const newest = names.filter(isJobId).sort().reverse().slice(0, limit)
  const records = await Promise.all(newest.map((id) => readRecord(dataFolder, id)))
  return records.filter((record) => record !== null)
}

/** A record that says "running" while nobody runs it was cut off; the runner never reads back its own live jobs. */
function asInterrupted(record: JobRecord, endedAt: number): JobRecord {
  const error = { code: 'engine-stopped' as const, message: 'Assay was closed or cut off while this ran; start it again to go on.', facts: {} }
  return { ...record, exitCode: 1, job: { ...record.job, state: 'failed', endedAt, remainingSeconds: null, error } }
}

function isBusyElsewhere(processId: number): boolean {
  if (processId === process.pid) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
