/** Window maths: a window is a centre and a full width in modality values, linear between its ends (DICOM LINEAR_EXACT). */
import type { PixelPlane, VoiWindow } from '../../shared/types'
import { modalityRange } from './plane-data'

export interface Window {
  center: number
  width: number
}

export interface WindowPreset extends Window {
  /** Digit that selects it, 1 to 9. */
  key: string
  label: string
}

const same = (a: Window, b: Window): boolean => Math.abs(a.center - b.center) + Math.abs(a.width - b.width) < a.width / 1000

/** The file's own windows, then the range that its values span where that is another; keys 1 to 9. */
export function presetsOf(plane: PixelPlane): WindowPreset[] {
  const { low, high } = modalityRange(plane)
  const named = plane.windows.map((window: VoiWindow, i) => ({
    center: window.center,
    width: window.width,
    label: window.explanation || (i === 0 ? 'Default' : `Window ${i + 1}`),
  }))
  const full = { center: (low + high) / 2, width: Math.max(high - low, Number.EPSILON), label: 'Full range' }
  const all = named.some((window) => same(window, full)) ? named.slice(0, 9) : [...named.slice(0, 8), full]
  return all.map((preset, i) => ({ ...preset, key: String(i + 1) }))
}

/** How strongly a drag acts: `fine` for the last touch, `coarse` to cross a wide range. */
export type DragPace = 'fine' | 'normal' | 'coarse'
const pace: Record<DragPace, number> = { fine: 0.2, normal: 1, coarse: 4 }

/**
 * The window after a drag by (dx, dy) CSS pixels: to the right widens (less contrast), down lowers the centre's
 * counterpart, i.e. raises the centre (darker). 500 pixels cross `range` at normal pace.
 */
export function dragWindow(from: Window, dx: number, dy: number, range: number, speed: DragPace): Window {
  const step = (range / 500) * pace[speed]
  return { center: from.center + dy * step, width: Math.max(from.width + dx * step, range / 10_000) }
}

/** Grey value 0..255 that a modality value is shown with. */
export function displayed(value: number, window: Window, invert: boolean): number {
  const level = Math.min(255, Math.max(0, Math.round(((value - window.center) / window.width + 0.5) * 255)))
  return invert ? 255 - level : level
}
