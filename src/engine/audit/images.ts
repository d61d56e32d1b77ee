/** Images of an audit looked at again: listed by run, and one at a time with what the attack did to it. */
import type { AuditImage, AuditRun } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import { chunkSize, readAuditJob, readChunk, readRecords, type AuditJob } from './audit-folder'
import { fateOf } from './score/fate'
import { countedAt } from './score/rows'
import { tally, type Tally } from './score/tally'

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

/**
 * All images with what the run did to them.
 * @param eps at which a minimum-norm run is counted; others are at their own
 */
export function imagesOfRun({ job, tally: all }: Pick<OpenedAudit, 'job' | 'tally'>, run: AuditRun, eps = run.epsilon): AuditImage[] {
  const counted = countedAt(all, run, run.minimumNorm ? eps : run.epsilon)
  return all.images.map((each) => {
    const { image, path, label, clean } = each
    const record = counted.records.get(image)
    return { image, path, label, clean, fate: fateOf(counted, each, job), attacked: record?.attacked ?? null, linf: record?.linf ?? null, l2: record?.l2 ?? null, queries: record?.queries ?? null }
  })
}

/**
 * The pixels of one image, [C, H, W] in [0, 1].
 * @param run that left it so; null for the clean image
 * @throws AssayError `result-not-found` where the run did not attack the image, or its images were not kept
 */
export async function pixelsOf({ folder, job }: Pick<OpenedAudit, 'folder' | 'job'>, run: Pick<AuditRun, 'id'> | null, image: number): Promise<Float32Array> {
  const { channels, height, width } = job.bundle.input
  const pixels = channels * height * width
  const { x, numbers } = await readChunk(folder, run?.id ?? null, Math.floor(image / chunkSize))
  const at = numbers.indexOf(image)
  if (at < 0) throw new AssayError('result-not-found', `The images in ${folder} are not those of its records; audit again to have them.`, { run: run?.id ?? 'clean', image })
  return x.slice(at * pixels, (at + 1) * pixels)
}
