/** The value under the linked cursor, in the scan's own unit, and the window that it is shown with. */
import { figure, t } from '../language'
import { pixelValue } from '../wording/amounts'
import type { Point } from './geometry'
import { isPadding, valuesAt } from './plane-data'
import type { Study } from './study'
import { useViewer } from './viewer-store'

const atPadding = ({ scan }: Study, { x, y }: Point): boolean => isPadding(scan.padding, y * scan.plane.width + x)

interface ReadOutProps {
  of: 'scan' | 'purified'
  /** Which of the two stands in the view. */
  shown?: 'scan' | 'purified'
  study: Study
}

export function ReadOut({ of, shown = of, study }: ReadOutProps) {
  const cursor = useViewer((state) => state.cursor)
  const range = useViewer((state) => state.range)
  const { plane, stored } = study[shown]
  const values = cursor && valuesAt(plane, stored, cursor.x, cursor.y)
  const text = !values ? '–' : atPadding(study, cursor) ? t('view.padding') : values.some(Number.isNaN) ? t('view.noValue') : `${values.map((value) => pixelValue(value, range)).join(' / ')} ${plane.unit}`
  return (
    <div className="numbers flex items-baseline justify-between gap-3" data-readout={of}>
      <span className="text-ink">{text}</span>
      {cursor && (
        <span className="text-xs text-ink-soft">
          x {cursor.x}, y {cursor.y}
        </span>
      )}
    </div>
  )
}

/** What purification changed at the cursor: scan minus purified, in the scan's unit. */
export function DifferenceReadOut({ study }: { study: Study }) {
  const cursor = useViewer((state) => state.cursor)
  const range = useViewer((state) => state.range)
  if (!cursor || atPadding(study, cursor)) return null
  const scan = valuesAt(study.scan.plane, study.scan.stored, cursor.x, cursor.y)
  const purified = valuesAt(study.purified.plane, study.purified.stored, cursor.x, cursor.y)
  if (!scan || !purified) return null
  const signed = scan.map((value, i) => {
    const change = purified[i]! - value
    return `${change > 0 ? '+' : change < 0 ? '−' : '±'}${pixelValue(Math.abs(change), range)}`
  })
  return (
    <div className="numbers text-xs text-ink-soft" data-readout="difference">
      {t('view.against', { change: `${signed.join(' / ')} ${study.scan.plane.unit}` })}
    </div>
  )
}

export function WindowReadOut() {
  const { center, width } = useViewer((state) => state.window)
  const table = useViewer((state) => (state.table === null ? undefined : state.study?.tables[state.table]))
  const range = useViewer((state) => state.range)
  const invert = useViewer((state) => state.invert)
  const zoom = useViewer((state) => state.placement.zoom)
  const short = (value: number): string => pixelValue(range > 20 ? Math.round(value) : value, range)
  return (
    <div className="numbers truncate text-xs text-ink-soft" data-readout="window">
      {table ? (/table/i.test(table.explanation) ? table.explanation : t('window.tableNamed', { name: table.explanation }).trim()) : t('view.window', { center: short(center), width: short(width) })} · {zoom === 1 ? t('view.fitted') : t('view.timesFit', { zoom: figure(zoom.toFixed(2)) })}
      {invert && ` · ${t('view.inverted')}`}
    </div>
  )
}
