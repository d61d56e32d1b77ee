/** One look per attack, the same in every plot of a report. */
import type { AuditReport } from '../../../shared/audit'
import { rowName } from '../../../shared/audit-words'
import { seriesStyle, worstStyle, type SeriesStyle } from './scene'

export interface Series {
  name: string
  style: SeriesStyle
}

/** As curves name them. */
export const curveName = ({ attack, variant }: { attack: string; variant?: string | undefined }): string => (variant === undefined ? attack : `${attack}-${variant}`)

/** By the names that curves have, `worst` among them. */
export function seriesOf({ runs, curves }: Pick<AuditReport, 'runs' | 'curves'>): Map<string, Series> {
  const titles = new Map(runs.map((row) => [curveName(row), rowName({ title: row.title })]))
  const names = [...new Set([...titles.keys(), ...curves.map(({ attack }) => attack)])].filter((name) => name !== 'worst')
  const series = new Map(names.map((name, i): [string, Series] => [name, { name: titles.get(name) ?? name.toUpperCase(), style: seriesStyle(i) }]))
  return series.set('worst', { name: 'Worst case: all attacks together', style: worstStyle })
}
