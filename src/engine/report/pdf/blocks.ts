/** Each kind of block on the pages of a PDF. */
import type { Block } from '../document'
import { swatch } from '../plots/scene'
import { drawMatrices } from './matrices'
import { drawScene } from './scene'
import { colours, type Sheet, type TextStyle } from './sheet'
import { drawTable, leastTableHeight } from './table'

type Of<K extends Block['kind']> = Extract<Block, { kind: K }>

const body: TextStyle = { size: 9 }
const quiet: TextStyle = { size: 8, colour: colours.soft }
const headings: readonly TextStyle[] = [{ size: 13.5, bold: true }, { size: 10.5, bold: true }]

function heading(sheet: Sheet, { level, text }: Of<'heading'>): void {
  const style = headings[level - 1]!
  if (sheet.y > sheet.top) sheet.y += level === 1 ? 14 : 6
  if (level === 1) {
    sheet.rule(sheet.y, colours.line)
    sheet.y += 7
    sheet.doc.outline.addItem(text)
  }
  sheet.flow(text, style)
  sheet.y += 4
}

function notice(sheet: Sheet, { text, tone }: Of<'notice'>): void {
  const style: TextStyle = { size: 9.5, bold: true, colour: tone === 'alarm' ? colours.alarm : colours.ink }
  const lines = sheet.wrap(text, style, sheet.width - 16)
  const height = lines.length * sheet.lineHeight(style) + 8
  sheet.ensure(height)
  const width = Math.max(...lines.map((line) => sheet.widthOf(line, style))) + 16
  sheet.doc.roundedRect(sheet.left, sheet.y, width, height, 3).lineWidth(0.8).strokeColor(tone === 'alarm' ? colours.alarm : colours.line).stroke()
  lines.forEach((line, i) => sheet.line(line, sheet.left + 8, sheet.y + 4 + i * sheet.lineHeight(style), style))
  sheet.y += height + 8
}

function warnings(sheet: Sheet, { items }: Of<'warnings'>): void {
  const message: TextStyle = { size: 8.8, bold: true, colour: colours.alarm }
  const code: TextStyle = { size: 7, colour: colours.soft }
  const x = sheet.left + 14
  for (const item of items) {
    const lines = [...sheet.wrap(item.message, message, sheet.right - x - 8).map((text) => ({ text, style: message })), ...sheet.wrap(item.code, code, sheet.right - x - 8).map((text) => ({ text, style: code }))]
    const height = lines.reduce((sum, { style }) => sum + sheet.lineHeight(style), 0) + 9
    sheet.ensure(Math.min(height, sheet.bottom - sheet.top))
    sheet.doc.rect(sheet.left, sheet.y, sheet.width, Math.min(height, sheet.bottom - sheet.y)).fillColor(colours.alarmPaper).fill()
    sheet.doc.rect(sheet.left, sheet.y, 4, Math.min(height, sheet.bottom - sheet.y)).fillColor(colours.alarm).fill()
    sheet.y += 4.5
    for (const { text, style } of lines) {
      sheet.ensure(sheet.lineHeight(style))
      sheet.line(text, x, sheet.y, style)
      sheet.y += sheet.lineHeight(style)
    }
    sheet.y += 4.5 + 3
  }
  sheet.y += 3
}

function list(sheet: Sheet, { items }: Of<'list'>): void {
  for (const item of items) {
    sheet.ensure(sheet.lineHeight(body))
    sheet.line('•', sheet.left + 2, sheet.y, body)
    sheet.flow(item, body, { x: sheet.left + 13 })
    sheet.y += 2.5
  }
  sheet.y += 4
}

/** The term stands beside the first line of its value; both go on over pages. */
function facts(sheet: Sheet, { items, wide }: Of<'facts'>): void {
  const split = sheet.left + 128
  const term: TextStyle = wide ? { size: 8.5, bold: true } : { size: 8.5, colour: colours.soft }
  const value: TextStyle = { size: 8.5 }
  for (const item of items) {
    const terms = sheet.wrap(item.term, term, split - sheet.left - 10)
    const lines = sheet.wrap(item.value, value, sheet.right - split)
    const height = sheet.lineHeight(value)
    sheet.ensure(Math.min(Math.max(terms.length, lines.length), 6) * height)
    for (let i = 0; i < Math.max(terms.length, lines.length); i++) {
      sheet.ensure(height)
      if (terms[i] !== undefined) sheet.line(terms[i]!, sheet.left, sheet.y, term)
      if (lines[i] !== undefined) sheet.line(lines[i]!, split, sheet.y, value)
      sheet.y += height
    }
    sheet.y += 2
  }
  sheet.y += 5
}

/** Between plots that stand side by side. */
const gap = 10
const scaleOf = (sheet: Sheet, { scenes }: Of<'figure'>): number => (sheet.width - gap) / 2 / scenes[0]!.width

function figure(sheet: Sheet, block: Of<'figure'>): void {
  const { caption, scenes, legend } = block
  const scale = scaleOf(sheet, block)
  const rowHeight = scenes[0]!.height * scale
  const style: TextStyle = { size: 7.8 }
  const placed = legendPlaces(sheet, legend.map(({ name }) => name), style)
  const legendHeight = (placed.at(-1)!.row + 1) * 12
  const captionHeight = sheet.wrap(caption, quiet, sheet.width).length * sheet.lineHeight(quiet)
  for (let i = 0; i < scenes.length; i += 2) {
    sheet.ensure(rowHeight + (i + 2 >= scenes.length ? legendHeight + captionHeight + 6 : 0))
    scenes.slice(i, i + 2).forEach((scene, j) => drawScene(sheet, scene, sheet.left + j * (sheet.width + gap) / 2, sheet.y, scale))
    sheet.y += rowHeight + 2
  }
  placed.forEach(({ x, row }, i) => {
    drawScene(sheet, swatch(legend[i]!.style), x, sheet.y + row * 12 + 0.5)
    sheet.line(legend[i]!.name, x + 30, sheet.y + row * 12, style)
  })
  sheet.y += legendHeight + 3
  sheet.flow(caption, quiet)
  sheet.y += 9
}

function legendPlaces(sheet: Sheet, names: readonly string[], style: TextStyle): { x: number; row: number }[] {
  let x = sheet.left
  let row = 0
  return names.map((name) => {
    const width = 30 + sheet.widthOf(name, style)
    if (x > sheet.left && x + width > sheet.right) {
      x = sheet.left
      row++
    }
    const at = { x, row }
    x += width + 16
    return at
  })
}

function examples(sheet: Sheet, { caption, items }: Of<'examples'>): void {
  sheet.flow(caption, quiet)
  sheet.y += 5
  const gap = 8
  const title: TextStyle = { size: 8.5, bold: true }
  const small: TextStyle = { size: 7.4, colour: colours.soft }
  const answerStyle = (alarm: boolean): TextStyle => (alarm ? { ...small, colour: colours.alarm, bold: true } : small)
  for (const { title: name, detail, pictures } of items) {
    const side = Math.min(120, (sheet.width - 3 * gap) / 4)
    const across = pictures.map(({ picture }) => ({ width: side * Math.min(1, picture.width / picture.height), height: side * Math.min(1, picture.height / picture.width) }))
    const answers = pictures.map(({ detail: answer, alarm }) => sheet.wrapWithin(answer, answerStyle(alarm), side, 3))
    const captions = sheet.wrap(name, title, sheet.width).length * sheet.lineHeight(title) + sheet.wrap(detail, small, sheet.width).length * sheet.lineHeight(small)
    const tallest = Math.max(...across.map(({ height }) => height))
    sheet.ensure(captions + tallest + 24 + Math.max(...answers.map((lines) => lines.length)) * sheet.lineHeight(small))
    sheet.flow(name, title)
    sheet.flow(detail, small)
    sheet.y += 3
    pictures.forEach(({ title: of, alarm, picture }, i) => {
      const x = sheet.left + i * (side + gap)
      sheet.line(of, x, sheet.y, small)
      sheet.doc.image(Buffer.from(picture.png), x, sheet.y + 11, across[i]!)
      answers[i]!.forEach((line, j) => sheet.line(line, x, sheet.y + 14 + tallest + j * sheet.lineHeight(small), answerStyle(alarm)))
    })
    sheet.y += 14 + tallest + Math.max(...answers.map((lines) => lines.length)) * sheet.lineHeight(small) + 10
  }
}

function signature(sheet: Sheet, { fields }: Of<'signature'>): void {
  sheet.ensure(70)
  sheet.y += 46
  const gap = 18
  const width = (sheet.width - gap * (fields.length - 1)) / fields.length
  fields.forEach((field, i) => {
    const x = sheet.left + i * (width + gap)
    sheet.rule(sheet.y, colours.ink, 0.6, x, x + width)
    sheet.line(field, x, sheet.y + 4, quiet)
  })
  sheet.y += 18
}

const headingHeight = (level: number): number => headings[level - 1]!.size * 1.32 + (level === 1 ? 25 : 10)

/** Room that a block wants at the foot of a page to begin there. */
function leastHeight(sheet: Sheet, block: Block | undefined): number {
  switch (block?.kind) {
    case 'figure':
      return block.scenes[0]!.height * scaleOf(sheet, block) + 60
    case 'table':
      return leastTableHeight(sheet, block)
    case 'matrices':
      return 120
    case 'examples':
      return 220
    default:
      return 40
  }
}

/** Goes on to a new page where a heading would stand there without what it heads. @param next the heading and what follows */
export function keepTogether(sheet: Sheet, next: readonly Block[]): void {
  const first = next.findIndex(({ kind }) => kind !== 'heading')
  const heads = next.slice(0, Math.max(0, first)).reduce((sum, block) => sum + (block.kind === 'heading' ? headingHeight(block.level) : 0), 0)
  sheet.ensure(heads + leastHeight(sheet, next[first]))
}

export function drawBlock(sheet: Sheet, block: Block): void {
  switch (block.kind) {
    case 'heading':
      return heading(sheet, block)
    case 'paragraph': {
      sheet.flow(block.text, block.tone === 'lead' ? { size: 11, bold: true } : block.tone === 'quiet' ? quiet : body)
      sheet.y += 6
      return
    }
    case 'notice':
      return notice(sheet, block)
    case 'warnings':
      return warnings(sheet, block)
    case 'list':
      return list(sheet, block)
    case 'facts':
      return facts(sheet, block)
    case 'table':
      return drawTable(sheet, block)
    case 'figure':
      return figure(sheet, block)
    case 'matrices':
      sheet.flow(block.caption, quiet)
      sheet.y += 5
      return drawMatrices(sheet, block)
    case 'examples':
      return examples(sheet, block)
    case 'signature':
      return signature(sheet, block)
  }
}
