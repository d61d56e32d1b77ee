/** What the page about one screened scan says, from its result and the record of its scan. */
import { basename } from 'node:path'
import type { ScanResult } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'
import type { ScreeningPage } from '../report/screening-pdf'
import { lookInWords, turnedAspect } from '../screening/picture'
import type { Screener } from '../screening/screener'
import { openFrame, panelsOf, requireRead, verdictOfResult } from '../screening/view'
import type { PictureOptions } from '../screening/view'
import type { ScanRecord } from './scan-folder'

/** @throws AssayError like openScan */
export async function screeningPage(scanned: ScanResult, { alpha, started, provider }: Pick<ScanRecord, 'alpha' | 'started' | 'provider'>, screener: Screener, version: string, options: PictureOptions): Promise<ScreeningPage> {
  const { manifest } = screener.bundle
  const opened = await openFrame(scanned, alpha, screener, options.frame)
  const { path, pValue, score, before, after, frame, frames } = requireRead(opened.result)
  const { calibration } = manifest.detector
  return {
    fileName: basename(path),
    ...verdictOfResult(opened.result, alpha, manifest),
    suspicious: pValue <= alpha,
    warnings: doubtsOf(opened.result),
    panels: panelsOf(opened, manifest, options),
    aspect: turnedAspect(opened.scan.description, options.orientation),
    classes: manifest.classes,
    before: before.probabilities,
    after: after.probabilities,
    facts: [
      ...(frames ? [{ term: 'Frame', value: `${frame} of ${frames}` }] : []),
      { term: 'p-value', value: `${pValue.toPrecision(3)}: an untouched scan looks at least this unusual with this probability` },
      { term: 'Threshold', value: `flagged at p ≤ α = ${alpha}` },
      { term: 'Score', value: score.toFixed(2) },
      { term: 'Calibrated on', value: `${calibration.scores.length} untouched scans` },
      { term: 'Bundle', value: `${manifest.name} (${manifest.id})` },
      { term: 'Classifier, SHA-256', value: manifest.classifier.sha256 },
      { term: 'Purifier, SHA-256', value: manifest.purifier.sha256 },
      { term: 'Computed on', value: provider },
      ...lookInWords(options.orientation, options.heatLook, options.opacity).map((value) => ({ term: 'Pictures', value })),
      ...opened.image.facts.map(({ label, value }) => ({ term: label, value })),
    ],
    author: `Assay ${version}`,
    date: started,
  }
}
