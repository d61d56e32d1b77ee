/**
 * The job behind `assay scan`: any number of files and folders in, a verdict per file out, the output folder kept so
 * that a power cut costs nothing but the files in flight.
 *
 * Memory is bounded by one batch of decoded images, whatever the number of files; results live in results.jsonl.
 */
import { basename, extname, join, resolve } from 'node:path'
import { AssayError, serializeError, toAssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import type { ScanCounts, ScanReport, ScanResult } from '../../shared/types'
import { makeFolder, syncFolder, writeFileAtomic, writeFileSynced } from '../bundle/atomic'
import { loadBundle, requireScreening, resolveBundle } from '../bundle/load'
import type { ScreeningBundle } from '../bundle/load'
import { verdictFingerprint } from '../bundle/manifest'
import { readAhead, throwIfAborted } from '../dataset/model-inputs'
import type { DecodedImage } from '../image/decoded-image'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import { UniqueNames } from '../image/names'
import { openHistory } from '../history/book'
import { SettingsStore } from '../settings/store'
import { fileSha256 } from '../history/digest'
import type { HistoryEntry } from '../history/record'
import type { JobContext, JobDefinition } from '../jobs/definition'
import { assertReachable } from '../screening/conformal'
import { pipelineBatch } from '../screening/pipeline'
import { scanResultOf } from '../screening/result'
import { createScreener } from '../screening/screener'
import type { ScreenedImage, Screener } from '../screening/screener'
import { secondaryCapture } from '../screening/secondary-capture'
import { heatmapPicture, openedScan, sheetOf } from '../screening/view'
import type { Wanted } from './expand'
import { resultsTable } from './results-table'
import { rememberOutput, resultId } from './result-ids'
import { assertSameScan, capturesFolder, currentResults, heatmapsFolder, holdsResults, openResults, prepareOutput, readResults, readScanRecord, tableFile, whileOutputHeld, writeScanRecord } from './scan-folder'
import type { ScanRecord } from './scan-folder'
import { workLeft } from './work-left'

/** A batch is closed early when its decoded images take this much memory. */
const batchBytes = 128 * 2 ** 20

interface Prepared {
  path: string
  /** Of the file's bytes; null where they cannot be read. */
  sha256: string | null
  image: DecodedImage
  input: Float32Array
}
interface Failed {
  path: string
  sha256: string | null
  error: AssayError
}
type Entry = Prepared | Failed

const failedResult = ({ path, error }: Pick<Failed, 'path' | 'error'>): ScanResult => ({
  path,
  status: 'error',
  score: null,
  pValue: null,
  before: null,
  after: null,
  heatmap: null,
  error: serializeError(error),
})

export function countResults(results: Iterable<ScanResult>): ScanCounts {
  const counts: ScanCounts = { total: 0, clean: 0, suspicious: 0, error: 0 }
  for (const { status } of results) {
    counts.total++
    counts[status]++
  }
  return counts
}

/** Screens prepared images together; should that fail, one by one, so that one image cannot fail its neighbours. */
async function screenAll(screener: Screener, images: readonly Prepared[]): Promise<(ScreenedImage | AssayError)[]> {
  if (images.length === 0) return []
  const size = images[0]!.input.length
  const x = new Float32Array(images.length * size)
  images.forEach(({ input }, i) => x.set(input, i * size))
  try {
    return await screener.screen(x)
  } catch (error) {
    if (images.length === 1) return [toAssayError(error)]
    const answers: (ScreenedImage | AssayError)[] = []
    for (const image of images) answers.push(...(await screenAll(screener, [image])))
    return answers
  }
}

async function* batches(wanted: readonly Wanted[], bundle: ScreeningBundle, signal: AbortSignal): AsyncGenerator<Entry[]> {
  const prepare = async ({ path, error }: Wanted): Promise<Entry> => {
    if (error) return { path, sha256: null, error: AssayError.from(error) }
    throwIfAborted(signal)
    const digest = fileSha256(path)
    try {
      const image = await readImage(path, undefined, signal)
      return { path, sha256: await digest, image, input: toModelInput(image, bundle.manifest.input) }
    } catch (failure) {
      return { path, sha256: await digest, error: toAssayError(failure) }
    }
  }
  let batch: Entry[] = []
  let bytes = 0
  for await (const entry of readAhead(wanted, prepare)) {
    throwIfAborted(signal)
    batch.push(entry)
    if ('image' in entry) bytes += entry.image.pixels.byteLength
    if (batch.length < pipelineBatch && bytes < batchBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Heatmaps and secondary captures, whichever were asked for, under the same names. */
class PictureWriter {
  private readonly names = new UniqueNames()
  constructor(
    private readonly out: string,
    private readonly bundle: ScreeningBundle,
    private readonly asked: Pick<JobParameters['scan'], 'heatmaps' | 'captures' | 'alpha'>,
    private readonly version: string,
    earlier: readonly ScanResult[],
  ) {
    for (const { heatmap, capture } of earlier) for (const path of [heatmap, capture]) if (path) this.names.reserve(stemOf(path))
  }

  private get folders(): string[] {
    return [...(this.asked.heatmaps ? [heatmapsFolder] : []), ...(this.asked.captures ? [capturesFolder] : [])].map((name) => join(this.out, name))
  }

  /** Makes the folders. @throws AssayError disk-full, output-not-writable */
  async prepare(): Promise<void> {
    for (const folder of this.folders)
      await makeFolder(folder)
    await syncFolder(this.out)
  }

  /** The result of a file, its pictures written. @throws AssayError disk-full, output-not-writable; what reading the file once more for its capture can meet */
  async write({ path, image }: Prepared, screened: ScreenedImage): Promise<ScanResult> {
    const { heatmaps, captures, alpha } = this.asked
    const { manifest } = this.bundle
    const stem = heatmaps || captures ? this.names.give(path, '') : ''
    const heatmap = heatmaps ? await this.put(heatmapsFolder, `${stem}.png`, await heatmapPicture(image, screened, manifest)) : null
    const result = scanResultOf(image, screened, { path, alpha, manifest, heatmap })
    if (!captures) return result
    const sheet = sheetOf({ ...openedScan(image, screened, manifest), result }, alpha, manifest, { opacity: captureOpacity, invert: false })
    const source = { path, version: this.version, ...(result.frame !== undefined && { frame: result.frame }) }
    return { ...result, capture: await this.put(capturesFolder, `${stem}.dcm`, await secondaryCapture(sheet, source)) }
  }

  /** Makes the names of what was written durable, before lines speak of it. */
  async settle(): Promise<void> {
    for (const folder of this.folders) await syncFolder(folder)
  }

  /** @returns path relative to the output folder, with forward slashes */
  private async put(folder: string, name: string, bytes: Uint8Array): Promise<string> {
    const file = join(this.out, folder, name)
    await writeFileSynced(file, bytes)
    return `${folder}/${name}`
  }
}

/** Opacity of the heat over the scan in secondary captures; the interface lets people choose, a batch does not. */
const captureOpacity = 0.6

const stemOf = (path: string): string => basename(path, extname(path))

function scanRecord(bundle: ScreeningBundle, screener: Screener, parameters: JobParameters['scan'], version: string): ScanRecord {
  const { manifest, folder } = bundle
  return {
    format: 'assay-scan/1',
    version,
    bundle: {
      id: manifest.id,
      path: folder,
      fingerprint: verdictFingerprint(manifest),
      classifierSha256: manifest.classifier.sha256,
      purifierSha256: manifest.purifier.sha256,
    },
    provider: screener.provider,
    alpha: parameters.alpha,
    heatmaps: parameters.heatmaps,
    captures: parameters.captures,
    paths: parameters.paths.map((path) => resolve(path)),
    started: new Date().toISOString(),
  }
}

/** What the history keeps of a result. */
function historyEntry(result: ScanResult, sha256: string | null, place: { job: string; line: number }, { bundle, alpha, provider, version }: ScanRecord): HistoryEntry {
  const { path, frame, status, score, pValue, before, after, error, warning, unfamiliar } = result
  return {
    path,
    sha256,
    ...(frame !== undefined && { frame }),
    ...place,
    bundle: { id: bundle.id, classifier: bundle.classifierSha256, purifier: bundle.purifierSha256 },
    provider,
    alpha,
    status,
    score,
    pValue,
    before: before?.label ?? null,
    after: after?.label ?? null,
    ...(error && { error: error.code }),
    ...(warning && { warning }),
    ...(unfamiliar && { unfamiliar }),
    version,
  }
}

async function scan(parameters: JobParameters['scan'], context: JobContext, out: string, bundle: ScreeningBundle, screener: Screener): Promise<ScanReport> {
  const { alpha, resume, retryFailed, quiet } = parameters
  const { jobId, signal, places } = context
  const record = scanRecord(bundle, screener, parameters, places.version)
  if (resume && (await holdsResults(out))) assertSameScan(await readScanRecord(out), record, out)
  else await writeScanRecord(out, record)

  const { pathsInHistory } = (await new SettingsStore(places.dataFolder).get()).settings
  const history = await openHistory(places.dataFolder, pathsInHistory)
  const log = await openResults(out)
  try {
    const pictures = new PictureWriter(out, bundle, parameters, places.version, log.earlier)
    await pictures.prepare()
    context.progress({ message: 'Looking for files' })
    const { kept, wanted, withdrawn } = await workLeft(parameters.paths, currentResults(log.earlier).map(({ result }) => result), retryFailed)
    if (withdrawn.length > 0) await log.append(withdrawn)
    const counts = countResults(kept)
    let line = log.earlier.length + withdrawn.length
    const total = counts.total + wanted.length
    const tell = (): void =>
      context.progress({ done: counts.total, total, message: `${counts.suspicious} suspicious, ${counts.error} could not be read` })
    tell()

    for await (const batch of batches(wanted, bundle, signal)) {
      const prepared = batch.filter((entry): entry is Prepared => 'image' in entry)
      const screened = new Map((await screenAll(screener, prepared)).map((answer, i) => [prepared[i], answer]))
      const results: ScanResult[] = []
      for (const entry of batch) {
        throwIfAborted(signal)
        const answer = 'image' in entry ? screened.get(entry) : entry.error
        const known = { ...(entry.sha256 !== null && { sha256: entry.sha256 }), at: Date.now() }
        if (!('image' in entry) || answer === undefined || answer instanceof AssayError) {
          results.push({ ...failedResult({ path: entry.path, error: answer instanceof AssayError ? answer : new AssayError('internal', 'Screening gave no result.') }), ...known })
          continue
        }
        const result = await pictures.write(entry, answer).catch((failure: unknown) => {
          const error = toAssayError(failure)
          // A full disk fails every file that follows, too.
          if (error.code === 'disk-full' || error.code === 'output-not-writable') throw error
          return failedResult({ path: entry.path, error })
        })
        results.push({ ...result, ...known })
      }
      // First: what a power cut leaves without a result is screened again, and then stands in the history twice, as it was.
      await history.append(results.map((result, i) => historyEntry(result, batch[i]!.sha256, { job: jobId, line: line + i }, record)))
      // A line whose picture a power cut left empty would never be gone back to.
      await pictures.settle()
      await log.append(results)
      for (const result of results) {
        if (!quiet) context.emit({ name: 'scan.result', payload: { jobId, resultId: resultId(jobId, line), result } })
        line++
        counts.total++
        counts[result.status]++
      }
      tell()
    }
  } finally {
    await log.close()
  }

  const files = (await readResults(out)).map(({ result }) => result)
  await writeFileAtomic(join(out, tableFile), resultsTable(files, bundle.manifest.classes))
  return {
    bundle: bundle.manifest.id,
    provider: screener.provider,
    ...(screener.fallbacks.length > 0 && { fallbacks: [...screener.fallbacks] }),
    ...(screener.onCpu.length > 0 && { onCpu: [...screener.onCpu] }),
    alpha,
    files,
    counts: countResults(files),
  }
}

export const scanJob: JobDefinition<'scan'> = {
  kind: 'scan',
  title: ({ paths }) => `Scan ${paths.slice(0, 2).map((path) => basename(path)).join(', ')}${paths.length > 2 ? ` and ${paths.length - 2} more` : ''}`,

  quiet: ({ quiet }) => quiet,

  /** `result` is a ScanReport. @throws AssayError for what concerns all files: bundle, provider, output folder */
  async run(parameters, context) {
    if (parameters.retryFailed && !parameters.resume)
      throw new AssayError('invalid-arguments', 'Failed files are tried again in a scan that is gone on with: use --retry-failed together with --resume.')
    const out = resolve(parameters.out ?? join(context.folder, 'scan'))
    return whileOutputHeld(out, async () => {
      await prepareOutput(out, parameters.resume)
      await rememberOutput(context.folder, out)
      const bundle = requireScreening(await loadBundle(await resolveBundle(parameters.bundle, context.places.bundleFolders)))
      assertReachable(parameters.alpha, bundle.manifest.detector.calibration.scores.length)
      context.progress({ message: 'Loading the models' })
      const screener = await createScreener(bundle, { provider: parameters.provider })
      try {
        const { channels, height, width } = bundle.manifest.input
        // Models that do not fit their manifest fail here once, and not in every file.
        await screener.screen(new Float32Array(channels * height * width))
        const report = await scan(parameters, context, out, bundle, screener)
        return { result: report, exitCode: report.counts.error > 0 ? 3 : 0 }
      } finally {
        await screener.release()
      }
    })
  },
}
