/** The files of the history, all in the data folder. */
import { join } from 'node:path'

export interface HistoryFiles {
  /** The records. */
  records: string
  /** Number and hash of the last record, to notice when the end of the file is missing. */
  head: string
  /** Held while records are appended. */
  lock: string
  /** Of this installation; file marks are made with it. */
  key: string
}

export const historyFiles = (dataFolder: string): HistoryFiles => ({
  records: join(dataFolder, 'history.jsonl'),
  head: join(dataFolder, 'history.head.json'),
  lock: join(dataFolder, 'history.lock'),
  key: join(dataFolder, 'history.key'),
})
