/**
 * The folder of an audit: `job.json` (what was asked, of which models and data, and the runs that follow from it),
 * append-only `results.jsonl`, `clean/` and `adversarial/` with the images in chunks, and at the end what is made of
 * the lines: `results.csv`, `audit.json` and the reports. The lines are the truth; the rest can be made again.
 */
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { auditRecordSchema, auditRunSchema, auditWarningSchema, normSchema, threatSchema } from '../../shared/audit'
import type { AuditRecord } from '../../shared/audit'
import { AssayError, toAssayError } from '../../shared/errors'
import { assertUnused, ensureWritable, isThere, makeFolder, writeFileAtomic } from '../bundle/atomic'
import { openLines, readLines, type LineLog } from '../bundle/line-log'
import { whileLocked } from '../bundle/lock'
import { htmlFile, pdfFile } from '../report/write'
import { decodeNpz, encodeNpz } from '../tensor/npz'
import { float32, int64, toNumbers } from '../tensor/tensor'
import { unfinishedFile } from './unfinished'

export const jobFile = 'job.json'
export const resultsFile = 'results.jsonl'
export const tableFile = 'results.csv'
export const reportFile = 'audit.json'
export const cleanFolder = 'clean'
export const adversarialFolder = 'adversarial'
const lockFile = '.audit.lock'

/** Images per chunk. The same for every audit, so that chunks can be told apart by their number. */
export const chunkSize = 32

/** `fingerprint` is over all that a verdict depends on, `answers` over all that the bare classifier's answers do; empty in audits from before it was kept. */
const bundleReference = z.object({ id: z.string(), path: z.string(), name: z.string(), classifier: z.string(), purifier: z.string().nullable(), fingerprint: z.string(), answers: z.string().default('') })

export const auditJobSchema = z.object({
  format: z.literal('assay-audit-job/1'),
  versions: z.record(z.string(), z.string()),
  bundle: bundleReference.extend({ input: z.object({ width: z.number(), height: z.number(), channels: z.union([z.literal(1), z.literal(3)]) }) }),
  /** `defence`: its column. */
  compare: z.array(bundleReference.extend({ defence: z.string().optional() })),
  source: bundleReference.nullable(),
  /** `chosen`: images, before any is found to be unreadable. */
  data: z.object({ path: z.string(), sha256: z.string(), chosen: z.number().int() }),
  classes: z.array(z.string()),
  finding: z.string().nullable(),
  defences: z.array(z.string()),
  threats: z.array(threatSchema),
  norm: normSchema,
  /** Ascending; `other` are the radii of attacks that know only the other norm. */
  eps: z.array(z.number()),
  other: z.array(z.number()),
  runs: z.array(auditRunSchema),
  warnings: z.array(auditWarningSchema),
  seed: z.number().int(),
  alpha: z.number(),
  /** Untouched scans that the detector was calibrated on; null without one. */
  calibrated: z.number().int().nullable(),
  provider: z.string(),
  keep: z.boolean(),
  /** Folder of the audit that attacked images were taken from; null where all were attacked here. */
  attacked: z.string().nullable().default(null),
  /**
   * As it was measured when the audit was begun; null in audits from before that. It decides into how many parts a slow
   * chunk falls, which must be the same when the audit is gone on with.
   */
  pace: z.object({ pass: z.number(), pipeline: z.number() }).nullable().default(null),
  started: z.string(),
})
export type AuditJob = z.infer<typeof auditJobSchema>

/** @throws AssayError `result-not-found` where the folder holds no audit that can be read */
export async function readAuditJob(folder: string): Promise<AuditJob> {
  try {
    return auditJobSchema.parse(JSON.parse(await readFile(join(folder, jobFile), 'utf8')))
  } catch (cause) {
    throw new AssayError('result-not-found', `${join(folder, jobFile)} is missing or damaged, so nobody knows which audit this was; choose another folder.`, { path: folder }, { cause })
  }
}

/** Whether an audit was begun here. */
export const isAudit = (folder: string): Promise<boolean> => isThere(join(folder, jobFile))

export const writeAuditJob = (folder: string, job: AuditJob): Promise<void> => writeFileAtomic(join(folder, jobFile), `${JSON.stringify(job, null, 2)}\n`)

/**
 * Makes sure, before any work, that results can be written and that nothing of another job is overwritten.
 * @returns true where there is an audit to go on with
 * @throws AssayError output-not-writable, disk-full; invalid-arguments when the folder holds a job and `resume` is not set
 */
export async function prepareOutput(folder: string, resume: boolean): Promise<boolean> {
  await ensureWritable(folder)
  const names = [jobFile, resultsFile, unfinishedFile, tableFile, reportFile, htmlFile, pdfFile, cleanFolder, adversarialFolder]
  if (!resume) await assertUnused(folder, names, ', or go on with the audit in it by --resume')
  return (await readdir(folder)).includes(resultsFile)
}

/**
 * Works while no other process can audit into the same folder: two at once would leave the record of one and the results
 * of the other. Makes the folder.
 * @throws AssayError output-not-writable, disk-full; what `work` throws
 */
export const whileFolderHeld = <T>(folder: string, work: () => Promise<T>): Promise<T> => whileLocked(join(folder, lockFile), folder, 'Another audit writes', work)

/** Refuses to go on with what was begun under other terms. @throws AssayError `invalid-arguments` that says what differs */
export function assertSameAudit(begun: AuditJob, now: AuditJob, folder: string): void {
  const same = (pick: (job: AuditJob) => unknown): boolean => JSON.stringify(pick(begun)) === JSON.stringify(pick(now))
  const terms: [string, (job: AuditJob) => unknown][] = [
    [`version ${begun.versions['assay']} of Assay`, ({ versions }) => versions['assay']],
    [`the bundle ${begun.bundle.id} as it was then`, ({ bundle }) => [bundle.fingerprint, bundle.classifier, bundle.purifier]],
    ['other bundles to compare with', ({ compare }) => compare.map(({ purifier }) => purifier)],
    ['another source of transfer attacks', ({ source }) => (begun.source?.answers ? source?.answers : source?.classifier)],
    [`the data in ${begun.data.path} as it was then`, ({ data }) => [data.sha256, data.chosen]],
    [`the seed ${begun.seed}`, ({ seed }) => seed],
    [`an alpha of ${begun.alpha}`, ({ alpha }) => alpha],
    ['another finding', ({ finding }) => finding],
    [`the provider ${begun.provider}`, ({ provider }) => provider],
    [`the defences ${begun.defences.join(', ')}`, ({ defences }) => defences],
    ['other attacks, strengths or options', ({ runs }) => runs],
    [`adversarial images ${begun.keep ? 'kept' : 'not kept'}`, ({ keep }) => keep],
  ]
  const differs = terms.find(([, pick]) => !same(pick))
  if (differs) throw new AssayError('invalid-arguments', `The audit in ${folder} was begun with ${differs[0]}; resume it with that, or choose another folder.`, { path: folder })
}

const parseRecord = (value: unknown): AuditRecord => auditRecordSchema.parse(value)

/** All lines of chunks that are complete; those of one under way are left out. */
export async function readRecords(folder: string): Promise<AuditRecord[]> {
  const lines = await readLines(join(folder, resultsFile), parseRecord)
  return lines.slice(0, lines.findLastIndex(({ kind }) => kind === 'chunk') + 1)
}

/** Opens results.jsonl behind its last complete chunk. @throws AssayError output-not-writable */
export const openRecords = (folder: string): Promise<LineLog<AuditRecord>> => openLines(join(folder, resultsFile), folder, parseRecord, ({ kind }) => kind === 'chunk')

/** Images of a chunk as they lie on disk. */
export interface ChunkImages {
  /** [numbers.length, C, H, W] in [0, 1]. */
  x: Float32Array
  labels: Int32Array
  /** Their numbers within the audit. */
  numbers: Int32Array
}

/** `clean/00000.npz`, `adversarial/oblivious/pgd/linf/4/00000.npz`. @param run null for the clean images */
export const chunkPath = (run: string | null, chunk: number): string => `${run === null ? cleanFolder : `${adversarialFolder}/${run}`}/${String(chunk).padStart(5, '0')}.npz`

/** @param shape [C, H, W]. @throws AssayError disk-full, output-not-writable */
export async function writeChunk(folder: string, run: string | null, chunk: number, { x, labels, numbers }: ChunkImages, shape: readonly number[]): Promise<void> {
  const path = join(folder, chunkPath(run, chunk))
  await makeFolder(dirname(path))
  const count = numbers.length
  await writeFileAtomic(path, encodeNpz({ x: float32([count, ...shape], x), y: int64([count], labels), image: int64([count], numbers) }, { compress: true }))
}

/** @throws AssayError `result-not-found` where the chunk was not kept */
export async function readChunk(folder: string, run: string | null, chunk: number): Promise<ChunkImages> {
  const path = join(folder, chunkPath(run, chunk))
  const bytes = await readFile(path).catch((error: unknown) => {
    if (toAssayError(error).code === 'file-not-found') throw new AssayError('result-not-found', `The images of this run were not kept, or are no longer in ${folder}; audit again to have them.`, { path })
    throw toAssayError(error)
  })
  const { x, y, image } = decodeNpz(bytes, path)
  if (x?.dtype !== 'float32' || !y || !image) throw new AssayError('data-set-invalid', `${path} is not a chunk of an audit; copy the folder again.`, { path })
  return { x: x.data as Float32Array, labels: Int32Array.from(toNumbers(y)), numbers: Int32Array.from(toNumbers(image)) }
}
