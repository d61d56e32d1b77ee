/**
 * Scans of many files taken up again, for the Batch page: counted before they start, listed, read in pages while they run
 * and afterwards, gone on with, exported.
 */
import type { BatchCount, BatchRows, BatchSummary } from '../../shared/batch'
import type { CallInput } from '../../shared/contract'
import { AssayError } from '../../shared/errors'
import { jobParameters } from '../../shared/job-parameters'
import type { JobParameters } from '../../shared/job-parameters'
import type { Artifact, Job, ScanResult } from '../../shared/types'
import type { GrowingLines } from '../bundle/line-log'
import { Recent } from '../bundle/recent'
import type { ByteStore, EnginePlaces } from '../jobs/definition'
import { listRecords, readRecord } from '../jobs/records'
import type { JobRecord } from '../jobs/records'
import { batchFile } from './batch-file'
import { expandPaths } from './expand'
import { outputOf, outputOfRecord } from './result-ids'
import { pageOfRows } from './rows'
import { growingResults, notOwnPictures, readScanRecord } from './scan-folder'
import { isBatch } from './unfinished'

/** Newest jobs among which scans are looked for. */
const searched = 1000
const pathsTold = 20
/** Scans whose results are kept in memory. */
const scansKept = 3

/** The results of one scan as far as they were read. */
interface Reading {
  growing: GrowingLines<ScanResult>
  /** The list that the rest was learned from. */
  lines: readonly ScanResult[]
  /** By path: its latest line; and which line stands in the place of which. */
  latest: Map<string, number>
  replaced: Map<number, number>
  seen: number
}

export class BatchDesk {
  /** By output folder. */
  private readonly readings = new Recent(scansKept, (out): Reading => ({ growing: growingResults(out), lines: [], latest: new Map(), replaced: new Map(), seen: 0 }))

  constructor(
    private readonly places: Pick<EnginePlaces, 'dataFolder' | 'version'>,
    private readonly bytes: ByteStore,
  ) {}

  async count(paths: readonly string[]): Promise<BatchCount> {
    const wanted = await expandPaths(paths, notOwnPictures)
    const unreadable = wanted.flatMap(({ path, error }) => (error ? [{ path, error }] : []))
    return { files: wanted.length - unreadable.length, unreadable: unreadable.slice(0, pathsTold), unreadableCount: unreadable.length }
  }

  /** @param known jobs of this engine as they stand: the record of one that runs cannot be told from one that was cut off */
  async list(known: readonly Job[]): Promise<BatchSummary[]> {
    const scans = (await listRecords(this.places.dataFolder, searched)).filter(isBatch)
    const newest = new Map<string, BatchSummary>()
    for (const record of scans) {
      const out = await outputOfRecord(this.places.dataFolder, record)
      // A scan that was gone on with has several jobs and one folder.
      if (!newest.has(out ?? record.job.id)) newest.set(out ?? record.job.id, summarise(record, out, known))
    }
    return [...newest.values()]
  }

  /** @throws AssayError job-not-found */
  async open(jobId: string, known: readonly Job[]): Promise<BatchSummary> {
    const record = await this.recordOf(jobId)
    return summarise(record, await outputOfRecord(this.places.dataFolder, record), known)
  }

  /** None while the scan waits for its turn. @throws AssayError job-not-found */
  async rows(jobId: string, from: number): Promise<BatchRows> {
    const begun = await this.read(jobId).catch(() => null)
    if (!begun) await this.recordOf(jobId)
    return pageOfRows(begun?.lines ?? [], from, begun?.replaced ?? new Map())
  }

  /** Path of the file behind a result; null where it is no longer known. */
  async pathOf(jobId: string, line: number): Promise<string | null> {
    try {
      return (await this.read(jobId)).lines[line]?.path ?? null
    } catch {
      return null
    }
  }

  /** Parameters with which a scan goes on. @throws AssayError job-not-found */
  async resumed(jobId: string, retryFailed: boolean): Promise<JobParameters['scan']> {
    const { parameters } = await this.recordOf(jobId)
    const out = await outputOf(this.places.dataFolder, jobId).catch(() => null)
    return jobParameters.scan.parse({ ...parameters, ...(out !== null && { out, resume: true, retryFailed }), quiet: true })
  }

  /** @throws AssayError job-not-found; result-not-found for a line that is not there */
  async export({ jobId, format, lines: shown, filter }: CallInput<'batch.export'>): Promise<Artifact> {
    const { lines, out } = await this.read(jobId)
    const record = await readScanRecord(out)
    if (!record) throw new AssayError('result-not-found', 'The record of this scan is missing, so its results cannot be told apart from others; scan the files again.', { jobId })
    const results = shown.map((line) => {
      const result = lines[line]
      if (!result) throw new AssayError('result-not-found', 'A result is no longer there; open the batch again.', { jobId, line })
      return result
    })
    const { bytes, mediaType, fileName } = await batchFile(format, results, { record, filter, version: this.places.version })
    return { id: this.bytes.put({ bytes, mediaType, fileName }), fileName, mediaType, bytes: bytes.byteLength }
  }

  private async recordOf(jobId: string): Promise<JobRecord> {
    const record = await readRecord(this.places.dataFolder, jobId)
    if (record?.job.kind !== 'scan') throw new AssayError('job-not-found', 'There is no such scan; its records may have been removed.', { jobId: jobId.slice(0, 80) })
    return record
  }

  private async read(jobId: string): Promise<{ lines: readonly ScanResult[]; replaced: ReadonlyMap<number, number>; out: string }> {
    const out = await outputOf(this.places.dataFolder, jobId)
    const reading = this.readings.of(out)
    const lines = await reading.growing.read()
    if (lines !== reading.lines) {
      reading.lines = lines
      reading.latest.clear()
      reading.replaced.clear()
      reading.seen = 0
    }
    for (; reading.seen < lines.length; reading.seen++) {
      const { path } = lines[reading.seen]!
      const before = reading.latest.get(path)
      if (before !== undefined) reading.replaced.set(reading.seen, before)
      reading.latest.set(path, reading.seen)
    }
    return { lines, replaced: reading.replaced, out }
  }
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [])

function summarise({ job: recorded, parameters }: JobRecord, out: string | null, known: readonly Job[]): BatchSummary {
  const job = known.find(({ id }) => id === recorded.id) ?? recorded
  const paths = texts(parameters['paths'])
  return {
    jobId: job.id,
    title: job.title,
    state: job.state,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    bundle: String(parameters['bundle'] ?? ''),
    alpha: Number(parameters['alpha'] ?? 0),
    paths: paths.slice(0, pathsTold),
    pathCount: paths.length,
    out,
    done: job.done,
    total: job.total,
    message: job.message,
    ...(job.error && { error: job.error }),
  }
}
