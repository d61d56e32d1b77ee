/** One chart of learning curves: axes, a line per measure, the best epoch, and the values where the pointer is. */
import { useState } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { t } from '../../language'
import { epochTicks, valueAt } from './curve-data'
import type { Chart, Line } from './curve-data'

const height = 220
const edge = { left: 44, right: 10, top: 16, bottom: 30 }

/** Told apart by colour and by dash, so that colour alone decides nothing. Okabe & Ito's palette on dark. */
const looks = [
  { colour: 'var(--series-1)', dash: '' },
  { colour: 'var(--series-2)', dash: '6 3' },
  { colour: 'var(--series-3)', dash: '2 3' },
  { colour: 'var(--series-4)', dash: '9 3 2 3' },
  { colour: 'var(--series-5)', dash: '4 4' },
  { colour: 'var(--series-6)', dash: '12 4' },
] as const

const faintLooks = [
  { colour: 'var(--ink-soft)', dash: '' },
  { colour: 'var(--ink-soft)', dash: '3 5' },
] as const

const lookOf = (lines: readonly Line[], line: Line) => (line.faint ? faintLooks[lines.filter(({ faint }) => faint).indexOf(line) % faintLooks.length]! : looks[lines.filter(({ faint }) => !faint).indexOf(line) % looks.length]!)

interface CurveChartProps {
  chart: Chart
  /** Epochs in all. */
  epochs: number
  /** Epochs that are done; the cursor stays within them. */
  done: number
  best: number | null
  /** The epoch that is pointed at. */
  cursor: number | null
  onCursor: (epoch: number | null) => void
  /** Pixels of the drawing. */
  width: number
}

export function CurveChart({ chart, epochs, done, best, cursor, onCursor, width }: CurveChartProps) {
  const { title, lines, low, high, ticks, label } = chart
  const [focused, setFocused] = useState(false)
  const right = width - edge.right
  const x = (epoch: number): number => edge.left + (epoch / epochs) * (right - edge.left)
  const y = (value: number): number => edge.top + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * (height - edge.top - edge.bottom)
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const epoch = Math.round((((event.clientX - box.left) / box.width) * width - edge.left) / ((right - edge.left) / epochs))
    onCursor(done > 0 ? Math.min(done, Math.max(1, epoch)) : null)
  }
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    if (by === undefined || done === 0) return
    event.preventDefault()
    onCursor(Math.min(done, Math.max(1, (cursor ?? done) + by)))
  }
  const shown = cursor ?? (done > 0 ? done : null)
  return (
    <figure className="min-w-0 rounded-lg border border-line bg-panel p-2" data-chart={title}>
      <figcaption className="flex items-baseline gap-2 px-1">
        <span className="font-medium">{title}</span>
        <span className="numbers ml-auto text-xs text-ink-soft">{shown === null ? '' : t(shown === best ? 'train.epochBest' : 'train.epochAt', { epoch: shown })}</span>
      </figcaption>
      <svg
        width={width}
        height={height}
        className="block max-w-full rounded-md"
        role="img"
        aria-label={t('train.chartLabel', { title })}
        tabIndex={0}
        onPointerMove={point}
        onPointerLeave={() => !focused && onCursor(null)}
        onKeyDown={keys}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false)
          onCursor(null)
        }}
      >
        {ticks.map((value) => (
          <g key={value}>
            <line x1={edge.left} x2={right} y1={y(value)} y2={y(value)} stroke="var(--line)" />
            <text x={edge.left - 6} y={y(value) + 3.5} textAnchor="end" fontSize="11" fill="var(--ink-soft)">
              {label(value)}
            </text>
          </g>
        ))}
        {epochTicks(epochs).map((epoch) => (
          <g key={epoch}>
            <line x1={x(epoch)} x2={x(epoch)} y1={height - edge.bottom} y2={height - edge.bottom + 4} stroke="var(--line-strong)" />
            <text x={x(epoch)} y={height - edge.bottom + 15} textAnchor="middle" fontSize="11" fill="var(--ink-soft)">
              {epoch}
            </text>
          </g>
        ))}
        <text x={edge.left - 6} y={height - edge.bottom + 15} textAnchor="end" fontSize="11" fill="var(--ink-soft)">
          {t('train.axisEpoch')}
        </text>
        {best !== null && (
          <g>
            <line x1={x(best)} x2={x(best)} y1={edge.top} y2={height - edge.bottom} stroke="var(--clean)" strokeDasharray="3 3" />
            <text x={x(best) + (x(best) > width / 2 ? -4 : 4)} y={11} textAnchor={x(best) > width / 2 ? 'end' : 'start'} fontSize="11" fill="var(--clean)">
              {t('train.best')}
            </text>
          </g>
        )}
        {lines.map((line) => {
          const { colour, dash } = lookOf(lines, line)
          return (
            <g key={`${line.metric} ${String(line.faint)}`} stroke={colour} fill={colour} opacity={line.faint ? 0.55 : 1}>
              <polyline fill="none" strokeWidth={line.faint ? 1 : 2} strokeDasharray={dash} strokeLinejoin="round" points={line.points.map(({ epoch, value }) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(' ')} />
              {!line.faint && line.points.length < 40 && line.points.map(({ epoch, value }) => <circle key={epoch} cx={x(epoch)} cy={y(value)} r={2.5} stroke="none" />)}
            </g>
          )
        })}
        {cursor !== null && <line x1={x(cursor)} x2={x(cursor)} y1={edge.top} y2={height - edge.bottom} stroke="var(--ink)" strokeWidth={1} />}
      </svg>
      <ul className="grid min-h-[5.5rem] content-start grid-cols-[repeat(auto-fill,minmax(17rem,1fr))] gap-x-4 gap-y-0.5 px-1 pt-1 text-xs">
        {lines.map((line) => {
          const { colour, dash } = lookOf(lines, line)
          return (
            <li key={`${line.metric} ${String(line.faint)}`} className="flex min-w-0 items-center gap-1.5">
              <svg width="24" height="8" className="shrink-0" aria-hidden>
                <line x1="0" x2="24" y1="4" y2="4" stroke={colour} strokeWidth={line.faint ? 1 : 2} strokeDasharray={dash} />
              </svg>
              <span className="min-w-0 truncate text-ink-soft" title={line.name}>
                {line.name}
              </span>
              <span className="numbers ml-auto shrink-0">{shown === null ? (line.points.length > 0 ? valueAt(line, Infinity) : '–') : valueAt(line, shown)}</span>
            </li>
          )
        })}
      </ul>
    </figure>
  )
}
