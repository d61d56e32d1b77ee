/** The frame of a plot: axes, ticks, grid, and where a value comes to lie. */
import type { Mark, Point } from './scene'

export const plotWidth = 250
export const plotHeight = 190
const box = { left: 46, right: 236, top: 24, bottom: 152 }

export interface Tick {
  /** Share of the axis, 0 to 1. */
  at: number
  label: string
}

export interface Axes {
  title: string
  x: { title: string; ticks: readonly Tick[] }
  y: { title: string; ticks: readonly Tick[] }
}

/** Where a point of the unit square comes to lie. */
export const place = (x: number, y: number): Point => [box.left + x * (box.right - box.left), box.bottom - y * (box.bottom - box.top)]

/** Width that a label takes at most, in points; a plot has no font to measure with. */
const roomFor = (label: string, size: number): number => label.length * size * 0.56

/** Leaves out ticks that would run into each other, from the first on, always keeping the last. */
function spaced(ticks: readonly Tick[], size: number): Tick[] {
  const width = box.right - box.left
  const clear = (a: Tick, b: Tick): boolean => Math.abs(a.at - b.at) * width >= (roomFor(a.label, size) + roomFor(b.label, size)) / 2 + 2
  const last = ticks.at(-1)
  const kept: Tick[] = []
  for (const tick of ticks) if (tick === last || ((!kept.length || clear(kept.at(-1)!, tick)) && (!last || clear(tick, last)))) kept.push(tick)
  return kept
}

export function axesMarks({ title, x, y }: Axes): Mark[] {
  const marks: Mark[] = [{ kind: 'text', at: [box.left, 13], text: title, ink: 'ink', size: 9.5, anchor: 'start', bold: true }]
  for (const { at, label } of y.ticks) {
    const [left, height] = place(0, at)
    marks.push({ kind: 'line', points: [[left, height], place(1, at)], ink: 'grid', width: 0.6 }, { kind: 'text', at: [left - 5, height + 2.6], text: label, ink: 'soft', size: 7.5, anchor: 'end' })
  }
  for (const { at, label } of spaced(x.ticks, 7.5)) {
    const [across, bottom] = place(at, 0)
    marks.push(
      { kind: 'line', points: [[across, bottom], [across, bottom + 3]], ink: 'soft', width: 0.8 },
      { kind: 'text', at: [across, bottom + 12], text: label, ink: 'soft', size: 7.5, anchor: 'middle' },
    )
  }
  return [
    ...marks,
    { kind: 'line', points: [place(0, 1), place(0, 0), place(1, 0)], ink: 'soft', width: 0.8 },
    { kind: 'text', at: [(box.left + box.right) / 2, box.bottom + 26], text: x.title, ink: 'soft', size: 8, anchor: 'middle' },
    { kind: 'text', at: [9, (box.top + box.bottom) / 2], text: y.title, ink: 'soft', size: 8, anchor: 'middle', upright: true },
  ]
}

export const percentTicks = [0, 0.25, 0.5, 0.75, 1].map((at): Tick => ({ at, label: `${100 * at} %` }))
