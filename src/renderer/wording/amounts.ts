/** Small numbers with their units, as the viewer and the progress line show them. */
import { figure, fixed, t } from '../language'

/** A share of the full intensity range in steps of 1/255, the unit in which perturbations are published. */
export function in255ths(share: number): string {
  const steps = share * 255
  return `${steps < 10 ? figure(steps.toFixed(1)) : Math.round(steps)}/255`
}

/** Tick positions for a scale from 0 to `hot` (share of full range), at round numbers of 1/255, three to six of them. */
export function ticksIn255ths(hot: number): number[] {
  const end = hot * 255
  if (!(end > 0)) return [0]
  const magnitude = 10 ** Math.floor(Math.log10(end / 4))
  const step = [1, 2, 5, 10].map((m) => m * magnitude).find((candidate) => end / candidate <= 5) ?? end
  const ticks: number[] = []
  for (let k = 0; k * step <= end * (1 + 1e-9); k++) ticks.push((k * step) / 255)
  return ticks
}

export const tickLabel = (share: number): string => figure(Number((share * 255).toPrecision(3)))

/** A pixel value: whole numbers as they are, others with the digits that `range` makes meaningful. */
export function pixelValue(value: number, range: number): string {
  if (Number.isInteger(value)) return String(value)
  const digits = Math.min(6, Math.max(0, Math.ceil(2 - Math.log10(Math.max(range, 1e-6)) + 0.5)))
  return figure(value.toFixed(digits))
}

/** "about 40 s", "about 3 min", "about 2 h". */
export function remaining(seconds: number): string {
  if (seconds < 60) return t('time.seconds', { n: Math.max(1, Math.round(seconds)) })
  if (seconds < 3600) return t('time.minutes', { n: Math.round(seconds / 60) })
  return t('time.hours', { n: fixed(seconds / 3600, 1) })
}

/** The last part of a path of either kind of slash. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path

/** The folder that a file lies in, without what is above it. */
export const folderName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-2) ?? ''
