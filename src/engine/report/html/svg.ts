/** A scene as inline SVG. Colours come from the page's style sheet, so that they follow its dark and light sides. */
import { crossStrokes, markerOutline, type Ink, type Mark, type Point, type Scene } from '../plots/scene'
import { html, type Html } from './template'

const round = (value: number): string => String(Math.round(value * 100) / 100)
const pathOf = (points: readonly Point[]): string => points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')
const strokeClass = (ink: Ink): string => `stroke-${ink}`
const fillClass = (ink: Ink): string => `fill-${ink}`

function markOf(mark: Mark): Html {
  switch (mark.kind) {
    case 'line':
      return html`<polyline class="${strokeClass(mark.ink)}" stroke-width="${mark.width}"${mark.dash ? html` stroke-dasharray="${mark.dash.join(' ')}"` : null} points="${pathOf(mark.points)}"/>`
    case 'area':
      return html`<polygon class="${fillClass(mark.ink)}" fill-opacity="${mark.opacity}" points="${pathOf(mark.points)}"/>`
    case 'marker': {
      const outline = markerOutline(mark.shape, mark.at, mark.size)
      if (outline) return html`<polygon class="${fillClass(mark.ink)}" points="${pathOf(outline)}"/>`
      if (mark.shape === 'cross') return html`${crossStrokes(mark.at, mark.size).map((ends) => html`<polyline class="${strokeClass(mark.ink)}" stroke-width="1.2" points="${pathOf(ends)}"/>`)}`
      return html`<circle class="${fillClass(mark.ink)}" cx="${round(mark.at[0])}" cy="${round(mark.at[1])}" r="${mark.size}"/>`
    }
    case 'text': {
      const [x, y] = mark.at.map(round)
      return html`<text class="${fillClass(mark.ink)}" x="${x!}" y="${y!}" font-size="${mark.size}" text-anchor="${mark.anchor}"${mark.bold ? html` font-weight="600"` : null}${mark.upright ? html` transform="rotate(-90 ${x!} ${y!})"` : null}>${mark.text}</text>`
    }
  }
}

/** A scene without a description is decoration. */
export const svgOf = ({ width, height, description, marks }: Scene): Html =>
  html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${description ? html`role="img" aria-label="${description}"` : html`aria-hidden="true"`}>${marks.map(markOf)}</svg>`
