/** Images of an audit looked at again: listed by run, and one at a time with what the attack did to it. */
import type { AuditImage, AuditRun } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import { chunkSize, readAuditJob, readChunk, readRecords, type AuditJob } from './audit-folder'
import { recordsOf, tally, type Tally } from './score/tally'

export interface OpenedAudit {
  folder: string
  job: AuditJob
  tally: Tally
}

/** @throws AssayError `result-not-found` */
export async function openAudit(folder: string): Promise<OpenedAudit> {
  const job = await readAuditJob(folder)
  return { folder, job, tally: tally(job, await readRecords(folder)) }
}

/** @throws AssayError `result-not-found` */
export function findRun({ job }: Pick<OpenedAudit, 'job'>, id: string): AuditRun {
  const run = job.runs.find((candidate) => candidate.id === id)
  if (!run) throw new AssayError('result-not-found', `There is no run ${id} in this audit.`, { run: id.slice(0, 100) })
  return run
}

/** All images with what the run did to them. */
export function imagesOfRun(audit: OpenedAudit, run: AuditRun): AuditImage[] {
  const records = recordsOf(audit.tally, run)
  return audit.tally.images.map(({ image, path, label, clean }) => {
    const record = records.get(image)
    return { image, path, label, clean, attacked: record?.attacked ?? null, linf: record?.linf ?? null, l2: record?.l2 ?? null, queries: record?.queries ?? null }
  })
}

export interface ImagePair {
  /** [C, H, W] in [0, 1]. */
  clean: Float32Array
  attacked: Float32Array
}

/** The pixels of one image as it is and as the run left it. @throws AssayError `result-not-found` where they were not kept */
export async function pixelsOf({ folder, job }: Pick<OpenedAudit, 'folder' | 'job'>, run: AuditRun, image: number): Promise<ImagePair> {
  const { channels, height, width } = job.bundle.input
  const pixels = channels * height * width
  const chunk = Math.floor(image / chunkSize)
  const part = async (id: string | null): Promise<Float32Array> => {
    const { x, numbers } = await readChunk(folder, id, chunk)
    const at = numbers.indexOf(image)
    if (at < 0) throw new AssayError('result-not-found', `The run ${run.id} did not attack this image: the classifier was wrong about it from the start.`, { run: run.id, image })
    return x.slice(at * pixels, (at + 1) * pixels)
  }
  return { clean: await part(null), attacked: await part(run.id) }
}
