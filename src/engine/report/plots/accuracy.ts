/** Accuracy against strength: one plot for each threat, norm and defence. */
import type { AuditReport, Curve, Norm, Share, Threat } from '../../../shared/audit'
import { normName, strengthText } from '../../../shared/audit-words'
import { axesMarks, percentTicks, place, plotHeight, plotWidth, type Tick } from './axes'
import { curveName, type Series } from './series'
import { percent } from '../text'
import { guessStyle, markerOf, type Mark, type Point, type Scene } from './scene'

/** Beyond this ratio of strengths, doublings are equally far apart; below it, equal steps are. */
const wide = 16

/** Where strengths lie on the axis, 0 to 1. @param strengths ascending, without 0 */
export function strengthScale(strengths: readonly number[]): (eps: number) => number {
  const [first, last] = [strengths[0]!, strengths.at(-1)!]
  if (last / first < wide) return (eps) => eps / last
  const at = (eps: number): number => Math.log2(1 + eps / first)
  return (eps) => at(eps) / at(last)
}

const same = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(a, b)

/** The interval behind a point of a curve, where the report has it. */
function intervalAt(report: AuditReport, { threat, norm, attack, defence }: Curve, eps: number): Share | undefined {
  if (eps === 0) return report.clean[defence]
  const among = attack === 'worst' ? report.worstCase : report.runs.filter((row) => curveName(row) === attack)
  return among.find((entry) => entry.threat === threat && entry.norm === norm && same(entry.eps, eps))?.robust[defence]
}

/** A band along a curve whose points all have an interval; bars at those that have, where a curve is finer than what was asked for. */
function intervals(report: AuditReport, curve: Curve, scale: (eps: number) => number): Mark[] {
  const known = curve.points.flatMap(({ eps }) => {
    const share = intervalAt(report, curve, eps)
    return share ? [{ x: scale(eps), ...share }] : []
  })
  if (known.length < curve.points.length) return known.map(({ x, low, high }): Mark => ({ kind: 'line', points: [place(x, low), place(x, high)], ink: 'soft', width: 1.1 }))
  const points: Point[] = [...known.map(({ x, high }) => place(x, high)), ...known.reverse().map(({ x, low }) => place(x, low))]
  return [{ kind: 'area', points, ink: 'ink', opacity: 0.13 }]
}

/** Plots of one threat in one norm, and the series that are in them. */
export function accuracyPlots(report: AuditReport, threat: Threat, norm: Norm, series: ReadonlyMap<string, Series>): { scenes: Scene[]; shown: Series[] } {
  const curves = report.curves.filter((curve) => curve.threat === threat && curve.norm === norm && curve.points.length > 1)
  const strengths = [...new Set(curves.flatMap(({ points }) => points.map(({ eps }) => eps)).filter((eps) => eps > 0))].sort((a, b) => a - b)
  if (strengths.length === 0) return { scenes: [], shown: [] }
  const asked = [...new Set(report.runs.filter((row) => row.norm === norm).map(({ eps }) => eps))]
  const measured = strengths.filter((eps) => asked.some((a) => same(a, eps)) || curves.some(({ points }) => points.length <= 12 && points.some((point) => same(point.eps, eps))))
  const scale = strengthScale(measured.length ? [...measured.filter((eps) => eps < strengths.at(-1)!), strengths.at(-1)!] : strengths)
  const ticks: Tick[] = [{ at: 0, label: '0' }, ...measured.map((eps) => ({ at: scale(eps), label: strengthText(eps, norm) }))]
  const guess = 1 / report.model.classes.length
  const attacks = new Set(curves.map(({ attack }) => attack).filter((attack) => attack !== 'worst'))
  // One attack is its own worst case.
  const drawn = curves.filter(({ attack }) => attack !== 'worst' || attacks.size > 1)

  const scenes = ['none', 'purifier'].flatMap((defence): Scene[] => {
    const own = drawn.filter((curve) => curve.defence === defence)
    if (own.length === 0) return []
    const title = defence === 'none' ? 'Classifier alone' : 'Behind the purifier'
    const marks = axesMarks({ title, x: { title: `largest change allowed, ${normName[norm]}`, ticks }, y: { title: 'images answered right', ticks: percentTicks } })
    marks.push({ kind: 'line', points: [place(0, guess), place(1, guess)], ink: guessStyle.ink, width: guessStyle.width, dash: guessStyle.dash })
    const banded = own.find(({ attack }) => attack === 'worst') ?? (own.length === 1 ? own[0] : undefined)
    if (banded) marks.push(...intervals(report, banded, scale))
    for (const curve of [...own].sort((a, b) => Number(a.attack === 'worst') - Number(b.attack === 'worst'))) {
      const { style } = series.get(curve.attack)!
      const points = curve.points.map(({ eps, accuracy }) => ({ eps, at: place(scale(eps), accuracy) }))
      marks.push({ kind: 'line', points: points.map(({ at }) => at), ink: style.ink, width: style.width, ...(style.dash && { dash: style.dash }) })
      for (const { eps, at } of points) if (eps > 0 && measured.includes(eps)) marks.push(...markerOf(style, at))
    }
    return [{ width: plotWidth, height: plotHeight, description: `${title}: share of images answered right, against the largest change allowed`, marks }]
  })
  const names = new Set(drawn.map(({ attack }) => attack))
  return { scenes, shown: [...[...series].filter(([name]) => names.has(name)).map(([, entry]) => entry), { name: `Guessing, ${percent(guess, 0)}`, style: guessStyle }] }
}
