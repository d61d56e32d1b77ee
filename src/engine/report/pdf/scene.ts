/** A scene drawn into a PDF, as vectors. */
import { crossStrokes, markerOutline, type Ink, type Mark, type Point, type Scene } from '../plots/scene'
import { lightSeries as series } from '../plots/palette'
import { colours, type Sheet } from './sheet'

const colourOf = (ink: Ink): string => (ink === 'ink' || ink === 'soft' || ink === 'grid' ? colours[ink] : series[Number(ink.slice('series-'.length)) % series.length]!)

function trace({ doc }: Sheet, points: readonly Point[]): void {
  points.forEach(([x, y], i) => void (i === 0 ? doc.moveTo(x, y) : doc.lineTo(x, y)))
}

function stroke(sheet: Sheet, points: readonly Point[], ink: Ink, width: number, dash?: readonly number[]): void {
  const { doc } = sheet
  doc.save().lineWidth(width).lineJoin('round').lineCap('round').strokeColor(colourOf(ink))
  if (dash) doc.dash(dash[0]!, { space: dash[1]! })
  trace(sheet, points)
  doc.stroke().restore()
}

function fill(sheet: Sheet, points: readonly Point[], ink: Ink, opacity = 1): void {
  const { doc } = sheet
  doc.save().fillColor(colourOf(ink), opacity)
  trace(sheet, points)
  doc.closePath().fill().restore()
}

function draw(sheet: Sheet, mark: Mark): void {
  const { doc } = sheet
  switch (mark.kind) {
    case 'line':
      return stroke(sheet, mark.points, mark.ink, mark.width, mark.dash)
    case 'area':
      return fill(sheet, mark.points, mark.ink, mark.opacity)
    case 'marker': {
      const outline = markerOutline(mark.shape, mark.at, mark.size)
      if (outline) return fill(sheet, outline, mark.ink)
      if (mark.shape === 'cross') return crossStrokes(mark.at, mark.size).forEach((ends) => stroke(sheet, ends, mark.ink, 1.2))
      return void doc.save().circle(mark.at[0], mark.at[1], mark.size).fillColor(colourOf(mark.ink)).fill().restore()
    }
    case 'text': {
      const [x, y] = mark.at
      const style = { size: mark.size, colour: colourOf(mark.ink), ...(mark.bold && { bold: true }) }
      // A scene places text by its base line, a sheet by its upper edge; DejaVu's ascent is 0.93.
      const top = y - 0.93 * mark.size
      doc.save()
      if (mark.upright) doc.rotate(-90, { origin: [x, y] })
      sheet.line(mark.text, x, top, style, { start: 'left', middle: 'middle', end: 'right' }[mark.anchor] as 'left' | 'middle' | 'right')
      doc.restore()
    }
  }
}

/** @param scale of the scene's points */
export function drawScene(sheet: Sheet, { marks }: Scene, x: number, y: number, scale = 1): void {
  sheet.doc.save().translate(x, y).scale(scale)
  for (const mark of marks) draw(sheet, mark)
  sheet.doc.restore()
}
