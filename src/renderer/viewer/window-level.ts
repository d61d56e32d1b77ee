/**
 * From modality values to grey: through a window, a centre and a full width with straight lines between its ends (DICOM
 * PS3.3 C.11.2.1.3.2, LINEAR_EXACT), or through a lookup table of the file (C.11.2.1.1).
 */
export interface Window {
  center: number
  width: number
}

/** A VOI lookup table. Values below `first` take the first entry, values beyond the table the last. */
export interface VoiTable {
  explanation: string
  /** Modality value of the first entry. */
  first: number
  /** Entries are 0 to 2^bits − 1. */
  bits: number
  values: Uint16Array
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

/** Grey value 0..255 through a lookup table; values between entries take the nearest. */
export function throughTable(value: number, { first, bits, values }: VoiTable, invert: boolean): number {
  const place = Math.min(values.length - 1, Math.max(0, Math.round(value) - first))
  const level = Math.min(255, Math.round(((values[place] ?? 0) / (2 ** bits - 1)) * 255))
  return invert ? 255 - level : level
}

/** The window over all values that a table tells apart: what a drag goes on from. */
export const windowOfTable = ({ first, values }: VoiTable): Window => ({ center: first + (values.length - 1) / 2, width: Math.max(values.length - 1, 1) })
