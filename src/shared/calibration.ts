/** What `assay calibrate` reports: `--json` prints it whole, the terminal its summary. */
import type { Choice, Detector } from './bundle'
import type { SerializedError } from './errors'

export interface CalibrationReport {
  bundle: string
  /** Scans that were read, and those of them behind the p-values. */
  scans: number
  calibrationCount: number
  /** What the detector looks at, how that becomes one number, and both in a sentence. */
  scores: Detector['scores']
  combine: Detector['combine']
  sentence: string
  /** What was measured to choose the scores; null where they were not chosen. */
  choice: Choice | null
  heatmapUsual: number
  warnings: string[]
  failures: { path: string; error: SerializedError }[]
}
