/** The three views side by side, linked through the viewer store. */
import { useEffect } from 'react'
import { t } from '../language'
import { ColourBar } from './ColourBar'
import { DifferenceReadOut, ReadOut, WindowReadOut } from './ReadOut'
import type { Study } from './study'
import { useViewer } from './viewer-store'
import { ViewPane } from './ViewPane'

/** Escape takes the ruler away; a dialog above has it first. */
function useRulerEscape(): void {
  useEffect(() => {
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || !useViewer.getState().measuring || document.querySelector('[role="dialog"], [role="menu"]')) return
      useViewer.getState().toggleMeasuring()
    }
    window.addEventListener('keydown', escape)
    return () => window.removeEventListener('keydown', escape)
  }, [])
}

export function Viewer({ study }: { study: Study }) {
  const flicker = useViewer((state) => state.flicker)
  useRulerEscape()
  return (
    <div className="flex min-h-0 min-w-0 flex-1 divide-x divide-line">
      <ViewPane
        name="scan"
        title={flicker ? t('view.purified') : t('view.scan')}
        hint={flicker ? t('view.flickering') : t('view.scanHint')}
        study={study}
        foot={
          <>
            <ReadOut of="scan" shown={flicker ? 'purified' : 'scan'} study={study} />
            <WindowReadOut />
          </>
        }
      />
      <ViewPane
        name="purified"
        title={t('view.purified')}
        hint={t('view.purifiedHint')}
        study={study}
        foot={
          <>
            <ReadOut of="purified" study={study} />
            <DifferenceReadOut study={study} />
          </>
        }
      />
      <ViewPane name="heatmap" title={t('view.heatmap')} hint={t('view.heatmapHint')} study={study} foot={<ColourBar study={study} />} />
    </div>
  )
}
