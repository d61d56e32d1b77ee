/** `results.csv`: one line for each image as it is and for each attack on it, for a spreadsheet. */
import type { AuditRecord, ImageRecord, Judgement } from '../../shared/audit'
import { csvTable, numberCell, textCell } from '../../shared/csv'
import type { AuditJob } from './audit-folder'

export function resultsTable(job: AuditJob, records: readonly AuditRecord[]): string {
  const { classes, defences } = job
  const images = new Map(records.flatMap((record): [number, ImageRecord][] => (record.kind === 'image' ? [[record.image, record]] : [])))
  const runs = new Map(job.runs.map((run) => [run.id, run]))
  const predictions = (predicted: Readonly<Record<string, number>> | undefined): string[] => defences.map((name) => textCell(predicted ? (classes[predicted[name]!] ?? '') : ''))
  const judged = ({ confidence, score, pValue }: Judgement): string[] => [confidence.none, confidence.purifier, score, pValue].map(numberCell)
  const header = [
    'image', 'path', 'label', 'run', 'threat', 'attack', 'norm', 'eps',
    ...defences.map((name) => `predicted (${name})`), 'p(label)', 'p(label) purified', 'score', 'p-value',
    ...defences.map((name) => `predicted at 8 bits (${name})`), 'linf', 'l2', 'queries', 'broken by',
  ]
  const rows = records.flatMap((record): string[][] => {
    if (record.kind === 'image')
      return [[numberCell(record.image), textCell(record.path), textCell(classes[record.label]!), 'clean', '', '', '', '', ...predictions(record.clean.predicted), ...judged(record.clean), ...predictions(undefined), '', '', '', '']]
    const image = record.kind === 'attacked' ? images.get(record.image) : undefined
    const run = record.kind === 'attacked' ? runs.get(record.run) : undefined
    if (record.kind !== 'attacked' || !image || !run) return []
    return [[
      numberCell(record.image), textCell(image.path), textCell(classes[image.label]!), textCell(record.run), run.threat, textCell(run.attack), run.norm, numberCell(run.epsilon),
      ...predictions(record.attacked.predicted), ...judged(record.attacked), ...predictions(record.predictedAt8Bits),
      numberCell(record.linf), numberCell(record.l2), numberCell(record.queries), textCell(record.brokenBy ?? ''),
    ]]
  })
  return csvTable(header, rows)
}
