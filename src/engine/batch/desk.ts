/**
 * Results of scans, taken up again: listed, opened for the viewer, exported. Screeners of the last few bundles are
 * kept ready, so that clicking from scan to scan does not load models each time.
 *
 * ```ts
 * const desk = new ScreeningDesk(places, bytes)
 * 'scan.results': ({ jobId }) => desk.results(jobId)
 * 'scan.open':    ({ resultId, frame }) => desk.open(resultId, frame)
 * 'scan.export':  (input) => desk.export(input)
 * stop:           () => desk.close()
 * ```
 */
import { randomUUID } from 'node:crypto'
import type { CallOutput } from '../../shared/contract'
import { AssayError } from '../../shared/errors'
import type { Artifact, DicomTag, Provider, ScanResult, ScreenedView } from '../../shared/types'
import { loadBundle } from '../bundle/load'
import { verdictFingerprint } from '../bundle/manifest'
import { throwIfAborted } from '../dataset/model-inputs'
import { anonymisedCopy, readTags } from '../image/files'
import type { ByteStore, EnginePlaces } from '../jobs/definition'
import { screeningPdf } from '../report/screening-pdf'
import { createScreener } from '../screening/screener'
import type { Screener } from '../screening/screener'
import { secondaryCapture } from '../screening/secondary-capture'
import { exportJson, exportName, exportPicture, openScreened, resultSheet } from '../screening/view'
import type { PictureOptions } from '../screening/view'
import { outputOf, parseResultId, resultId } from './result-ids'
import { readResult, readResults, readScanRecord } from './scan-folder'
import type { ScanRecord } from './scan-folder'
import { screeningPage } from './screening-page'
import { assertUnchanged } from './unchanged'

export interface ExportRequest extends PictureOptions {
  resultId: string
  format: 'png' | 'json' | 'pdf' | 'dicom' | 'anonymised'
}

const screenersKept = 2

export class ScreeningDesk {
  /** By bundle path, most recently used last. */
  private readonly screeners = new Map<string, Screener>()
  /** One at a time: a screener must not be released while another call runs it. */
  private queue: Promise<unknown> = Promise.resolve()
  /** Of this run of the application: copies made in it stay together in their study and series. */
  private readonly salt = randomUUID()

  constructor(
    private readonly places: Pick<EnginePlaces, 'dataFolder' | 'version'>,
    private readonly bytes: ByteStore,
  ) {}

  /** All results of a scan so far, while it runs too. @throws AssayError job-not-found */
  async results(jobId: string): Promise<CallOutput<'scan.results'>> {
    const results = await readResults(await outputOf(this.places.dataFolder, jobId))
    return results.map(({ line, result }) => ({ resultId: resultId(jobId, line), result }))
  }

  /**
   * The view of one result, planes in the byte store.
   * @param frame counted from 1; the one that was scanned when absent
   * @throws AssayError result-not-found, also where the file has changed since; job-not-found, cancelled; the file's own
   * error; bundle-hash-mismatch when the bundle is not the one that the scan was made with
   */
  open(id: string, frame?: number, signal?: AbortSignal): Promise<ScreenedView> {
    return this.inTurn(async () => {
      throwIfAborted(signal)
      const { result, record } = await this.find(id)
      await assertUnchanged(result)
      const screener = await this.screenerFor(record)
      throwIfAborted(signal)
      return openScreened(id, result, record.alpha, screener, this.bytes, frame)
    })
  }

  /** A picture, a page or a JSON file of one result, in the byte store. @throws AssayError like open */
  export({ resultId: id, format, ...options }: ExportRequest): Promise<Artifact> {
    return this.inTurn(async () => {
      const { result, record } = await this.find(id)
      // JSON is what was found then, with the hash of the file; all else is made from the file of today.
      if (format !== 'json') await assertUnchanged(result)
      const screener = await this.screenerFor(record)
      const { bytes, mediaType, fileName } = await this.exported(format, result, record, screener, options)
      return { id: this.bytes.put({ bytes, mediaType, fileName }), fileName, mediaType, bytes: bytes.byteLength }
    })
  }

  /** Releases the models. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      for (const screener of this.screeners.values()) await screener.release()
      this.screeners.clear()
    })
  }

  private async exported(format: ExportRequest['format'], result: ScanResult, record: ScanRecord, screener: Screener, options: PictureOptions) {
    const { alpha } = record
    switch (format) {
      case 'png':
        return { bytes: await exportPicture(result, alpha, screener, options), mediaType: 'image/png', fileName: exportName(result.path, 'png') }
      case 'json': {
        const text = exportJson(result, alpha, screener.bundle.manifest, this.places.version)
        return { bytes: new TextEncoder().encode(text), mediaType: 'application/json', fileName: exportName(result.path, 'json') }
      }
      case 'pdf': {
        const page = await screeningPage(result, record, screener, this.places.version, options)
        return { bytes: await screeningPdf(page), mediaType: 'application/pdf', fileName: exportName(result.path, 'pdf') }
      }
      case 'dicom': {
        const sheet = await resultSheet(result, alpha, screener, options)
        const frame = options.frame ?? result.frame
        const bytes = await secondaryCapture(sheet, { path: result.path, version: this.places.version, ...(frame !== undefined && { frame }) })
        return { bytes, mediaType: 'application/dicom', fileName: exportName(result.path, 'dcm') }
      }
      case 'anonymised':
        return { bytes: await anonymisedCopy(result.path, this.salt), mediaType: 'application/dicom', fileName: 'anonymised.dcm' }
    }
  }

  /** @throws AssayError result-not-found, job-not-found; the file's own error */
  async tags(id: string, patientData: boolean): Promise<DicomTag[]> {
    const { result } = await this.find(id)
    await assertUnchanged(result)
    return readTags(result.path, { patientData })
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }

  private async find(id: string): Promise<{ result: ScanResult; record: ScanRecord }> {
    const { jobId, index } = parseResultId(id)
    const out = await outputOf(this.places.dataFolder, jobId)
    const [result, record] = await Promise.all([readResult(out, index), readScanRecord(out)])
    if (!result || !record) throw new AssayError('result-not-found', 'This result is no longer there; scan the file again.', { resultId: id })
    return { result, record }
  }

  private async screenerFor({ bundle, provider }: ScanRecord): Promise<Screener> {
    const kept = this.screeners.get(bundle.path)
    this.screeners.delete(bundle.path)
    if (kept && verdictFingerprint(kept.bundle.manifest) === bundle.fingerprint) {
      this.screeners.set(bundle.path, kept)
      return kept
    }
    await kept?.release()
    const loaded = await loadBundle(bundle.path)
    if (verdictFingerprint(loaded.manifest) !== bundle.fingerprint)
      throw new AssayError('bundle-hash-mismatch', `The bundle ${bundle.id} has changed since this scan; scan the file again.`, { bundle: bundle.id, path: bundle.path })
    const screener = await createScreener(loaded, { provider: provider as Provider })
    this.screeners.set(bundle.path, screener)
    for (const [path, oldest] of this.screeners) {
      if (this.screeners.size <= screenersKept) break
      this.screeners.delete(path)
      await oldest.release()
    }
    return screener
  }
}
