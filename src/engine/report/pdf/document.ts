/** `report.pdf`: the same blocks as `report.html`, on A4. */
import type { ReportDocument } from '../document'
import { dateText } from '../text'
import { drawBlock, keepTogether } from './blocks'
import { colours, Sheet } from './sheet'

export async function pdfOf(report: ReportDocument): Promise<Uint8Array> {
  const sheet = await Sheet.create(report)
  sheet.flow(report.title, { size: 19, bold: true })
  sheet.flow(`${report.author}, ${dateText(report.date)}`, { size: 8.5, colour: colours.soft })
  sheet.y += 8
  report.blocks.forEach((block, i) => {
    if (block.kind === 'heading' && report.blocks[i - 1]?.kind !== 'heading') keepTogether(sheet, report.blocks.slice(i))
    drawBlock(sheet, block)
  })
  return sheet.finish()
}
