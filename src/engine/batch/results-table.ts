/** `results.csv`: the results for a spreadsheet. */
import { csvTable, numberCell, textCell } from '../../shared/csv'
import type { ScanResult } from '../../shared/types'

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
