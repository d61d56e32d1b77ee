/** Each attack at each strength, threat by threat, and the curves. */
import type { AuditReport, AuditRow, Norm, Threat } from '../../../shared/audit'
import { normName, rowName, smallestChanges, strengthText, threatName } from '../../../shared/audit-words'
import type { Block, Cell, RowGroup } from '../document'
import { accuracyPlots } from '../plots/accuracy'
import { rocPlot } from '../plots/roc'
import { curveName, seriesOf, type Series } from '../plots/series'
import { worstStyle } from '../plots/scene'
import { numberText, percent } from '../text'
import { defenceColumns, pipelineOf, shareCell } from './defences'

const quiet: Cell = { text: '–', tone: 'quiet' }
const shareOrDash = (value: number | null | undefined): Cell => (value === null || value === undefined ? quiet : { text: percent(value) })

/** Rows of an attack together, by its title. */
function grouped(rows: readonly AuditRow[], cells: (row: AuditRow) => Cell[]): RowGroup[] {
  const groups = new Map<string, AuditRow[]>()
  for (const row of rows) {
    const key = `${curveName(row)} ${row.norm}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map((own) => ({ name: rowName(own[0]!), detail: normName[own[0]!.norm], rows: own.map((row) => [{ text: strengthText(row.eps, row.norm) }, ...cells(row)]) }))
}

function accuracyTable(report: AuditReport, threat: Threat, rows: readonly AuditRow[]): Block {
  const pipeline = pipelineOf(report)
  return {
    kind: 'table',
    caption: `${threatName[threat]}: images answered right under each attack, over the 95 % interval.`,
    columns: [{ title: 'Attack', align: 'left', weight: 1.8 }, { title: 'Largest change', align: 'left', weight: 1 }, ...defenceColumns(report)],
    groups: grouped(rows, (row) => report.defences.map((name) => shareCell(row.robust[name], name === pipeline ? 'strong' : undefined))),
  }
}

function detailTable(threat: Threat, rows: readonly AuditRow[]): Block {
  const detector = rows.some(({ detectionAuc }) => detectionAuc !== null)
  const queries = rows.some(({ medianQueries }) => medianQueries !== null)
  const evaded = rows.some((row) => row.evaded)
  const column = (title: string, weight = 1) => ({ title, align: 'right' as const, weight })
  return {
    kind: 'table',
    caption: `${threatName[threat]}: ${detector ? 'what the detector noticed, ' : ''}how large the changes were that succeeded, and how fast the attack was.${rows.some(({ minimumNorm }) => minimumNorm) ? ' One run of an attack that looks for the smallest change stands behind all of its strengths.' : ''}`,
    columns: [
      { title: 'Attack', align: 'left', weight: 1.6 },
      { title: 'Largest change', align: 'left', weight: 1 },
      ...(detector ? [column('AUC of detection', 1.1), column('Flagged at α'), column('Flagged at 1 % false alarms'), column('Flagged at 5 % false alarms')] : []),
      ...(evaded ? [column('Wrong and not flagged', 1.1)] : []),
      column('Median L∞, × 255'),
      column('Median L2'),
      ...(queries ? [column('Median queries')] : []),
      column('Images per s'),
    ],
    groups: grouped(rows, (row) => [
      ...(detector
        ? [
            row.detectionAuc === null ? quiet : { text: row.detectionAuc.toFixed(3) },
            shareOrDash(row.detectedAtAlpha),
            shareOrDash(row.detectedAtFalseAlarms?.onePercent),
            shareOrDash(row.detectedAtFalseAlarms?.fivePercent),
          ]
        : []),
      ...(evaded ? [shareCell(row.evaded)] : []),
      // Nothing broke where nothing changed.
      ...[row.medianLinf * 255, row.medianL2].map((value) => (value === 0 ? quiet : { text: numberText(value) })),
      ...(queries ? [row.medianQueries === null ? quiet : { text: numberText(row.medianQueries) }] : []),
      { text: numberText(row.imagesPerSecond) },
    ]),
  }
}

function figureOf(report: AuditReport, threat: Threat, norm: Norm, series: ReadonlyMap<string, Series>): Block[] {
  const { scenes, shown } = accuracyPlots(report, threat, norm, series)
  if (scenes.length === 0) return []
  return [{ kind: 'figure', caption: `${threatName[threat]}, ${normName[norm]}: images answered right against the largest change allowed. In grey, the 95 % interval${shown.some(({ style }) => style === worstStyle) ? ' of the worst case' : ''}.`, scenes, legend: shown }]
}

function smallestOf(rows: readonly AuditRow[]): Block[] {
  const items = smallestChanges(rows)
  return items.length > 0 ? [{ kind: 'list', items }] : []
}

export function resultsOf(report: AuditReport): Block[] {
  const series = seriesOf(report)
  const blocks: Block[] = [{ kind: 'heading', level: 1, text: 'Results', id: 'results' }]
  if (report.runs.length === 0) blocks.push({ kind: 'paragraph', text: 'No run is complete yet.' })
  for (const threat of report.threats) {
    const rows = report.runs.filter((row) => row.threat === threat)
    if (rows.length === 0) continue
    blocks.push(
      { kind: 'heading', level: 2, text: threatName[threat], id: `results-${threat}` },
      ...(['linf', 'l2'] as const).flatMap((norm) => figureOf(report, threat, norm, series)),
      accuracyTable(report, threat, rows),
      detailTable(threat, rows),
      ...smallestOf(rows),
    )
  }
  return [...blocks, ...detectionOf(report, series)]
}

function detectionOf(report: AuditReport, series: ReadonlyMap<string, Series>): Block[] {
  const plots = report.threats.flatMap((threat) => rocPlot(report, threat, series) ?? [])
  if (plots.length === 0) return []
  const shown = [...new Set(plots.flatMap((plot) => plot.shown))]
  return [
    { kind: 'heading', level: 1, text: 'Detection', id: 'detection' },
    {
      kind: 'figure',
      caption: 'Share of attacked images that the detector flags against the share of untouched images that it flags, each attack at its largest strength. On the diagonal the detector tells nothing.',
      scenes: plots.map(({ scene }) => scene),
      legend: shown,
    },
  ]
}
