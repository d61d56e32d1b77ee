/**
 * A record as a line of text, chained to the one before: `hash` is SHA-256 over the line without its last field, and
 * `prev` is the hash of the line before. Changing, removing or inserting a line breaks the chain there.
 */
import { createHash } from 'node:crypto'
import { historyRecordSchema } from '../../shared/history'
import type { HistoryRecord } from '../../shared/history'

/** What a scan knows of a result; the book adds place, time and chain. */
export type HistoryEntry = Omit<HistoryRecord, 'seq' | 'prev' | 'hash' | 'file' | 'time'> & { path: string }

/** Before the first record. */
export const noHash = '0'.repeat(64)

const hashField = /,"hash":"([0-9a-f]{64})"\}$/

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The line without its line end, and its hash. */
export function lineOf(record: Omit<HistoryRecord, 'hash'>): { text: string; hash: string } {
  const body = JSON.stringify(record)
  const hash = sha256(body)
  return { text: `${body.slice(0, -1)},"hash":"${hash}"}`, hash }
}

/** The hash that a line should have by its own text; null where it has none at its end. */
export function hashOf(text: string): string | null {
  return hashField.test(text) ? sha256(text.replace(hashField, '}')) : null
}

/** Null for a line that is no record. */
export function parseRecord(text: string): HistoryRecord | null {
  try {
    return historyRecordSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
