/** How long a line on the image is. */
import type { PixelPlane } from '../../shared/types'
import type { Ruler } from './viewer-store'

export interface Length {
  value: number
  /** Millimetres where the file says how far apart its pixels are, else pixels. */
  unit: 'mm' | 'px'
}

/** Along pixels that are not square, each direction with its own spacing; a mere ratio of the sides gives pixel widths. */
export function lengthOf({ from, to }: Ruler, { spacing, aspect = 1 }: Pick<PixelPlane, 'spacing' | 'aspect'>): Length {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  return spacing ? { value: Math.hypot(dx * spacing.column, dy * spacing.row), unit: 'mm' } : { value: Math.hypot(dx, dy * aspect), unit: 'px' }
}
