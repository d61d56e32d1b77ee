/**
 * One screened image as the line that results.jsonl and `scan --json` hold.
 */
import type { BundleManifest } from '../../shared/bundle'
import type { ScanResult } from '../../shared/types'
import type { DecodedImage } from '../image/decoded-image'
import { deviceWarning, modalityWarning } from './applicability'
import { isSuspicious } from './conformal'
import type { ScreenedImage } from './screener'

interface Circumstances {
  path: string
  alpha: number
  manifest: BundleManifest
  /** Path of the heatmap picture, relative to the output folder. */
  heatmap: string | null
}

export function scanResultOf(image: DecodedImage, screened: ScreenedImage, { path, alpha, manifest, heatmap }: Circumstances): ScanResult {
  const warning = modalityWarning(image, manifest) ?? deviceWarning(image, manifest)
  return {
    path,
    status: isSuspicious(screened.pValue, alpha) ? 'suspicious' : 'clean',
    score: screened.score,
    pValue: screened.pValue,
    before: screened.before,
    after: screened.after,
    heatmap,
    ...(image.frames > 1 && { frame: image.frame + 1, frames: image.frames }),
    ...(warning && { warning }),
    ...(screened.unfamiliar && { unfamiliar: true as const }),
  }
}
