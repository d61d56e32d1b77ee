/** `report.pdf`: the same blocks as `report.html`, on A4. */
import type { ReportDocument } from '../document'
import { drawBlock } from './blocks'
import { colours, Sheet } from './sheet'

export async function pdfOf(report: ReportDocument): Promise<Uint8Array> {
  const sheet = await Sheet.create(report)
  sheet.flow(report.title, { size: 19, bold: true })
  sheet.flow(`${report.author}, ${report.date}`, { size: 8.5, colour: colours.soft })
  sheet.y += 8
  for (const block of report.blocks) drawBlock(sheet, block)
  return sheet.finish()
}
