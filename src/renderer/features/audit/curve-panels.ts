/** Curves sorted into panels, and the axis that they share. */
import type { AuditRow, Curve, Norm, Threat } from '../../../shared/audit'
import { t } from '../../language'

export interface CurvePanel {
  threat: Threat
  norm: Norm
  defence: string
  curves: Curve[]
}

/** One panel per attacker, norm and defence; the classifier as it is and its purifier only, which is what the table is read for. */
export function curvePanels(curves: readonly Curve[]): CurvePanel[] {
  const panels = new Map<string, CurvePanel>()
  for (const curve of curves) {
    const { threat, norm, defence } = curve
    if (defence !== 'none' && defence !== 'purifier') continue
    const key = `${threat} ${norm} ${defence}`
    const panel = panels.get(key) ?? { threat, norm, defence, curves: [] }
    panel.curves.push(curve)
    panels.set(key, panel)
  }
  return [...panels.values()]
}

/** Attacks in the order of their first curve; the worst case last. */
export function legendOf(curves: readonly Curve[]): string[] {
  const names = [...new Set(curves.map(({ attack }) => attack))]
  return [...names.filter((name) => name !== 'worst'), ...names.filter((name) => name === 'worst')]
}

/** What the lines are called, by the name of the curve; those of a variant are named apart from the attack itself. */
export const lineTitles = (rows: readonly Pick<AuditRow, 'attack' | 'variant' | 'title'>[]): Map<string, string> => new Map([...rows.map(({ attack, variant, title }): [string, string] => [variant ? `${attack}-${variant}` : attack, title]), ['worst', t('audit.worstCase')]])

/** The largest strength of a panel, and at most six of its strengths that stand far enough apart to be labelled. */
export function scaleOf(curves: readonly Curve[]): { largest: number; ticks: number[] } {
  const all = [...new Set(curves.flatMap(({ points }) => points.map(({ eps }) => eps)))].sort((a, b) => a - b)
  const largest = all.at(-1) || 1
  const ticks: number[] = []
  for (const eps of [...all].reverse()) if (ticks.length === 0 || ticks.at(-1)! - eps >= largest / 9) ticks.push(eps)
  return { largest, ticks: ticks.reverse() }
}
