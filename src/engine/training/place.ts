/**
 * The folder that a training writes into: what it must not hold, who may write there, and what an unfinished training
 * leaves in it.
 */
import { readdir, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import { trainingKindSchema } from '../../shared/training-record'
import { isThere } from '../bundle/atomic'
import { resolveBundleFolder } from '../bundle/load'
import { whileLocked } from '../bundle/lock'
import { manifestName } from '../bundle/manifest'
import { refuseStrangers } from '../bundle/write'
import type { JobRecord } from '../jobs/records'

/** Where a training keeps its state until it is done. @param folder of the bundle that is made */
export const checkpointPath = (folder: string, network: 'classifier' | 'purifier'): string => join(resolve(folder), '.training', `${network}.npz`)

/** How a training begins: anew, from its checkpoint, or from there to its end at once. */
type Start = Record<'resume' | 'finish', boolean>

/**
 * A training begins in no folder that holds one which is not finished: hours of somebody's work may be in its checkpoint.
 * @param checkpoint where this training would go on from
 * @returns whether it can
 * @throws AssayError `output-not-writable`; `invalid-arguments` where there is nothing to finish
 */
export async function refuseUnfinished(folder: string, { resume, finish }: Start, checkpoint: string): Promise<boolean> {
  const [place, mine] = [dirname(checkpoint), basename(checkpoint)]
  const found = (await readdir(place).catch(() => [])).filter((name) => name.endsWith('.npz'))
  if (found.some((name) => name !== mine || !resume))
    throw new AssayError('output-not-writable', `${folder} holds a training that is not finished; go on with that one with --resume, choose another folder, or remove ${place} to begin anew.`, { path: folder })
  if (finish && found.length === 0) throw new AssayError('invalid-arguments', `${folder} holds no training that could be finished; leave --finish out.`, { path: folder })
  return found.length > 0
}

/** Neither a finished bundle nor somebody's files are trained over. @throws AssayError `output-not-writable` */
export async function refuseTaken(out: string, start: Start, checkpoint: string): Promise<void> {
  // What was cut off while it wrote its bundle has some of the files, and the checkpoint still.
  if (await refuseUnfinished(out, start, checkpoint)) return
  if (await isThere(join(resolve(out), manifestName))) throw new AssayError('output-not-writable', `${out} already holds a finished bundle; choose another folder, or remove it to train anew.`, { path: out })
  await refuseStrangers(out)
}

/**
 * Trains while no other process can train into the same folder. Folders that were made for it and hold nothing in the end go.
 * @throws AssayError `output-not-writable`, `disk-full`; what `work` throws
 */
export async function whileHeld<T>(checkpoint: string, work: () => Promise<T>): Promise<T> {
  const place = dirname(checkpoint)
  const folder = dirname(place)
  const mine = [place]
  for (let each = folder; !(await isThere(each)) && each !== dirname(each); each = dirname(each)) mine.push(each)
  try {
    return await whileLocked(join(place, 'lock'), folder, 'Another Assay trains', work)
  } finally {
    for (const each of mine) if (!(await rmdir(each).then(() => true, () => false))) break
  }
}

/** Whether a job's training could still go on from its checkpoint. */
export async function isUnfinished({ job, parameters }: Pick<JobRecord, 'job' | 'parameters'>, bundleFolders: readonly string[]): Promise<boolean> {
  if (!trainingKindSchema.safeParse(job.kind).success || job.state === 'done') return false
  const { out, bundle } = parameters
  const folder = typeof out === 'string' ? out : await resolveBundleFolder(String(bundle), bundleFolders).catch(() => null)
  return folder !== null && isThere(checkpointPath(folder, job.kind === 'train-classifier' ? 'classifier' : 'purifier'))
}
