/** What a report is made of: the numbers of an audit, a few images of it, and how it was made. */
import type { AttackDescription, AttackedRecord, AuditReport, AuditRun, ImageRecord } from '../../shared/audit'

/** An image that was made wrong. Pixels are [C, H, W] at the model's size. */
export interface ReportExample {
  image: Pick<ImageRecord, 'path' | 'label' | 'clean'>
  run: Pick<AuditRun, 'threat' | 'attack' | 'variant' | 'norm' | 'epsilon'>
  record: Pick<AttackedRecord, 'attacked' | 'linf' | 'l2' | 'queries'>
  /** Behind which the answer was made wrong. */
  defence: string
  /** Fooled the pipeline without being flagged at α. */
  evaded: boolean
  /** In [0, 1]. */
  clean: Float32Array
  attacked: Float32Array
  /** The attacked image after the purifier; null where there is none. */
  purified: Float32Array | null
  /** attacked − clean. */
  difference: Float32Array
}

export interface Provenance {
  /** When the audit was begun, ISO 8601: the date of the report. */
  started: string
  /** Folder of the audit that attacked images were taken from; null where all were attacked here. */
  attacked: string | null
  /** All runs, the checks among them. */
  runs: readonly AuditRun[]
  /** Of the attacks that were made. */
  attacks: readonly Pick<AttackDescription, 'name' | 'title' | 'reference' | 'access' | 'minimumNorm' | 'random' | 'parameters'>[]
}

export interface ReportInput {
  report: AuditReport
  examples: readonly ReportExample[]
  /** A sentence, where examples could not be had. */
  whyNoExamples?: string
  provenance: Provenance
}
