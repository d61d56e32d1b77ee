/**
 * The sheet with verdict and heatmap as a DICOM secondary capture (PS3.3 A.8.1) in the study of the scan.
 */
import { AssayError } from '../../shared/errors'
import type { Canvas } from './canvas'

export interface CaptureSource {
  /** Path of the screened file; what it says of patient and study is taken over where it is DICOM. */
  path: string
  /** Counted from 1; set for files of several frames. */
  frame?: number
}

/** @throws AssayError `image-*` */
export async function secondaryCapture(_sheet: Canvas, source: CaptureSource): Promise<Uint8Array> {
  throw new AssayError('image-unsupported', `No secondary capture of ${source.path} can be made.`)
}
