/** Which records a filter leaves. */
import type { HistoryFilter, HistoryRecord } from '../../shared/history'
import { doubtsOf } from '../../shared/unfamiliar'

/** All that is said about a record, in small letters. */
const wordsOf = ({ file, sha256, bundle, provider, status, before, after, error, hash, job, ...doubted }: HistoryRecord): string =>
  [file.path, file.mark, sha256, bundle.id, bundle.classifier, bundle.purifier, provider, status, before, after, error, ...doubtsOf(doubted), hash, job].filter(Boolean).join('\n').toLowerCase()

/** @param mark makes the mark of a path that was typed in full */
export function matcher({ text, from, to, bundle, status }: HistoryFilter, mark: (path: string) => string): (record: HistoryRecord) => boolean {
  const asked = text.trim()
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean)
  const marked = asked === '' ? '' : mark(asked)
  return (record) => {
    // Text sorts as time does, and a day before every moment in it.
    if (from !== undefined && record.time < from) return false
    if (to !== undefined && record.time.slice(0, to.length) > to) return false
    if (bundle !== undefined && record.bundle.id !== bundle) return false
    if (status !== undefined && record.status !== status) return false
    if (words.length === 0 || record.file.mark === marked) return true
    const all = wordsOf(record)
    return words.every((word) => all.includes(word))
  }
}
