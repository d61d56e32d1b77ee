/**
 * A plot as a list of marks, in points from the upper left corner. `html/svg.ts` and `pdf/scene.ts` draw the same list.
 * Colours are named by their part, since a page has a dark and a light side.
 */
import { lightSeries } from './palette'

export type Ink = 'ink' | 'soft' | 'grid' | `series-${number}`

export type Point = readonly [x: number, y: number]

export const markerShapes = ['circle', 'square', 'triangle', 'diamond', 'cross'] as const
export type MarkerShape = (typeof markerShapes)[number]

export type Mark =
  | { kind: 'line'; points: readonly Point[]; ink: Ink; width: number; dash?: readonly number[] }
  | { kind: 'area'; points: readonly Point[]; ink: Ink; opacity: number }
  | { kind: 'marker'; at: Point; shape: MarkerShape; ink: Ink; size: number }
  | { kind: 'text'; at: Point; text: string; ink: Ink; size: number; anchor: 'start' | 'middle' | 'end'; bold?: boolean; upright?: boolean }

export interface Scene {
  width: number
  height: number
  /** What the plot shows, for who cannot see it. */
  description: string
  marks: readonly Mark[]
}

/** How one attack looks in all plots of a report: colour, shape and dashes each tell it apart. */
export interface SeriesStyle {
  ink: Ink
  shape?: MarkerShape
  width: number
  dash?: readonly number[]
}

const dashes: readonly (readonly number[] | undefined)[] = [undefined, [5, 2.5], [1.5, 2]]

/** @param index of the attack among all of the report's */
export function seriesStyle(index: number): SeriesStyle {
  const dash = dashes[Math.floor(index / lightSeries.length) % dashes.length]
  return { ink: `series-${index % lightSeries.length}`, shape: markerShapes[index % markerShapes.length]!, width: 1.3, ...(dash && { dash }) }
}

/** Of all attacks together. */
export const worstStyle: SeriesStyle = { ink: 'ink', shape: 'circle', width: 2.4 }

/** What guessing comes to. */
export const guessStyle = { ink: 'soft', width: 0.9, dash: [2, 2] } as const satisfies SeriesStyle

/** A point of a series; none where it has no shape. */
export const markerOf = ({ shape, ink }: SeriesStyle, at: Point): Mark[] => (shape ? [{ kind: 'marker', at, shape, ink, size: 2.4 }] : [])

/** Corners of a marker; null for those that are strokes or round. */
export function markerOutline(shape: MarkerShape, [x, y]: Point, r: number): Point[] | null {
  switch (shape) {
    case 'square':
      return [[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]]
    case 'triangle':
      return [[x, y - 1.25 * r], [x + 1.2 * r, y + r], [x - 1.2 * r, y + r]]
    case 'diamond':
      return [[x, y - 1.4 * r], [x + 1.4 * r, y], [x, y + 1.4 * r], [x - 1.4 * r, y]]
    default:
      return null
  }
}

/** Strokes of a cross. */
export const crossStrokes = ([x, y]: Point, r: number): [Point, Point][] => [[[x - r, y - r], [x + r, y + r]], [[x - r, y + r], [x + r, y - r]]]

/** A short piece of a series, for the legend. */
export const swatch = (style: SeriesStyle): Scene => ({
  width: 26,
  height: 10,
  description: '',
  marks: [
    { kind: 'line', points: [[1, 5], [25, 5]], ink: style.ink, width: style.width, ...(style.dash && { dash: style.dash }) },
    ...markerOf(style, [13, 5]),
  ],
})
