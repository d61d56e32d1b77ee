/** The reports for people, beside the records that they are made of. */
import { join } from 'node:path'
import { writeFileAtomic } from '../bundle/atomic'
import { htmlOf } from './html/page'
import type { ReportInput } from './input'
import { pdfOf } from './pdf/document'
import { documentOf } from './sections'

export const htmlFile = 'report.html'
export const pdfFile = 'report.pdf'

/**
 * Writes `report.html` and `report.pdf` into the folder, each replaced in one step.
 * @returns their paths
 * @throws AssayError output-not-writable, disk-full
 */
export async function writeReports(folder: string, input: ReportInput): Promise<string[]> {
  const document = documentOf(input)
  const [page, pdf] = [join(folder, htmlFile), join(folder, pdfFile)]
  await writeFileAtomic(page, htmlOf(document))
  await writeFileAtomic(pdf, await pdfOf(document))
  return [page, pdf]
}
