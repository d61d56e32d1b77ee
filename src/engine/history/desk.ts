/** The history taken up again: searched, exported, checked. For the History page and for `assay history`. */
import type { HistoryCheck, HistoryFilter, HistoryPage, HistoryRecord } from '../../shared/history'
import { GrowingLines } from '../bundle/line-log'
import { markKey, markOf } from './marks'
import { historyFiles } from './places'
import type { HistoryFiles } from './places'
import { parseRecord } from './record'
import { matcher } from './search'
import { historyCsv, historyJson } from './table'
import { verifyHistory } from './verify'

/** Path of a result's file, where its job's results are still there. */
export type ResultPath = (jobId: string, line: number) => Promise<string | null>

export class HistoryDesk {
  private readonly files: HistoryFiles
  private readonly lines: GrowingLines<HistoryRecord | null>

  constructor(
    dataFolder: string,
    private readonly pathOf: ResultPath = async () => null,
  ) {
    this.files = historyFiles(dataFolder)
    this.lines = new GrowingLines(this.files.records, parseRecord)
  }

  /** Records that a filter leaves, oldest first. Lines that are no records are left out here; `verify` names them. */
  async find(filter: HistoryFilter): Promise<HistoryRecord[]> {
    const fits = await this.matcherOf(filter)
    return (await this.all()).filter(fits)
  }

  async list({ offset, limit, ...filter }: HistoryFilter & { offset: number; limit: number }): Promise<HistoryPage> {
    const all = await this.all()
    if (all.length === 0) return { total: 0, matched: 0, rows: [], bundles: [], file: this.files.records }
    const fits = await this.matcherOf(filter)
    const matching = all.filter(fits).reverse()
    const key = await markKey(this.files)
    const rows = await Promise.all(
      matching.slice(offset, offset + limit).map(async (record) => {
        const found = await this.pathOf(record.job, record.line)
        // Another file may stand in that line by now, where a job's folder was used again.
        const opens = found !== null && markOf(found, key) === record.file.mark
        return { ...record, path: record.file.path ?? (opens ? found : null), opens }
      }),
    )
    const bundles = [...new Set(all.map(({ bundle }) => bundle.id))].sort()
    return { total: all.length, matched: matching.length, rows, bundles, file: this.files.records }
  }

  verify(): Promise<HistoryCheck> {
    return verifyHistory(this.files)
  }

  async export(format: 'csv' | 'json', filter: HistoryFilter): Promise<{ text: string; mediaType: string; fileName: string }> {
    const records = await this.find(filter)
    return format === 'csv'
      ? { text: historyCsv(records), mediaType: 'text/csv', fileName: 'assay-history.csv' }
      : { text: historyJson(records), mediaType: 'application/json', fileName: 'assay-history.json' }
  }

  private async all(): Promise<HistoryRecord[]> {
    return (await this.lines.read()).filter((record) => record !== null)
  }

  private async matcherOf(filter: HistoryFilter): Promise<(record: HistoryRecord) => boolean> {
    const key = filter.text.trim() === '' ? '' : await markKey(this.files)
    return matcher(filter, (path) => markOf(path, key))
  }
}
