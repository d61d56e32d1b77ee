/** Windows, invert, reset, heat map, tags and layout: what the keyboard does, for the mouse. */
import { Columns3, Contrast, Flame, ListTree, RotateCcw, Square } from 'lucide-react'
import { openTags } from '../state/tags'
import { Button } from '../ui/Button'
import { Slider } from '../ui/Slider'
import { useViewer } from './viewer-store'
import { WindowPresets } from './WindowPresets'

const divider = <span className="mx-1 h-5 w-px shrink-0 bg-line" aria-hidden />

/** @param frame which of several pictures is shown, in words */
export function ViewerToolbar({ title, frame }: { title: string; frame: string }) {
  const { invert, opacity, heatVisible, alone } = useViewer()
  const { toggleInvert, reset, toggleHeat, setOpacity, toggleAlone } = useViewer.getState()
  return (
    <div role="toolbar" aria-label="Views" className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2.5">
      <h2 className="selectable min-w-0 truncate font-semibold" title={title}>
        {title}
      </h2>
      {frame && (
        <span className="numbers shrink-0 pl-1.5 text-xs text-ink-soft" data-shown-frame>
          {frame}
        </span>
      )}
      <span className="mr-auto w-3 shrink-0" />
      <WindowPresets />
      {divider}
      <Button weight="quiet" pressed={invert} title="Invert (I)" aria-label="Invert" onClick={toggleInvert}>
        <Contrast size={15} aria-hidden /> <span className="hidden 2xl:inline">Invert</span>
      </Button>
      <Button weight="quiet" title="Reset window, zoom and pan (R or Space)" aria-label="Reset" onClick={reset}>
        <RotateCcw size={15} aria-hidden /> <span className="hidden 2xl:inline">Reset</span>
      </Button>
      {divider}
      <Button weight="quiet" pressed={heatVisible} title="Heat map on and off (H)" onClick={toggleHeat}>
        <Flame size={15} aria-hidden /> Heat map
      </Button>
      <Slider label="Heat map opacity" value={opacity} onChange={setOpacity} disabled={!heatVisible} />
      <span className="numbers w-9 shrink-0 text-right text-xs text-ink-soft">{Math.round(opacity * 100)} %</span>
      {divider}
      <Button weight="quiet" title="What the file says of itself (T)" onClick={openTags}>
        <ListTree size={15} aria-hidden /> Tags
      </Button>
      <Button weight="quiet" title={alone ? 'All three views (F)' : 'One view full (F)'} aria-label={alone ? 'All three views' : 'One view full'} onClick={() => toggleAlone()}>
        {alone ? <Columns3 size={16} aria-hidden /> : <Square size={15} aria-hidden />}
      </Button>
    </div>
  )
}
