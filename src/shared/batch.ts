/**
 * What the Batch page and the engine say to each other: scans of many files. Results travel in pages and by column, so
 * that 20,000 of them block neither end.
 */
import { z } from 'zod'
import { serializedErrorSchema } from './error-schema'
import { jobStateSchema } from './types'
import type { ScanResult } from './types'

/** Most results of one page. */
export const mostRows = 2000

export const batchCountSchema = z.object({
  /** Files that would be screened. */
  files: z.number().int(),
  /** The first few of what was named and cannot be used. */
  unreadable: z.array(z.object({ path: z.string(), error: serializedErrorSchema })),
  unreadableCount: z.number().int(),
})
export type BatchCount = z.infer<typeof batchCountSchema>

/** A scan as the list of batches shows it. Times are milliseconds since 1970. */
export const batchSummarySchema = z.object({
  jobId: z.string(),
  title: z.string(),
  state: jobStateSchema,
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  bundle: z.string(),
  alpha: z.number(),
  /** The first few of what was asked for, and how many there were. */
  paths: z.array(z.string()),
  pathCount: z.number().int(),
  /** Where the results are; null for a scan that failed before it had a folder. */
  out: z.string().nullable(),
  done: z.number().int(),
  total: z.number().int(),
  /** "3 suspicious, 1 could not be read". */
  message: z.string(),
  error: serializedErrorSchema.optional(),
})
export type BatchSummary = z.infer<typeof batchSummarySchema>

export const batchStatuses = ['clean', 'suspicious', 'error'] as const satisfies readonly ScanResult['status'][]
export type BatchStatus = (typeof batchStatuses)[number]

/** A page of results, by column: entry i of each list belongs to the same file. */
export const batchRowsSchema = z.object({
  /** Line of results.jsonl to ask from next time. */
  next: z.number().int(),
  /** There is more already. */
  more: z.boolean(),
  /** Line of results.jsonl, which is the number behind the colon of a result's id. */
  line: z.array(z.number().int()),
  /** Path = folders[folder] + name. */
  folders: z.array(z.string()),
  folder: z.array(z.number().int()),
  name: z.array(z.string()),
  /** Index into `batchStatuses`. */
  status: z.array(z.number().int()),
  score: z.array(z.number().nullable()),
  pValue: z.array(z.number().nullable()),
  /** Index into `labels`; -1 where there is no answer. */
  labels: z.array(z.string()),
  before: z.array(z.number().int()),
  after: z.array(z.number().int()),
  /** When it was screened, milliseconds since 1970; 0 where that was not kept. */
  at: z.array(z.number()),
  /** Lines whose results count no more, with none in their place. */
  gone: z.array(z.number().int()),
  /** What only some have; `row` is the place in the lists above. */
  notes: z.array(
    z.object({
      row: z.number().int(),
      error: serializedErrorSchema.optional(),
      warning: z.string().optional(),
      frame: z.number().int().optional(),
      frames: z.number().int().optional(),
      /** Line of an earlier result of the same file, in whose place this one stands. */
      replaces: z.number().int().optional(),
    }),
  ),
})
export type BatchRows = z.infer<typeof batchRowsSchema>

export const batchExportSchema = z.object({
  jobId: z.string(),
  format: z.enum(['csv', 'json', 'pdf']),
  /** Lines of results.jsonl, in the order in which they are shown. */
  lines: z.array(z.number().int().nonnegative()),
  /** What was left out, in words, for the page that people read: "suspicious only". Empty when nothing was. */
  filter: z.string(),
})
