/**
 * `results.csv`: the results for a spreadsheet (RFC 4180, UTF-8 with a byte order mark, which Excel asks for).
 *
 * File names come from anywhere, and a spreadsheet runs cells that begin like a formula; those get an apostrophe in
 * front (OWASP, CSV Injection).
 */
import type { ScanResult } from '../../shared/types'

/** A cell that is text and nothing else. */
export function textCell(value: string): string {
  const inert = /^[=+\-@\t\r＝＋－＠]/u.test(value) ? `'${value}` : value
  return /[",\r\n']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

const numberCell = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(value))

/** @param classes of the bundle, for the columns of probabilities */
export function resultsTable(results: readonly ScanResult[], classes: readonly string[]): string {
  const answers = (['before', 'after'] as const).flatMap((when) => [`${when} label`, ...classes.map((name) => `${when} p(${name})`)])
  const header = ['path', 'status', 'score', 'p-value', ...answers, 'heatmap', 'frame', 'frames', 'warning', 'error code', 'error', 'capture']
  const rows = results.map((result) =>
    [
      textCell(result.path),
      result.status,
      numberCell(result.score),
      numberCell(result.pValue),
      ...[result.before, result.after].flatMap((answer) => [textCell(answer?.label ?? ''), ...classes.map((_, i) => numberCell(answer?.probabilities[i]))]),
      textCell(result.heatmap ?? ''),
      numberCell(result.frame),
      numberCell(result.frames),
      textCell(result.warning ?? ''),
      result.error?.code ?? '',
      textCell(result.error?.message ?? ''),
      textCell(result.capture ?? ''),
    ].join(','),
  )
  return `\ufeff${[header.map(textCell).join(','), ...rows].join('\r\n')}\r\n`
}
