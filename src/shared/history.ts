/**
 * The history of what was screened: its records, what is asked of it, and what checking its chain comes to.
 * docs/HISTORY.md describes the file.
 */
import { z } from 'zod'
import { scanResultSchema } from './types'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** One line of history.jsonl. `hash` is over the line's own text without it; `prev` is the `hash` of the line before. */
export const historyRecordSchema = z.object({
  /** From 1, without gaps. */
  seq: z.number().int().positive(),
  prev: sha256,
  /** ISO 8601, UTC. */
  time: z.string(),
  /** `mark`: the path under this installation's key, equal for equal paths; `path` only where the person wants it kept. */
  file: z.object({ mark: sha256, path: z.string().optional() }),
  /** Of the file's bytes; null where they could not be read. */
  sha256: sha256.nullable(),
  frame: z.number().int().positive().optional(),
  /** Where the result was written: job, and line of its results.jsonl counted from 0. */
  job: z.string(),
  line: z.number().int().nonnegative(),
  bundle: z.object({ id: z.string(), classifier: sha256, purifier: sha256 }),
  provider: z.string(),
  alpha: z.number(),
  status: scanResultSchema.shape.status,
  score: z.number().nullable(),
  pValue: z.number().nullable(),
  /** The classifier's answer on the scan, and on the purified scan. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** Code of the error of a file that could not be screened. */
  error: z.string().optional(),
  /** Why the verdict was not to be relied on, as it was said of the result. Absent for most, and in records of older versions. */
  warning: scanResultSchema.shape.warning,
  unfamiliar: scanResultSchema.shape.unfamiliar,
  /** Of Assay. */
  version: z.string(),
  hash: sha256,
})
export type HistoryRecord = z.infer<typeof historyRecordSchema>

const dayOrMoment = z.union([z.iso.date(), z.iso.datetime({ precision: 3 })], { error: 'give a day of the calendar, for example 2026-01-31' })

export const historyFilterSchema = z.object({
  /** Words in bundle, answers, verdict, warning, error, hashes or kept path; a whole path is found by its mark. */
  text: z.string().default(''),
  /** Days of UTC, `2026-01-31`, or moments, `2026-01-31T13:00:00.000Z`; both included. */
  from: dayOrMoment.optional(),
  to: dayOrMoment.optional(),
  bundle: z.string().optional(),
  status: scanResultSchema.shape.status.optional(),
})
export type HistoryFilter = z.infer<typeof historyFilterSchema>

/** A record as the page shows it. */
export const historyRowSchema = historyRecordSchema.extend({
  /** Path of the file, where the record or the job's own results still tell it. */
  path: z.string().nullable(),
  /** Its result can be opened: its job is still there. */
  opens: z.boolean(),
})
export type HistoryRow = z.infer<typeof historyRowSchema>

export const historyPageSchema = z.object({
  /** Records that there are, and those that the filter leaves. */
  total: z.number().int(),
  matched: z.number().int(),
  /** Newest first, from `offset` on. */
  rows: z.array(historyRowSchema),
  /** All bundles that occur. */
  bundles: z.array(z.string()),
  /** Where the file lies. */
  file: z.string(),
})
export type HistoryPage = z.infer<typeof historyPageSchema>

export const historyProblemSchema = z.object({
  /** Line of history.jsonl, counted from 1; null for what is no longer there at its end. */
  line: z.number().int().positive().nullable(),
  kind: z.enum(['damaged', 'changed', 'missing', 'inserted', 'replaced', 'head']),
  message: z.string(),
})
export type HistoryProblem = z.infer<typeof historyProblemSchema>

export const historyCheckSchema = z.object({
  intact: z.boolean(),
  records: z.number().int(),
  /** Of the last record: noted down elsewhere, it proves the whole file up to it. */
  head: z.string().nullable(),
  /** The first few. */
  problems: z.array(historyProblemSchema),
  problemCount: z.number().int(),
  /** The end was cut off while it was being written; the next scan drops that piece. */
  unfinished: z.boolean(),
})
export type HistoryCheck = z.infer<typeof historyCheckSchema>
