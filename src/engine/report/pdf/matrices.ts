/** Confusion tables side by side, as heat tables. */
import type { Block } from '../document'
import { matrixLabels, shareOfRow } from '../matrix'
import { colours, type Sheet, type TextStyle } from './sheet'

type MatricesBlock = Extract<Block, { kind: 'matrices' }>

const style: TextStyle = { size: 7.2 }
const small: TextStyle = { size: 6.4, colour: colours.soft }
const title: TextStyle = { size: 7.6, bold: true }
const field = { height: 17, gap: 18 }
/** Lines of a label or title at most. */
const most = 3

/** White to the blue of the page's heat. */
const shade = (share: number): string => `#${[0, 90, 160].map((full) => Math.round(255 + (full - 255) * 0.9 * share).toString(16).padStart(2, '0')).join('')}`

export function drawMatrices(sheet: Sheet, { classes, items }: MatricesBlock): void {
  const { rows, columns } = matrixLabels(classes)
  const side = columns.length <= 4 ? 50 : 28
  const label = Math.min(110, Math.max(...rows.map((name) => sheet.widthOf(name, small))) + 6)
  const width = label + columns.length * side
  const across = Math.max(1, Math.floor((sheet.width + field.gap) / (width + field.gap)))
  const heads = columns.map((name) => sheet.wrapWithin(name, small, side - 4, most))
  const headHeight = Math.max(...heads.map((lines) => lines.length)) * sheet.lineHeight(small) + 4

  for (let start = 0; start < items.length; start += across) {
    const row = items.slice(start, start + across)
    const titles = row.map((item) => sheet.wrapWithin(item.title, title, width, most))
    const titleHeight = Math.max(...titles.map((lines) => lines.length)) * sheet.lineHeight(title) + 3
    const height = titleHeight + headHeight + rows.length * field.height
    sheet.ensure(height + 6)
    row.forEach((item, i) => {
      const x = sheet.left + i * (width + field.gap)
      titles[i]!.forEach((line, j) => sheet.line(line, x, sheet.y + j * sheet.lineHeight(title), title))
      const top = sheet.y + titleHeight + headHeight
      heads.forEach((lines, column) => lines.forEach((line, j) => sheet.line(line, x + label + (column + 0.5) * side, top - 4 - (lines.length - j) * sheet.lineHeight(small), small, 'middle')))
      item.counts.forEach((counts, at) => {
        const y = top + at * field.height
        const name = sheet.wrapWithin(rows[at] ?? '', small, label - 5, 2)
        name.forEach((line, j) => sheet.line(line, x + label - 5, y + field.height / 2 - (name.length * sheet.lineHeight(small)) / 2 + j * sheet.lineHeight(small), small, 'right'))
        counts.forEach((count, column) => {
          const share = shareOfRow(counts, count)
          sheet.doc.rect(x + label + column * side, y, side, field.height).fillColor(shade(share)).fill()
          sheet.line(String(count), x + label + (column + 0.5) * side, y + 4.4, { ...style, colour: share > 0.55 ? '#ffffff' : colours.ink }, 'middle')
        })
      })
      sheet.doc.rect(x + label, top, columns.length * side, rows.length * field.height).lineWidth(0.6).strokeColor(colours.line).stroke()
    })
    sheet.y += height + 14
  }
}
