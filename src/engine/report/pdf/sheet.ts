/**
 * Pages of a PDF to write on from top to bottom: text that is wrapped and goes on to the next page, and room that is
 * asked for before something is drawn that must not be torn. Equal calls give equal bytes.
 */
import { researchUseOnly } from '../../../shared/notice'
import { codePointText, visible } from '../../../shared/visible'
import { loadFonts } from './fonts'

export interface TextStyle {
  size: number
  bold?: boolean
  colour?: string
}

export const colours = { ink: '#14181f', soft: '#515b69', grid: '#dde1e7', line: '#b9c0ca', alarm: '#a4262c', alarmPaper: '#fdf1f1', accent: '#0b5cad' }

export interface SheetInfo {
  title: string
  subject: string
  author: string
  /** ISO 8601. */
  date: string
  /** At the foot of each page. */
  foot: string
}

interface Glyphs {
  hasGlyphForCodePoint(codePoint: number): boolean
}

const page = { width: 595.28, height: 841.89 }
const footSize = 7.5

export class Sheet {
  readonly left = 42
  readonly right = page.width - 42
  readonly top = 44
  readonly bottom = page.height - 56
  /** Upper edge of what comes next. */
  y = this.top
  private readonly shown = new Map<string, string>()
  private readonly chunks: Buffer[] = []

  private constructor(
    readonly doc: PDFKit.PDFDocument,
    private readonly info: SheetInfo,
    private readonly glyphs: Glyphs,
  ) {
    doc.on('data', (chunk: Buffer) => this.chunks.push(chunk))
  }

  static async create(info: SheetInfo): Promise<Sheet> {
    // Loaded when a page is first asked for: most starts of the engine never do.
    const [{ default: PDFDocument }, { regular, bold }] = await Promise.all([import('pdfkit'), loadFonts()])
    const date = new Date(info.date)
    const doc = new PDFDocument({
      size: [page.width, page.height],
      margin: 0,
      bufferPages: true,
      font: '',
      lang: 'en',
      displayTitle: true,
      info: { Title: visible(info.title), Subject: visible(info.subject), Author: visible(info.author), Creator: visible(info.author), Keywords: researchUseOnly, CreationDate: date, ModDate: date },
    })
    doc.registerFont('regular', regular)
    doc.registerFont('bold', bold)
    // pdfkit's types do not speak of the font that it has read.
    const { _font } = doc.font('regular') as unknown as { _font: { font: Glyphs } }
    return new Sheet(doc, info, _font.font)
  }

  get width(): number {
    return this.right - this.left
  }

  /** Text with visible stand-ins for what the font does not have. */
  private printable(text: string): string {
    const known = this.shown.get(text)
    if (known !== undefined) return known
    const out = Array.from(visible(text), (character) => (this.glyphs.hasGlyphForCodePoint(character.codePointAt(0)!) ? character : codePointText(character))).join('')
    this.shown.set(text, out)
    return out
  }

  private use({ size, bold }: TextStyle): void {
    this.doc.font(bold ? 'bold' : 'regular').fontSize(size)
  }

  widthOf(text: string, style: TextStyle): number {
    this.use(style)
    return this.doc.widthOfString(this.printable(text))
  }

  lineHeight = ({ size }: TextStyle): number => size * 1.32

  /** Lines no wider than `width`. Words that are wider are broken, behind punctuation where there is some. */
  wrap(text: string, style: TextStyle, width: number): string[] {
    this.use(style)
    const measure = (piece: string): number => this.doc.widthOfString(piece)
    const space = measure(' ')
    const lines: string[] = []
    let line = ''
    let used = 0
    for (const word of this.printable(text).split(' ')) {
      for (const piece of measure(word) <= width ? [word] : broken(word, width, measure)) {
        const wide = measure(piece)
        if (line !== '' && used + space + wide > width) {
          lines.push(line)
          line = piece
          used = wide
        } else {
          used += (line === '' ? 0 : space) + wide
          line = line === '' ? piece : `${line} ${piece}`
        }
      }
    }
    return [...lines, line]
  }

  /** What `wrap` gives, as far as `most` lines go: what is cut off is told by an ellipsis. */
  wrapWithin(text: string, style: TextStyle, width: number, most: number): string[] {
    const lines = this.wrap(text, style, width)
    if (lines.length <= most) return lines
    const last = Array.from(lines[most - 1]!)
    while (last.length > 0 && this.widthOf(`${last.join('')}…`, style) > width) last.pop()
    return [...lines.slice(0, most - 1), `${last.join('')}…`]
  }

  /** Goes on to a new page unless there is room for `height`. @returns whether it did */
  ensure(height: number): boolean {
    if (this.y + height <= this.bottom || this.y === this.top) return false
    this.newPage()
    return true
  }

  newPage(): void {
    this.doc.addPage()
    this.y = this.top
  }

  /** One line that has been wrapped, its upper edge at `y`. */
  line(text: string, x: number, y: number, style: TextStyle, align: 'left' | 'right' | 'middle' = 'left'): void {
    const width = align === 'left' ? 0 : this.widthOf(text, style)
    this.use(style)
    this.doc.fillColor(style.colour ?? colours.ink).text(this.printable(text), align === 'left' ? x : align === 'right' ? x - width : x - width / 2, y, { lineBreak: false })
  }

  /** Lines from the current place on, over as many pages as they need. */
  flow(text: string, style: TextStyle, { x = this.left, width = this.right - x }: { x?: number; width?: number } = {}): void {
    for (const line of this.wrap(text, style, width)) {
      this.ensure(this.lineHeight(style))
      this.line(line, x, this.y, style)
      this.y += this.lineHeight(style)
    }
  }

  rule(y: number, colour: string, width = 0.7, from = this.left, to = this.right): void {
    this.doc.moveTo(from, y).lineTo(to, y).lineWidth(width).strokeColor(colour).stroke()
  }

  /** Feet on all pages, and the bytes. */
  async finish(): Promise<Uint8Array> {
    const { count } = this.doc.bufferedPageRange()
    const style: TextStyle = { size: footSize, colour: colours.soft }
    for (let i = 0; i < count; i++) {
      this.doc.switchToPage(i)
      const numbers = count > 1 ? `page ${i + 1} of ${count}` : ''
      const y = page.height - 38
      this.rule(y - 5, colours.grid)
      this.line(this.wrapWithin(this.info.foot, style, this.width - this.widthOf(numbers, style) - 20, 1)[0]!, this.left, y, style)
      if (numbers) this.line(numbers, this.right, y, style, 'right')
    }
    const ended = new Promise<void>((resolve, reject) => void this.doc.on('end', resolve).on('error', reject))
    this.doc.end()
    await ended
    return new Uint8Array(Buffer.concat(this.chunks))
  }
}

/** Pieces of a word that is too wide for a line. */
function broken(word: string, width: number, measure: (text: string) => number): string[] {
  const characters = Array.from(word)
  const pieces: string[] = []
  for (let start = 0; start < characters.length; ) {
    const piece = characters.slice(start, start + fitting(characters, start, width, measure))
    // A break behind punctuation in the last third reads better than one anywhere.
    const cut = piece.findLastIndex((character) => '/\\_-.:,'.includes(character)) + 1
    const length = start + piece.length < characters.length && cut > (2 * piece.length) / 3 ? cut : piece.length
    pieces.push(piece.slice(0, length).join(''))
    start += length
  }
  return pieces
}

/** How many characters from `start` on fit, at least one. */
function fitting(characters: readonly string[], start: number, width: number, measure: (text: string) => number): number {
  const fits = (count: number): boolean => measure(characters.slice(start, start + count).join('')) <= width
  let high = 8
  while (start + high < characters.length && fits(high)) high *= 2
  high = Math.min(high, characters.length - start)
  if (fits(high)) return high
  let low = 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
