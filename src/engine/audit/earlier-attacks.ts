/**
 * Attacked images of an earlier audit, for one that asks for the same attacks and other defences: hours of attacking are
 * spent once, judging takes minutes. What the earlier audit lacks is attacked as usual.
 */
import type { AttackedRecord, AuditRun } from '../../shared/audit'
import { AssayError, toAssayError } from '../../shared/errors'
import { isAudit, readAuditJob, readChunk, readRecords } from './audit-folder'
import type { Beginning } from './beginning'
import { nothingDone, type Part, picked } from './unfinished'

/** What a run of the earlier audit made of some images of a chunk. */
export interface EarlierAttack extends Part {
  images: number[]
}

export interface EarlierAttacks {
  readonly folder: string
  /** Whether a run attacked a chunk in this way, whichever of its images that were. */
  holds(run: AuditRun, chunk: number): boolean
  /** Whether a run attacked this image of a chunk in this way; what came of it may not have been kept. */
  covers(run: AuditRun, chunk: number, image: number): boolean
  /** Those of these images of a chunk that were attacked in this way and kept. Which were depends on what the purifier of then got right. */
  take(run: AuditRun, chunk: number, images: readonly number[]): Promise<EarlierAttack>
}

/** What the attacker of a run was given. */
const victimOf = ({ bundle, source }: Beginning, { threat }: AuditRun): unknown =>
  threat === 'oblivious' ? bundle.answers : threat === 'transfer' ? source?.answers : bundle.fingerprint

/** @throws AssayError `result-not-found` where there is no audit; `invalid-arguments` that says why none of its attacks can be taken */
export async function openEarlierAttacks(folder: string, now: Beginning): Promise<EarlierAttacks> {
  if (!(await isAudit(folder))) throw new AssayError('result-not-found', `There is no audit in ${folder}; give the folder of one to take attacked images from.`, { path: folder })
  const then = await readAuditJob(folder)
  const terms: [string, (job: Beginning) => unknown][] = [
    ['was made by another version of Assay', ({ versions }) => versions['assay']],
    ['attacked another classifier', ({ bundle }) => bundle.classifier],
    ['gave its classifier the images otherwise, or does not tell how', ({ bundle }) => bundle.answers],
    ['was made on other images', ({ data }) => [data.sha256, data.chosen]],
    ['was about another finding', ({ finding }) => finding],
    ['had another seed', ({ seed }) => seed],
    ['ran on another provider', ({ provider }) => provider],
  ]
  const differs = terms.find(([, pick]) => JSON.stringify(pick(then)) !== JSON.stringify(pick(now)))
  const unusable = differs?.[0] ?? (then.keep ? undefined : 'kept no attacked images')
  if (unusable) throw new AssayError('invalid-arguments', `The audit in ${folder} ${unusable}, so its attacked images are of no use here; leave out --attacked, or give another folder.`, { path: folder })

  const records = await readRecords(folder)
  const seconds = new Map(records.flatMap((record) => (record.kind === 'chunk' ? [[`${record.run} ${record.chunk}`, record.seconds] as const] : [])))
  const attacked = new Map<string, Map<number, AttackedRecord>>()
  for (const record of records) {
    if (record.kind !== 'attacked') continue
    if (!attacked.has(record.run)) attacked.set(record.run, new Map())
    attacked.get(record.run)!.set(record.image, record)
  }
  const same = (run: AuditRun): boolean => {
    const twin = then.runs.find(({ id }) => id === run.id)
    return twin !== undefined && JSON.stringify([twin, victimOf(then, twin)]) === JSON.stringify([run, victimOf(now, run)])
  }
  const holds: EarlierAttacks['holds'] = (run, chunk) => !run.check && seconds.has(`${run.id} ${chunk}`) && same(run)
  const covers: EarlierAttacks['covers'] = (run, chunk, image) => holds(run, chunk) && attacked.get(run.id)?.has(image) === true
  return {
    folder,
    holds,
    covers,
    async take(run, chunk, wanted) {
      const covered = wanted.filter((image) => covers(run, chunk, image))
      const kept = covered.length === 0 ? undefined : await readChunk(folder, run.id, chunk).catch((error: unknown) => {
        if (toAssayError(error).code === 'result-not-found') return undefined
        throw error
      })
      const images = covered.filter((image) => kept?.numbers.includes(image))
      if (!kept || images.length === 0) return { ...nothingDone, images: [] }
      const lines = images.map((image) => attacked.get(run.id)!.get(image)!)
      return {
        ...picked({ adversarial: kept.x, count: kept.numbers.length, seconds: seconds.get(`${run.id} ${chunk}`)! }, [...kept.numbers], images),
        images,
        ...(lines.every(({ queries }) => queries !== undefined) ? { queries: Int32Array.from(lines, ({ queries }) => queries!) } : {}),
        ...(lines.every(({ brokenBy }) => brokenBy !== undefined) ? { brokenBy: lines.map(({ brokenBy }) => brokenBy!) } : {}),
      }
    },
  }
}
