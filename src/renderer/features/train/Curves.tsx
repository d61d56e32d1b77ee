/** The learning curves, and the same numbers as a table. */
import { memo, useLayoutEffect, useRef, useState } from 'react'
import type { OpenedTraining } from '../../../shared/training-record'
import { t } from '../../language'
import { metricName, metricValue, took } from '../../wording/training'
import { chartsOf } from './curve-data'
import { CurveChart } from './CurveChart'

/** Pixels that an element is wide. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    setWidth(element.clientWidth)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width] as const
}

const gap = 12
/** Border and padding of a chart. */
const frame = 18

export const bestEpoch = ({ epochs }: Pick<OpenedTraining, 'epochs'>): number | null => epochs.findLast(({ best }) => best)?.epoch ?? null

function Numbers({ training }: { training: OpenedTraining }) {
  const [open, setOpen] = useState(false)
  const metrics = [...new Set(training.epochs.flatMap((line) => Object.keys(line.metrics)))]
  const best = bestEpoch(training)
  const cell = 'numbers px-2.5 py-1 text-right whitespace-nowrap'
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="cursor-pointer text-xs text-ink-soft hover:text-ink">{t('train.numbers')}</summary>
      <div className="mt-1.5 max-h-80 w-fit max-w-full overflow-auto rounded-lg border border-line" role="region" aria-label={t('train.numbers')} tabIndex={0}>
        <table className="text-xs" data-epochs>
          <thead className="sticky top-0 bg-panel text-ink-soft">
            <tr>
              <th scope="col" className="px-2.5 py-1 text-left font-normal">
                {t('train.epoch')}
              </th>
              {metrics.map((metric) => (
                <th key={metric} scope="col" className="px-2.5 py-1 text-right font-normal">
                  {metricName(metric, training)}
                </th>
              ))}
              <th scope="col" className="px-2.5 py-1 text-right font-normal">
                {t('train.took')}
              </th>
            </tr>
          </thead>
          <tbody>
            {training.epochs.map(({ epoch, metrics: values, seconds }) => (
              <tr key={epoch} className={`border-t border-line ${epoch === best ? 'bg-clean-deep/60' : ''}`}>
                <th scope="row" className="numbers px-2.5 py-1 text-left font-normal whitespace-nowrap">
                  {epoch}
                  {epoch === best && <span className="text-clean"> {t('train.best')}</span>}
                </th>
                {metrics.map((metric) => (
                  <td key={metric} className={cell}>
                    {values[metric] === undefined ? '–' : metricValue(metric, values[metric])}
                  </td>
                ))}
                <td className={cell}>{seconds > 0 ? took(seconds) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

export const Curves = memo(function Curves({ training }: { training: OpenedTraining }) {
  const [ref, width] = useWidth()
  const [cursor, setCursor] = useState<number | null>(null)
  const done = training.epochs.at(-1)?.epoch ?? 0
  // A training that ended early has its curves over the whole width.
  const end = Math.max(1, training.summary.state === 'done' ? done : training.summary.epochs)
  const { loss, accuracy } = chartsOf(training, end)
  const columns = width >= 700 ? 2 : 1
  const each = Math.max(200, Math.floor((width - gap * (columns - 1)) / columns) - frame)
  const shared = { epochs: end, done, best: bestEpoch(training), cursor, onCursor: setCursor, width: each }
  return (
    <section aria-label={t('train.curves')} className="space-y-2">
      <div ref={ref} className="grid" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap }}>
        {width > 0 && (
          <>
            <CurveChart chart={accuracy} {...shared} />
            <CurveChart chart={loss} {...shared} />
          </>
        )}
      </div>
      {training.epochs.length > 0 && <Numbers training={training} />}
    </section>
  )
})
