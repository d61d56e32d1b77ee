/**
 * One screened file made ready to be looked at, or to be saved. Everything is computed from the file again: results
 * keep numbers, not pixels.
 */
import { basename, extname } from 'node:path'
import type { BundleManifest } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import type { ScanResult, ScreenedView, VoiWindow } from '../../shared/types'
import { readImage } from '../dataset/model-inputs'
import type { DecodedImage } from '../image/decoded-image'
import { encodePng } from '../image/encode'
import { toModelInput } from '../image/model-input'
import type { ByteStore } from '../jobs/definition'
import { heatmapAt, heatmapScaleOf } from './heatmap'
import { composeSheet, disclaimer, overlayHeat, renderPlane } from './picture'
import { bytesOfPlane, heatmapPlane, purifiedPlane, scanPlane } from './planes'
import type { Plane } from './planes'
import type { ScreenedImage, Screener } from './screener'
import { verdictOf } from './verdict'

/** The frame that is screened of files with several. */
export const screenedFrame = 0

export interface OpenedScan {
  image: DecodedImage
  screened: ScreenedImage
  scan: Plane
  purified: Plane
  heatmap: Plane
}

/** Decodes and purifies a file again. @throws AssayError whatever reading, decoding or running can meet */
export async function openScan(path: string, screener: Screener): Promise<OpenedScan> {
  const { manifest } = screener.bundle
  const image = await readImage(path)
  const [screened] = await screener.screen(toModelInput(image, screenedFrame, manifest.input))
  if (!screened) throw new AssayError('internal', 'Screening one image gave no result.')
  return {
    image,
    screened,
    scan: scanPlane(image, screenedFrame),
    purified: purifiedPlane(image, screenedFrame, screened, manifest.input),
    heatmap: heatmapPlane(image, screened.residualMap, manifest.input, heatmapScaleOf(manifest.detector)),
  }
}

type ReadResult = ScanResult & { score: number; pValue: number; before: NonNullable<ScanResult['before']>; after: NonNullable<ScanResult['after']> }

/** @throws AssayError the result's own error where the file could not be screened */
export function requireRead(result: ScanResult): ReadResult {
  if (result.error) throw AssayError.from(result.error)
  if (result.pValue === null || result.score === null || !result.before || !result.after)
    throw new AssayError('result-not-found', 'This file was not screened; scan it again.', { path: result.path })
  return result as ReadResult
}

export function verdictOfResult(result: ScanResult, alpha: number, manifest: BundleManifest): { headline: string; detail: string } {
  const { pValue, before, after } = requireRead(result)
  return verdictOf({ pValue, alpha, before, after, calibrationCount: manifest.detector?.calibration.scores.length ?? 0 })
}

/** The view of a result, its planes put into the store. @throws AssayError like openScan */
export async function openScreened(resultId: string, result: ScanResult, alpha: number, screener: Screener, bytes: ByteStore): Promise<ScreenedView> {
  const { manifest } = screener.bundle
  const verdict = verdictOfResult(result, alpha, manifest)
  const { image, scan, purified, heatmap } = await openScan(result.path, screener)
  const put = (plane: Plane) => ({ id: bytes.put({ bytes: bytesOfPlane(plane), mediaType: 'application/octet-stream' }), ...plane.description })
  return {
    resultId,
    fileName: basename(result.path),
    result,
    bundle: { id: manifest.id, name: manifest.name, classes: manifest.classes, inputWidth: manifest.input.width, inputHeight: manifest.input.height },
    alpha,
    scan: put(scan),
    purified: put(purified),
    heatmap: put(heatmap),
    heatmapScale: heatmapScaleOf(manifest.detector),
    verdict,
    facts: [...image.facts, ...(image.frames > 1 ? [{ label: 'Screened', value: `frame ${screenedFrame + 1} of ${image.frames} only` }] : [])],
  }
}

export interface PictureOptions {
  /** Opacity of the heat over the scan, 0 to 1. */
  opacity: number
  window?: VoiWindow
  invert: boolean
}

/** The heat over the scan at the scan's own size, as PNG: what a batch writes per file. */
export async function heatmapPicture(image: DecodedImage, screened: Pick<ScreenedImage, 'residualMap'>, manifest: BundleManifest, opacity = 0.6): Promise<Uint8Array> {
  if (!manifest.detector) throw new AssayError('bundle-incomplete', `The bundle ${manifest.id} is not calibrated yet; run "assay calibrate" on untouched scans.`)
  const heat = heatmapAt(screened.residualMap, manifest.input, image.width, image.height)
  const picture = overlayHeat(renderPlane(scanPlane(image, screenedFrame), undefined), heat, heatmapScaleOf(manifest.detector), opacity)
  return encodePng({ width: picture.width, height: picture.height, samples: 3, data: picture.rgb })
}

const answerText = ({ label, probabilities }: { label: string; probabilities: number[] }): string =>
  `${label} (${(100 * Math.max(...probabilities)).toFixed(1)} %)`

/** Scan, purified scan and heat side by side with a caption, as PNG. */
export async function exportPicture(result: ScanResult, alpha: number, screener: Screener, { opacity, window, invert }: PictureOptions): Promise<Uint8Array> {
  const { manifest } = screener.bundle
  const { pValue, score, before, after } = requireRead(result)
  const { scan, purified, heatmap } = await openScan(result.path, screener)
  const scanPicture = renderPlane(scan, window, invert)
  const sheet = composeSheet(
    [
      { title: 'Scan', picture: scanPicture },
      { title: 'Purified', picture: renderPlane(purified, window, invert) },
      { title: 'What was removed', picture: overlayHeat(scanPicture, heatmap.values as Float32Array, heatmapScaleOf(manifest.detector), opacity) },
    ],
    {
      fileName: basename(result.path),
      headline: verdictOfResult(result, alpha, manifest).headline,
      lines: [
        ...(result.warning ? [result.warning] : []),
        `Classifier before: ${answerText(before)}; after purification: ${answerText(after)}.`,
        `p = ${pValue.toPrecision(3)}, threshold ${alpha}, score ${score.toFixed(2)}, bundle ${manifest.id}.`,
      ],
    },
  )
  return encodePng({ width: sheet.width, height: sheet.height, samples: 3, data: sheet.rgb })
}

/** Everything about a result that another program may want, with what it was made by. */
export function exportJson(result: ScanResult, alpha: number, manifest: BundleManifest, version: string): string {
  const document = {
    format: 'assay-scan-result/1',
    note: disclaimer,
    version,
    alpha,
    bundle: {
      id: manifest.id,
      name: manifest.name,
      classes: manifest.classes,
      classifierSha256: manifest.classifier.sha256,
      purifierSha256: manifest.purifier?.sha256 ?? null,
      calibration: manifest.detector && { scans: manifest.detector.calibration.scores.length, data: manifest.detector.calibration.data, date: manifest.detector.calibration.date },
    },
    verdict: verdictOfResult(result, alpha, manifest),
    result,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** "scan.dcm" as "scan-assay.png". */
export const exportName = (path: string, extension: string): string => `${basename(path, extname(path))}-assay.${extension}`
