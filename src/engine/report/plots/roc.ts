/** Detection against false alarms: one plot for each threat, one curve for each attack at its largest strength. */
import type { AuditReport, AuditRow, Threat } from '../../../shared/audit'
import { threatName } from '../../../shared/audit-words'
import { axesMarks, percentTicks, place, plotHeight, plotWidth } from './axes'
import { curveName, type Series } from './series'
import { guessStyle, markerOf, type Mark, type Scene } from './scene'

/** Each attack's row at its largest strength among those that have a curve. */
function strongest(rows: readonly AuditRow[]): AuditRow[] {
  const best = new Map<string, AuditRow>()
  for (const row of rows) {
    const known = best.get(curveName(row))
    if (row.roc && (!known || row.eps > known.eps)) best.set(curveName(row), row)
  }
  return [...best.values()]
}

export function rocPlot(report: AuditReport, threat: Threat, series: ReadonlyMap<string, Series>): { scene: Scene; shown: Series[] } | null {
  const rows = strongest(report.runs.filter((row) => row.threat === threat))
  if (rows.length === 0) return null
  const marks: Mark[] = axesMarks({
    title: threatName[threat],
    x: { title: 'untouched images flagged', ticks: percentTicks },
    y: { title: 'attacked images flagged', ticks: percentTicks },
  })
  marks.push({ kind: 'line', points: [place(0, 0), place(1, 1)], ink: guessStyle.ink, width: guessStyle.width, dash: guessStyle.dash })
  const [across, bottom] = place(report.alpha, 0)
  marks.push({ kind: 'line', points: [[across, bottom], place(report.alpha, 1)], ink: 'soft', width: 0.8, dash: [4, 2] }, { kind: 'text', at: [across + 16, bottom - 4], text: `α = ${report.alpha}`, ink: 'soft', size: 7, anchor: 'start' })
  for (const row of rows) {
    const { style } = series.get(curveName(row))!
    const points = row.roc!.map(({ falseAlarmRate, detectionRate }) => place(falseAlarmRate, detectionRate))
    const middle = points[Math.floor(points.length / 2)]!
    marks.push({ kind: 'line', points, ink: style.ink, width: style.width, ...(style.dash && { dash: style.dash }) }, ...markerOf(style, middle))
  }
  const scene = { width: plotWidth, height: plotHeight, description: `${threatName[threat]} attacks: share of attacked images flagged, against the share of untouched images flagged`, marks }
  return { scene, shown: rows.map((row) => series.get(curveName(row))!) }
}
