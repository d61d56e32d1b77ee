/**
 * One screened file made ready to be looked at, or to be saved. Everything is computed from the file again: results
 * keep numbers, not pixels.
 */
import { basename, extname } from 'node:path'
import type { BundleManifest } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import type { HeatLook } from '../../shared/heat-colours'
import { researchUseOnly } from '../../shared/notice'
import type { Orientation } from '../../shared/orientation'
import { probabilityText } from '../../shared/percent'
import type { ScanResult, ScreenedView, VoiWindow } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'
import { requireDetector } from '../bundle/load'
import type { ScreeningBundle } from '../bundle/load'
import type { DecodedImage } from '../image/decoded-image'
import { readImage } from '../image/files'
import { encodePng } from '../image/encode'
import { toModelInput } from '../image/model-input'
import type { ByteStore } from '../jobs/definition'
import { bytesOf } from '../tensor/tensor'
import { heatmapAt, heatmapScaleOf } from './heatmap'
import type { Canvas } from './canvas'
import { composeSheet, lookInWords, overlayHeat, renderPlane, turnedAspect, turnedPicture } from './picture'
import { bytesOfPlane, heatmapPlane, purifiedPlane, scanPlane } from './planes'
import type { Plane } from './planes'
import { scanResultOf } from './result'
import type { ScreenedImage, Screener } from './screener'
import { verdictOf } from './verdict'

export interface OpenedScan {
  image: DecodedImage
  screened: ScreenedImage
  scan: Plane
  purified: Plane
  heatmap: Plane
}

/**
 * Decodes and purifies a file again.
 * @param frame counted from 1; the file's own choice when absent
 * @throws AssayError whatever reading, decoding or running can meet
 */
export async function openScan(path: string, screener: Screener, frame?: number): Promise<OpenedScan> {
  const { manifest } = screener.bundle
  const image = await readImage(path, frame === undefined ? undefined : frame - 1)
  const [screened] = await screener.screen(toModelInput(image, manifest.input))
  if (!screened) throw new AssayError('internal', 'Screening one image gave no result.')
  return openedScan(image, screened, manifest)
}

type ScreeningManifest = ScreeningBundle['manifest']

/** The planes of an image that has been screened. */
export function openedScan(image: DecodedImage, screened: ScreenedImage, manifest: ScreeningManifest): OpenedScan {
  return {
    image,
    screened,
    scan: scanPlane(image),
    purified: purifiedPlane(image, screened, manifest.input),
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

/** A result of the scan, or what screening another frame of the same file gives: the frame opened, and its own result. */
export async function openFrame(scanned: ScanResult, alpha: number, screener: Screener, frame = scanned.frame): Promise<OpenedScan & { result: ScanResult }> {
  requireRead(scanned)
  const opened = await openScan(scanned.path, screener, frame)
  if (frame === scanned.frame) return { ...opened, result: scanned }
  return { ...opened, result: scanResultOf(opened.image, opened.screened, { path: scanned.path, alpha, manifest: screener.bundle.manifest, heatmap: null }) }
}

/**
 * The view of a result, its planes put into the store.
 * @param frame counted from 1; the one that was scanned when absent
 * @throws AssayError like openScan
 */
export async function openScreened(resultId: string, scanned: ScanResult, alpha: number, screener: Screener, bytes: ByteStore, frame?: number): Promise<ScreenedView> {
  const { manifest } = screener.bundle
  const { image, scan, purified, heatmap, result } = await openFrame(scanned, alpha, screener, frame)
  const store = (data: Uint8Array) => bytes.put({ bytes: data, mediaType: 'application/octet-stream' })
  const put = (plane: Plane) => ({
    id: store(bytesOfPlane(plane)),
    ...plane.description,
    ...(plane.tables && { tables: plane.tables.map(({ values, ...table }) => ({ ...table, length: values.length, id: store(bytesOf(values)) })) }),
  })
  return {
    resultId,
    fileName: basename(result.path),
    format: image.format,
    ...(image.modality && { modality: image.modality }),
    frame: image.frame + 1,
    frames: image.frames,
    result,
    bundle: { id: manifest.id, name: manifest.name, classes: manifest.classes, inputWidth: manifest.input.width, inputHeight: manifest.input.height },
    alpha,
    scan: put(scan),
    purified: put(purified),
    heatmap: put(heatmap),
    heatmapScale: heatmapScaleOf(manifest.detector),
    verdict: verdictOfResult(result, alpha, manifest),
    facts: image.facts,
  }
}

export interface PictureOptions {
  /** Opacity of the heat over the scan, 0 to 1. */
  opacity: number
  window?: VoiWindow
  /** Place among the file's VOI lookup tables; stands for the window. */
  table?: number
  invert: boolean
  /** The usual colours when absent. */
  heatLook?: HeatLook
  /** As the file has it when absent. */
  orientation?: Orientation
  /** Counted from 1; the one that was scanned when absent. */
  frame?: number
}

/** The heat over the scan at the scan's own size, as PNG: what a batch writes per file. */
export async function heatmapPicture(image: DecodedImage, screened: Pick<ScreenedImage, 'residualMap'>, manifest: BundleManifest, opacity = 0.6): Promise<Uint8Array> {
  const detector = requireDetector(manifest)
  const heat = heatmapAt(screened.residualMap, manifest.input, image.width, image.height)
  const picture = overlayHeat(renderPlane(scanPlane(image), undefined), heat, heatmapScaleOf(detector), opacity)
  return encodePng({ width: picture.width, height: picture.height, samples: 3, data: picture.rgb })
}

const answerText = ({ label, probabilities }: { label: string; probabilities: number[] }): string =>
  `${label} (${probabilityText(Math.max(...probabilities), 1)})`

/** Scan, purified scan and heat side by side with a caption, as PNG. */
export async function exportPicture(result: ScanResult, alpha: number, screener: Screener, options: PictureOptions): Promise<Uint8Array> {
  const sheet = await resultSheet(result, alpha, screener, options)
  return encodePng({ width: sheet.width, height: sheet.height, samples: 3, data: sheet.rgb })
}

/** The sheet that is saved as PNG and as a DICOM secondary capture. @throws AssayError like openScan */
export async function resultSheet(scanned: ScanResult, alpha: number, screener: Screener, options: PictureOptions): Promise<Canvas> {
  return sheetOf(await openFrame(scanned, alpha, screener, options.frame), alpha, screener.bundle.manifest, options)
}

/** Scan, purified scan and heat as a person sees them in the viewer, whole, all of one size. */
export function panelsOf(
  { scan, purified, heatmap }: OpenedScan,
  { detector }: ScreeningManifest,
  { opacity, window, table, invert, heatLook, orientation }: Omit<PictureOptions, 'frame'>,
): { title: string; picture: Canvas }[] {
  const lookup = table === undefined ? undefined : scan.tables?.[table]
  const picture = renderPlane(scan, window, invert, lookup)
  return [
    { title: 'Scan', picture },
    { title: 'Purified', picture: renderPlane(purified, window, invert, lookup) },
    { title: 'What was removed', picture: overlayHeat(picture, heatmap.values as Float32Array, heatmapScaleOf(detector), opacity, heatLook) },
  ].map((panel) => ({ ...panel, picture: turnedPicture(panel.picture, orientation) }))
}

/** Scan, purified scan and heat side by side, with the verdict and the notice of research use below. */
export function sheetOf(opened: OpenedScan & { result: ScanResult }, alpha: number, manifest: ScreeningManifest, options: Omit<PictureOptions, 'frame'>): Canvas {
  const { scan, result } = opened
  const { pValue, score, before, after } = requireRead(result)
  return composeSheet(
    panelsOf(opened, manifest, options),
    {
      fileName: basename(result.path),
      headline: verdictOfResult(result, alpha, manifest).headline,
      lines: [
        ...(result.frames ? [`Frame ${result.frame} of ${result.frames}.`] : []),
        ...doubtsOf(result),
        `Classifier before: ${answerText(before)}; after purification: ${answerText(after)}.`,
        `p = ${pValue.toPrecision(3)}, threshold ${alpha}, score ${score.toFixed(2)}, bundle ${manifest.id}.`,
        ...lookInWords(options.orientation, options.heatLook, options.opacity),
      ],
    },
    turnedAspect(scan.description, options.orientation),
  )
}

/** Everything about a result that another program may want, with what it was made by. */
export function exportJson(result: ScanResult, alpha: number, manifest: BundleManifest, version: string): string {
  const document = {
    format: 'assay-scan-result/1',
    note: researchUseOnly,
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
