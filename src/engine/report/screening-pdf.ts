/** One screened scan on one page, for a radiologist to keep: the verdict in words, the three pictures, the answers. */
import { researchUseOnly } from '../../shared/notice'
import { probabilityText } from '../../shared/percent'
import { pictureOfRgb } from './pictures'
import { drawBlock } from './pdf/blocks'
import { colours, Sheet, type TextStyle } from './pdf/sheet'
import { dateText } from './text'

export interface ScreeningPage {
  fileName: string
  headline: string
  detail: string
  suspicious: boolean
  /** What makes the verdict doubtful. */
  warnings: readonly string[]
  /** Side by side, all of one size; RGB of 8 bits. */
  panels: readonly { title: string; picture: { width: number; height: number; rgb: Uint8Array } }[]
  /** Height of a pixel divided by its width. */
  aspect: number
  classes: readonly string[]
  /** Probabilities of the classes. */
  before: readonly number[]
  after: readonly number[]
  facts: readonly { term: string; value: string }[]
  author: string
  /** When it was screened, ISO 8601. */
  date: string
}

/** Of the pictures in the file, on the longer side. */
const pixels = 900
/** Classes that are listed; the most probable ones of a model with more. */
const listed = 8
const gap = 8

const titleStyle: TextStyle = { size: 15, bold: true }
const quiet: TextStyle = { size: 8, colour: colours.soft }

function panels(sheet: Sheet, { panels: all, aspect }: ScreeningPage): void {
  const side = (sheet.width - gap * (all.length - 1)) / all.length
  const { width, height } = all[0]!.picture
  // Tall pictures must leave room for the text below them.
  const scale = Math.min(side / width, 260 / (height * aspect))
  const size = { width: width * scale, height: height * aspect * scale }
  sheet.ensure(size.height + 14)
  all.forEach(({ title, picture }, i) => {
    const x = sheet.left + i * (side + gap)
    sheet.line(title, x, sheet.y, quiet)
    sheet.doc.image(Buffer.from(pictureOfRgb(picture, pixels).png), x, sheet.y + 12, size)
  })
  sheet.y += size.height + 22
}

/** Sign, number and unit on one line. */
const probability = (share: number): string => probabilityText(share, 1).replaceAll(' ', '\u00a0')

function answers({ classes, before, after }: ScreeningPage): { name: string; rows: { text: string }[][] }[] {
  const order = classes.map((_, i) => i).sort((a, b) => Math.max(before[b]!, after[b]!) - Math.max(before[a]!, after[a]!) || a - b)
  const shown = classes.length > listed ? order.slice(0, listed) : classes.map((_, i) => i)
  return shown.map((i) => ({ name: classes[i]!, rows: [[{ text: probability(before[i]!) }, { text: probability(after[i]!) }]] }))
}

export async function screeningPdf(page: ScreeningPage): Promise<Uint8Array> {
  const { fileName, headline, detail, suspicious, warnings, facts, author, date, classes } = page
  const sheet = await Sheet.create({ title: `Screening of ${fileName}`, subject: headline, author, date, foot: researchUseOnly })
  sheet.flow(`Screening of ${fileName}`, titleStyle)
  sheet.flow(`${author}, ${dateText(date)}`, quiet)
  sheet.y += 6
  drawBlock(sheet, { kind: 'notice', text: researchUseOnly, tone: 'plain' })
  sheet.flow(headline, { size: 12, bold: true, colour: suspicious ? colours.alarm : colours.ink })
  sheet.y += 2
  sheet.flow(detail, { size: 9 })
  sheet.y += 6
  for (const text of warnings) drawBlock(sheet, { kind: 'notice', text, tone: 'alarm' })
  sheet.y += 4
  panels(sheet, page)
  drawBlock(sheet, {
    kind: 'table',
    caption: classes.length > listed ? `Answers of the classifier, the ${listed} most probable of ${classes.length}.` : 'Answers of the classifier.',
    columns: [
      { title: 'Class', align: 'left', weight: 3 },
      { title: 'Scan as it is', align: 'right', weight: 1 },
      { title: 'After purification', align: 'right', weight: 1 },
    ],
    groups: answers(page),
  })
  drawBlock(sheet, { kind: 'facts', items: facts })
  return sheet.finish()
}
