/** The results for a spreadsheet: `results.csv` of a scan, and what the Batch page exports. */
import { basename } from 'node:path'
import { csvTable, numberCell, textCell } from '../../shared/csv'
import type { ScanResult } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'

/** The table of results that are shown: what the interface's columns say, and nothing that differs from bundle to bundle. */
export function answersTable(results: readonly ScanResult[]): string {
  const header = ['file', 'path', 'verdict', 'score', 'p-value', 'before', 'after', 'answer changes', 'screened', 'frame', 'frames', 'warning', 'error code', 'error']
  const rows = results.map((result) => {
    const { path, status, score, pValue, before, after, at, frame, frames, error } = result
    return [
      textCell(basename(path)),
      textCell(path),
      status,
      numberCell(score),
      numberCell(pValue),
      textCell(before?.label ?? ''),
      textCell(after?.label ?? ''),
      before && after ? (before.label === after.label ? 'no' : 'yes') : '',
      at === undefined ? '' : new Date(at).toISOString(),
      numberCell(frame),
      numberCell(frames),
      textCell(doubtsOf(result).join(' ')),
      error?.code ?? '',
      textCell(error?.message ?? ''),
    ]
  })
  return csvTable(header, rows)
}

/** @param classes of the bundle, for the columns of probabilities */
export function resultsTable(results: readonly ScanResult[], classes: readonly string[]): string {
  const answers = (['before', 'after'] as const).flatMap((when) => [`${when} label`, ...classes.map((name) => `${when} p(${name})`)])
  const header = ['path', 'status', 'score', 'p-value', ...answers, 'heatmap', 'frame', 'frames', 'warning', 'error code', 'error', 'capture', 'unfamiliar']
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
      result.unfamiliar ? 'yes' : '',
    ],
  )
  return csvTable(header, rows)
}
