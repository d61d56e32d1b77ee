/** The three views side by side, linked through the viewer store. */
import { ColourBar } from './ColourBar'
import { DifferenceReadOut, ReadOut, WindowReadOut } from './ReadOut'
import type { Study } from './study'
import { ViewPane } from './ViewPane'

export function Viewer({ study }: { study: Study }) {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 divide-x divide-line">
      <ViewPane
        name="scan"
        title="Scan"
        hint="as it came"
        study={study}
        foot={
          <>
            <ReadOut of="scan" study={study} />
            <WindowReadOut />
          </>
        }
      />
      <ViewPane
        name="purified"
        title="Purified"
        hint="the scan minus what was removed"
        study={study}
        foot={
          <>
            <ReadOut of="purified" study={study} />
            <DifferenceReadOut study={study} />
          </>
        }
      />
      <ViewPane name="heatmap" title="Removed" hint="heat map over the scan" study={study} foot={<ColourBar study={study} />} />
    </div>
  )
}
