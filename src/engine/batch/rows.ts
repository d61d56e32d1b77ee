/** A page of results by column, small enough to be sent and read in between two frames of a screen. */
import { batchStatuses, mostRows } from '../../shared/batch'
import type { BatchRows } from '../../shared/batch'
import type { ScanResult } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'

/** Entries of a list of different texts, in the order of their first use. */
class Different {
  readonly texts: string[] = []
  private readonly at = new Map<string, number>()

  place(text: string): number {
    const known = this.at.get(text)
    if (known !== undefined) return known
    this.at.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

/**
 * @param lines of results.jsonl
 * @param replaced line of an earlier result of the same file, for the lines that have one
 */
export function pageOfRows(lines: readonly ScanResult[], from: number, replaced: ReadonlyMap<number, number>, most = mostRows): BatchRows {
  const folders = new Different()
  const labels = new Different()
  const end = Math.min(lines.length, from + most)
  const page: BatchRows = {
    next: Math.max(from, end), more: end < lines.length,
    line: [], folders: folders.texts, folder: [], name: [], status: [], score: [], pValue: [], labels: labels.texts, before: [], after: [], at: [], gone: [], notes: [],
  }
  for (let line = from; line < end; line++) {
    const { path, status, score, pValue, before, after, at, error, frame, frames, withdrawn } = lines[line]!
    const replaces = replaced.get(line)
    if (withdrawn) {
      if (replaces !== undefined) page.gone.push(replaces)
      continue
    }
    const warning = doubtsOf(lines[line]!).join(' ') || undefined
    const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1
    const row = page.line.push(line) - 1
    page.folder.push(folders.place(path.slice(0, cut)))
    page.name.push(path.slice(cut))
    page.status.push(batchStatuses.indexOf(status))
    page.score.push(score)
    page.pValue.push(pValue)
    page.before.push(before ? labels.place(before.label) : -1)
    page.after.push(after ? labels.place(after.label) : -1)
    page.at.push(at ?? 0)
    if (error || warning !== undefined || frame !== undefined || replaces !== undefined)
      page.notes.push({ row, ...(error && { error }), ...(warning !== undefined && { warning }), ...(frame !== undefined && { frame }), ...(frames !== undefined && { frames }), ...(replaces !== undefined && { replaces }) })
  }
  return page
}
