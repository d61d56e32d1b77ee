/**
 * Bytes that wait behind handles until a front fetches them: pixel planes and files made for saving. The oldest go
 * first once the store is over its budget, so a day of clicking through scans does not fill the memory.
 */
import { randomUUID } from 'node:crypto'
import type { StoredBytes } from '../shared/contract'
import { AssayError } from '../shared/errors'
import type { ByteStore } from './jobs/definition'

export interface ReadableByteStore extends ByteStore {
  /** @throws AssayError `result-not-found` when the handle is unknown or was pushed out. */
  get(id: string): StoredBytes
}

/** The newest entry always stays, however large it is. */
export function createByteStore(budgetBytes = 512 * 2 ** 20): ReadableByteStore {
  // A Map remembers the order of insertion; reading an entry moves it to the young end.
  const entries = new Map<string, StoredBytes>()
  let total = 0

  return {
    put(entry) {
      const id = randomUUID()
      entries.set(id, entry)
      total += entry.bytes.byteLength
      for (const [oldest, { bytes }] of entries) {
        if (total <= budgetBytes || oldest === id) break
        entries.delete(oldest)
        total -= bytes.byteLength
      }
      return id
    },
    get(id) {
      const entry = entries.get(id)
      if (!entry) throw new AssayError('result-not-found', 'These pixels are no longer kept; open the scan again.')
      entries.delete(id)
      entries.set(id, entry)
      return entry
    },
  }
}
