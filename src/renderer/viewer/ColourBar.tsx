/** What hot means: a scale in steps of 1/255 of the full range, with a mark where untouched scans end. */
import { t } from '../language'
import { in255ths, tickLabel, ticksIn255ths } from '../wording/amounts'
import { heatGradient } from './heat-gradient'
import { valuesAt } from './plane-data'
import type { Study } from './study'
import { useViewer } from './viewer-store'

export function ColourBar({ study }: { study: Study }) {
  const cursor = useViewer((state) => state.cursor)
  const heatLook = useViewer((state) => state.heatLook)
  const { heatmap, heatmapScale } = study.view
  const { hot, usual } = heatmapScale
  const share = cursor && valuesAt(heatmap, study.heat, cursor.x, cursor.y)?.[0]
  const place = (value: number): string => `${Math.min(100, (value / hot) * 100)}%`
  const ticks = ticksIn255ths(hot)
  return (
    <div
      className="numbers"
      role="img"
      aria-label={t('view.scaleLabel', { hot: in255ths(hot), usual: in255ths(usual) })}
    >
      <div className="flex items-baseline justify-between gap-2">
        <span data-readout="heatmap" className="whitespace-nowrap">{share === null || share === undefined ? '–' : t('view.share', { value: in255ths(share) })}</span>
        <span className="truncate text-xs text-ink-soft">{t('view.more')}</span>
      </div>
      <div className="relative mt-1 h-2.5 rounded-sm bg-[#4a4f56]">
        <div className="absolute inset-0 rounded-sm" style={{ background: heatGradient(heatmapScale, heatLook) }} />
        <div className="absolute -top-0.5 h-3.5 w-0.5 bg-ink" style={{ left: place(usual) }} />
        {heatLook.threshold > 0 && <div data-threshold className="absolute -top-0.5 h-3.5 w-0.5 bg-accent" style={{ left: `${heatLook.threshold * 100}%` }} />}
      </div>
      <div className="relative h-4 text-2xs text-ink-soft">
        {ticks.map((tick, i) => (
          <span key={tick} className={`absolute ${i === 0 ? '' : tick > hot * 0.96 ? '-translate-x-full' : '-translate-x-1/2'}`} style={{ left: place(tick) }}>
            {tickLabel(tick)}
          </span>
        ))}
      </div>
      <div className="truncate text-2xs text-ink-soft">
        <span className="mr-1.5 inline-block h-2.5 w-0.5 translate-y-px bg-ink" aria-hidden />
        {t('view.usual', { value: in255ths(usual) })}
      </div>
    </div>
  )
}
