/** The results of a scan, or those that are shown of them, as a file to keep. */
import { researchUseOnly } from '../../shared/notice'
import type { ScanResult } from '../../shared/types'
import { batchPdf } from '../report/batch-pdf'
import { answersTable } from './results-table'
import type { ScanRecord } from './scan-folder'
import { countResults } from './scan-job'

interface About {
  record: ScanRecord
  /** What was left out, in words; empty when nothing was. */
  filter: string
  /** Of Assay. */
  version: string
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export async function batchFile(format: 'csv' | 'json' | 'pdf', results: readonly ScanResult[], { record, filter, version }: About): Promise<{ bytes: Uint8Array; mediaType: string; fileName: string }> {
  const { bundle, alpha, provider, started } = record
  switch (format) {
    case 'csv':
      return { bytes: utf8(answersTable(results)), mediaType: 'text/csv', fileName: 'assay-batch.csv' }
    case 'json': {
      const document = { format: 'assay-batch/1', note: researchUseOnly, version, bundle, alpha, provider, started, filter, counts: countResults(results), files: results }
      return { bytes: utf8(`${JSON.stringify(document, null, 1)}\n`), mediaType: 'application/json', fileName: 'assay-batch.json' }
    }
    case 'pdf': {
      const bytes = await batchPdf({ results, counts: countResults(results), bundle, alpha, provider, started, filter, author: `Assay ${version}`, note: researchUseOnly })
      return { bytes, mediaType: 'application/pdf', fileName: 'assay-batch.pdf' }
    }
  }
}
