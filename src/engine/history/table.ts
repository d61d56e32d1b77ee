/** The history as files for other programs. */
import { csvTable, numberCell, textCell } from '../../shared/csv'
import type { HistoryRecord } from '../../shared/history'
import { researchUseOnly } from '../../shared/notice'
import { doubtsOf } from '../../shared/unfamiliar'

const header = ['record', 'time', 'file', 'file mark', 'file sha256', 'frame', 'verdict', 'score', 'p-value', 'alpha', 'before', 'after', 'error', 'bundle', 'classifier sha256', 'purifier sha256', 'provider', 'assay', 'job', 'result', 'previous hash', 'hash', 'warning']

export const historyCsv = (records: readonly HistoryRecord[]): string =>
  csvTable(
    header,
    records.map((record) => [
      numberCell(record.seq),
      record.time,
      textCell(record.file.path ?? ''),
      record.file.mark,
      record.sha256 ?? '',
      numberCell(record.frame),
      record.status,
      numberCell(record.score),
      numberCell(record.pValue),
      numberCell(record.alpha),
      textCell(record.before ?? ''),
      textCell(record.after ?? ''),
      textCell(record.error ?? ''),
      textCell(record.bundle.id),
      record.bundle.classifier,
      record.bundle.purifier,
      textCell(record.provider),
      textCell(record.version),
      textCell(record.job),
      numberCell(record.line),
      record.prev,
      record.hash,
      textCell(doubtsOf(record).join(' ')),
    ]),
  )

export const historyJson = (records: readonly HistoryRecord[]): string =>
  `${JSON.stringify({ format: 'assay-history/1', note: researchUseOnly, records }, null, 1)}\n`
