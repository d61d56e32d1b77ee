import { describe, expect, it } from 'vitest'
import { accuracyPlots, strengthScale } from '../../../src/engine/report/plots/accuracy'
import { place, plotHeight, plotWidth } from '../../../src/engine/report/plots/axes'
import { rocPlot } from '../../../src/engine/report/plots/roc'
import { markerShapes, seriesStyle } from '../../../src/engine/report/plots/scene'
import { seriesOf } from '../../../src/engine/report/plots/series'
import { auditReport, full } from './reports'

describe('the scale of strengths', () => {
  it('is linear over a small range and doubles over a large one, from 0 to 1', () => {
    const linear = strengthScale([1, 2, 4, 8])
    expect([0, 1, 4, 8].map(linear)).toEqual([0, 0.125, 0.5, 1])
    const doubling = strengthScale([1, 128])
    expect(doubling(0)).toBe(0)
    expect(doubling(128)).toBe(1)
    expect(doubling(63) - doubling(31)).toBeCloseTo(doubling(31) - doubling(15), 10)
  })
})

describe('plots', () => {
  const report = auditReport(full)
  const series = seriesOf(report)

  it('put every point where its accuracy is, inside the plot', () => {
    const { scenes } = accuracyPlots(report, 'adaptive', 'linf', series)
    const { style } = series.get('pgd')!
    const curve = report.curves.find((c) => c.threat === 'adaptive' && c.attack === 'pgd' && c.defence === 'purifier')!
    const line = scenes[1]!.marks.find((mark) => mark.kind === 'line' && mark.ink === style.ink)
    expect(line).toMatchObject({ points: curve.points.map(({ eps, accuracy }) => place((eps * 255) / 8, accuracy)) })
    for (const { marks } of scenes)
      for (const mark of marks) for (const [x, y] of 'points' in mark ? mark.points : [mark.at]) expect(x >= 0 && x <= plotWidth && y >= 0 && y <= plotHeight).toBe(true)
  })

  it('draw the interval of the worst case as it stands in the report', () => {
    const { scenes } = accuracyPlots(report, 'adaptive', 'linf', series)
    const area = scenes[1]!.marks.find(({ kind }) => kind === 'area')
    const entries = report.worstCase.filter(({ threat }) => threat === 'adaptive')
    const shares = [{ eps: 0, ...report.clean['purifier']! }, ...entries.map(({ eps, robust }) => ({ eps, ...robust['purifier']! }))]
    const at = (eps: number): number => (eps * 255) / 8
    expect(area).toMatchObject({ points: [...shares.map(({ eps, high }) => place(at(eps), high)), ...shares.reverse().map(({ eps, low }) => place(at(eps), low))] })
  })

  it('show detection only where there is any', () => {
    expect(rocPlot(report, 'adaptive', series)!.shown).toHaveLength(7)
    expect(rocPlot(auditReport({ detector: false }), 'adaptive', series)).toBeNull()
  })

  it('tell thirty attacks apart', () => {
    const looks = Array.from({ length: 30 }, (_, i) => seriesStyle(i)).map(({ ink, shape }) => `${ink} ${shape}`)
    expect(new Set(looks).size).toBe(30)
    expect(new Set(looks.map((look) => look.split(' ')[1])).size).toBe(markerShapes.length)
  })
})
