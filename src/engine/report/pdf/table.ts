/** Tables that go on over pages: the head is repeated, a row is never torn, and a group says its name again. */
import type { Block, Cell, Column, RowGroup } from '../document'
import { colours, type Sheet, type TextStyle } from './sheet'

type TableBlock = Extract<Block, { kind: 'table' }>

const captionStyle: TextStyle = { size: 8, colour: colours.soft }
const headStyle: TextStyle = { size: 6.5, bold: true, colour: colours.soft }
const textStyle: TextStyle = { size: 7.6 }
const detailStyle: TextStyle = { size: 6.6, colour: colours.soft }
const padding = { x: 3, y: 2.2 }
/** Lines of one cell at most; what is longer ends in an ellipsis. */
const mostLines = 14

interface Line {
  text: string
  style: TextStyle
}

function linesOf(sheet: Sheet, { text, detail, tone }: Cell, width: number): Line[] {
  const style: TextStyle = { ...textStyle, ...(tone === 'strong' && { bold: true }), ...(tone === 'quiet' && { colour: colours.soft }) }
  return [
    ...sheet.wrapWithin(text, style, width, mostLines).map((line) => ({ text: line, style })),
    ...(detail === undefined ? [] : sheet.wrapWithin(detail, detailStyle, width, mostLines).map((line) => ({ text: line, style: detailStyle }))),
  ]
}

class Table {
  private readonly edges: number[]

  constructor(
    private readonly sheet: Sheet,
    private readonly columns: readonly Column[],
  ) {
    const total = columns.reduce((sum, { weight }) => sum + weight, 0)
    let x = sheet.left
    this.edges = [x, ...columns.map(({ weight }) => (x += (sheet.width * weight) / total))]
  }

  private inner = (i: number): number => this.edges[i + 1]! - this.edges[i]! - 2 * padding.x
  private heightOf = (lines: readonly Line[]): number => lines.reduce((sum, { style }) => sum + this.sheet.lineHeight(style), 0)

  private put(lines: readonly Line[], i: number, top: number): void {
    const right = this.columns[i]!.align === 'right'
    let y = top
    for (const { text, style } of lines) {
      this.sheet.line(text, right ? this.edges[i + 1]! - padding.x : this.edges[i]! + padding.x, y, style, right ? 'right' : 'left')
      y += this.sheet.lineHeight(style)
    }
  }

  private heads(): { cells: Line[][]; height: number } {
    const cells = this.columns.map(({ title }, i) => this.sheet.wrap(title, headStyle, this.inner(i)).map((text) => ({ text, style: headStyle })))
    return { cells, height: Math.max(...cells.map(this.heightOf)) + padding.y + 2 }
  }

  head(): void {
    const { cells, height } = this.heads()
    cells.forEach((lines, i) => this.put(lines, i, this.sheet.y + height - padding.y - this.heightOf(lines)))
    this.sheet.y += height
    this.sheet.rule(this.sheet.y, colours.line, 1)
    this.sheet.y += 1
  }

  measure({ name, detail, rows }: RowGroup): { name: Line[]; rows: { cells: Line[][]; height: number }[]; height: number } {
    const label = linesOf(this.sheet, { text: name, tone: 'strong', ...(detail !== undefined && { detail }) }, this.inner(0))
    const measured = rows.map((row) => {
      const cells = row.map((cell, i) => linesOf(this.sheet, cell, this.inner(i + 1)))
      return { cells, height: Math.max(...cells.map(this.heightOf)) + 2 * padding.y }
    })
    // A name that is taller than its rows makes room in the last of them.
    const last = measured.at(-1)!
    last.height += Math.max(0, this.heightOf(label) + 2 * padding.y - measured.reduce((sum, row) => sum + row.height, 0))
    return { name: label, rows: measured, height: measured.reduce((sum, row) => sum + row.height, 0) }
  }

  group(group: RowGroup): void {
    if (group.rows.length === 0) return
    const { sheet } = this
    const { name, rows, height } = this.measure(group)
    const page = sheet.bottom - sheet.top
    const nameHeight = this.heightOf(name) + 2 * padding.y
    // Small groups stay together; large ones may be torn between rows, but not right behind their name.
    if (sheet.ensure(height < page / 2.5 ? height : Math.max(nameHeight, rows[0]!.height))) this.head()
    let named = false
    for (const { cells, height: rowHeight } of rows) {
      if (sheet.ensure(rowHeight)) {
        this.head()
        named = false
      }
      if (!named) this.put(name, 0, sheet.y + padding.y)
      named = true
      cells.forEach((lines, i) => this.put(lines, i + 1, sheet.y + padding.y))
      sheet.y += rowHeight
    }
    sheet.rule(sheet.y, colours.grid, 0.6)
  }
}

/** Caption, head and first group. */
export function leastTableHeight(sheet: Sheet, { caption, columns, groups }: TableBlock): number {
  const first = groups.find(({ rows }) => rows.length)
  const firstHeight = first ? Math.min(new Table(sheet, columns).measure(first).height, (sheet.bottom - sheet.top) / 2.5) : 0
  return sheet.wrap(caption, captionStyle, sheet.width).length * sheet.lineHeight(captionStyle) + 40 + firstHeight
}

export function drawTable(sheet: Sheet, block: TableBlock): void {
  const { caption, columns, groups } = block
  const table = new Table(sheet, columns)
  sheet.ensure(leastTableHeight(sheet, block))
  sheet.y += 4
  sheet.flow(caption, captionStyle)
  sheet.y += 3
  table.head()
  for (const group of groups) table.group(group)
  sheet.y += 10
}
