/**
 * A small RGB canvas for the pictures that Assay saves: blit, fill, text. No dependency draws for us headless.
 */
import { drawGlyph, glyphHeight, glyphWidth } from './font'

export interface Canvas {
  width: number
  height: number
  /** Interleaved RGB, 8 bits. */
  rgb: Uint8Array
}

export type Colour = readonly [red: number, green: number, blue: number]

export function createCanvas(width: number, height: number, colour: Colour): Canvas {
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < rgb.length; i++) rgb[i] = colour[i % 3]!
  return { width, height, rgb }
}

/** Copies `source` with its upper left corner at (left, top); what does not fit is left out. */
export function blit(target: Canvas, source: Canvas, left: number, top: number): void {
  const columns = Math.min(source.width, target.width - left)
  for (let y = 0; y < source.height && top + y < target.height; y++)
    target.rgb.set(source.rgb.subarray(y * source.width * 3, (y * source.width + columns) * 3), ((top + y) * target.width + left) * 3)
}

/** Nearest-neighbour change of size by factors across and down: pixels stay pixels. */
export function scaled(source: Canvas, across: number, down: number): Canvas {
  const width = Math.max(1, Math.round(source.width * across))
  const height = Math.max(1, Math.round(source.height * down))
  const target = { width, height, rgb: new Uint8Array(width * height * 3) }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (Math.min(source.height - 1, Math.floor((y + 0.5) / down)) * source.width + Math.min(source.width - 1, Math.floor((x + 0.5) / across))) * 3
      target.rgb.set(source.rgb.subarray(from, from + 3), (y * width + x) * 3)
    }
  return target
}

/** Characters that fit beside each other in `width` pixels. */
export const charactersIn = (width: number, size: number): number => Math.max(1, Math.floor(width / ((glyphWidth + 1) * size)))
export const lineHeight = (size: number): number => (glyphHeight + 3) * size

/** One line of text, its upper left corner at (left, top), each dot `size` pixels wide. */
export function drawText(canvas: Canvas, text: string, left: number, top: number, size: number, colour: Colour): void {
  let x = left
  for (const character of text) {
    drawGlyph(character, (column, row) => {
      for (let dy = 0; dy < size; dy++)
        for (let dx = 0; dx < size; dx++) {
          const px = x + column * size + dx
          const py = top + row * size + dy
          if (px < canvas.width && py < canvas.height) canvas.rgb.set(colour, (py * canvas.width + px) * 3)
        }
    })
    x += (glyphWidth + 1) * size
  }
}

/** Breaks text at spaces into lines of at most `columns` characters; longer words are cut. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((w) => w.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
