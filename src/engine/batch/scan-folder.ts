/**
 * The output folder of a scan: `job.json` (what was asked, of which bundle), append-only `results.jsonl` with one
 * ScanResult per line, `heatmaps/`, `captures/`, and `results.csv` at the end. The lines are the truth; the rest can be made again.
 * Where a file was tried again, its later line stands in the place of the earlier one. Where a folder could not be looked
 * into and later could, a line that says `withdrawn` takes the error back.
 */
import { readFile, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { AssayError } from '../../shared/errors'
import { scanResultSchema } from '../../shared/types'
import type { ScanResult } from '../../shared/types'
import { assertUnused, ensureWritable, writeFileAtomic } from '../bundle/atomic'
import { GrowingLines, openLines, readLines } from '../bundle/line-log'
import type { LineLog } from '../bundle/line-log'
import { whileLocked } from '../bundle/lock'

export const jobFile = 'job.json'
export const resultsFile = 'results.jsonl'
export const tableFile = 'results.csv'
export const heatmapsFolder = 'heatmaps'
export const capturesFolder = 'captures'
/** Hidden, so that it is not screened where results lie beside the scans. */
const lockFile = '.scan.lock'

const scanRecordSchema = z.object({
  format: z.literal('assay-scan/1'),
  version: z.string(),
  /** Folder or zip of the bundle, and the hash over all that a verdict depends on. */
  bundle: z.object({ id: z.string(), path: z.string(), fingerprint: z.string(), classifierSha256: z.string(), purifierSha256: z.string() }),
  provider: z.string(),
  alpha: z.number(),
  heatmaps: z.boolean(),
  captures: z.boolean().default(false),
  /** What was asked for, as absolute paths. */
  paths: z.array(z.string()),
  started: z.string(),
})
export type ScanRecord = z.infer<typeof scanRecordSchema>

const orNull = async <T>(promise: Promise<T>): Promise<T | null> => promise.catch(() => null)

/** The record of a scan; null where the folder holds none that can be read. */
export async function readScanRecord(out: string): Promise<ScanRecord | null> {
  const text = await orNull(readFile(join(out, jobFile), 'utf8'))
  if (text === null) return null
  try {
    return scanRecordSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Which folders a scan walks: not the heatmaps and captures of a scan, this one or another, which would double every night. */
export async function notOwnPictures(folder: string): Promise<boolean> {
  if (![heatmapsFolder, capturesFolder].includes(basename(folder))) return true
  return (await readScanRecord(dirname(folder))) === null
}

/**
 * Makes sure, before any work, that results can be written and that nothing of another job is overwritten.
 * @throws AssayError output-not-writable, disk-full; invalid-arguments when the folder holds a job and `resume` is not set
 */
export async function prepareOutput(out: string, resume: boolean): Promise<void> {
  await ensureWritable(out)
  if (resume) return
  await assertUnused(out, [jobFile, resultsFile, tableFile, heatmapsFolder, capturesFolder], ', or go on with the scan in it by --resume')
}

/**
 * Works while no other process can scan into the same folder: two at once would leave the record of one and the results
 * of the other. Makes the folder.
 * @throws AssayError output-not-writable, disk-full; what `work` throws
 */
export const whileOutputHeld = <T>(out: string, work: () => Promise<T>): Promise<T> => whileLocked(join(out, lockFile), out, 'Another scan writes', work)

/** True when the folder holds results of a scan, whichever it was. */
export const holdsResults = async (out: string): Promise<boolean> => (await readdir(out)).includes(resultsFile)

/**
 * Refuses to go on with what was begun under other terms: half of the results would not be comparable with the rest.
 * @throws AssayError invalid-arguments
 */
export function assertSameScan(begun: ScanRecord | null, now: ScanRecord, out: string): void {
  if (!begun)
    throw new AssayError('invalid-arguments', `${join(out, jobFile)} is missing or damaged, so nobody knows which scan this was; choose another folder.`, { path: out })
  const differs =
    begun.bundle.fingerprint !== now.bundle.fingerprint
      ? `the bundle ${begun.bundle.id} as it was then`
      : begun.alpha !== now.alpha
        ? `an alpha of ${begun.alpha}`
        : begun.heatmaps !== now.heatmaps
          ? `heatmaps ${begun.heatmaps ? 'on' : 'off'}`
          : begun.captures !== now.captures
            ? `secondary captures ${begun.captures ? 'on' : 'off'}`
            : null
  if (differs !== null)
    throw new AssayError('invalid-arguments', `The scan in ${out} was begun with ${differs}; resume it with that, or choose another folder.`, { path: out })
}

export const writeScanRecord = (out: string, record: ScanRecord): Promise<void> =>
  writeFileAtomic(join(out, jobFile), `${JSON.stringify(record, null, 2)}\n`)

const parseResult = (value: unknown): ScanResult => scanResultSchema.parse(value)

export interface NumberedResult {
  /** In results.jsonl, counted from 0. */
  line: number
  result: ScanResult
}

/** What counts of the lines: the last one of each file, in the place of its first; nothing of what was withdrawn. */
export function currentResults(lines: readonly ScanResult[]): NumberedResult[] {
  const byPath = new Map<string, NumberedResult>()
  lines.forEach((result, line) => {
    if (result.withdrawn) byPath.delete(result.path)
    else byPath.set(result.path, { line, result })
  })
  return [...byPath.values()]
}

/** All results so far, in order; a line that is still being written is left out. Empty where there are none. */
export const readResults = async (out: string): Promise<NumberedResult[]> => currentResults(await readLines(join(out, resultsFile), parseResult))

/** For reading the results again and again while they grow, every line by itself. */
export const growingResults = (out: string): GrowingLines<ScanResult> => new GrowingLines(join(out, resultsFile), (text) => parseResult(JSON.parse(text)))

/** One result by its line; null where there is none. Cheaper than reading them all: only that line is parsed. */
export async function readResult(out: string, index: number): Promise<ScanResult | null> {
  const text = await orNull(readFile(join(out, resultsFile), 'utf8'))
  if (text === null) return null
  let start = 0
  for (let line = 0; line < index && start >= 0; line++) start = text.indexOf('\n', start) + 1 || -1
  const end = start < 0 ? -1 : text.indexOf('\n', start)
  if (end < 0) return null
  try {
    return scanResultSchema.parse(JSON.parse(text.slice(start, end)))
  } catch {
    return null
  }
}

export type ResultLog = LineLog<ScanResult>

/** Opens results.jsonl for appending after its last intact line; what a power cut left behind it is dropped. */
export const openResults = (out: string): Promise<ResultLog> => openLines(join(out, resultsFile), out, parseResult)
