/** Numbers as people read them. */
import type { Share } from '../../shared/audit'
import { probabilityText } from '../../shared/percent'

/** Keeps number and unit on one line. */
const nbsp = '\u00a0'

export const percent = (share: number, digits = 1): string => probabilityText(share, digits).replaceAll(' ', nbsp)

/** "82.0–87.7". */
export const intervalText = ({ low, high }: Share): string => `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`

/** "85.1 % (82.0–87.7)". */
export const shareText = (share: Share): string => `${percent(share.value)} (${intervalText(share)})`

/** Three significant digits, without the noise of exponents where there is room. */
export function numberText(value: number): string {
  if (value === 0) return '0'
  return Math.abs(value) >= 1000 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

/** "3 images", "1 image". */
export const counted = (count: number, noun: string): string => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`

/** "45 s", "12 min", "3.4 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${numberText(Number(seconds.toPrecision(2)))}${nbsp}s`
  return seconds < 5400 ? `${Math.round(seconds / 60)}${nbsp}min` : `${(seconds / 3600).toFixed(1)}${nbsp}h`
}

/** "4 March 2026, 05:06 UTC". */
export const dateText = (iso: string): string =>
  `${new Date(iso).toLocaleString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' }).replace(' at ', ', ')} UTC`

/** "a, b and c". */
export const listed = (items: readonly string[]): string => (items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`)
