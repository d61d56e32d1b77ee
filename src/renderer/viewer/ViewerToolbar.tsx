/** Windows, invert, reset, heat map and layout: what the keyboard does, for the mouse. */
import { Columns3, Contrast, Flame, RotateCcw, Square } from 'lucide-react'
import { Button } from '../ui/Button'
import { Slider } from '../ui/Slider'
import { useViewer } from './viewer-store'

const divider = <span className="mx-1 h-5 w-px bg-line" aria-hidden />

export function ViewerToolbar({ title }: { title: string }) {
  const { presets, window, invert, opacity, heatVisible, alone } = useViewer()
  const current = presets.find((preset) => preset.center === window.center && preset.width === window.width)?.key
  const { applyPreset, toggleInvert, reset, toggleHeat, setOpacity, toggleAlone } = useViewer.getState()
  return (
    <div role="toolbar" aria-label="Views" className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2.5">
      <h2 className="selectable mr-auto min-w-0 truncate pr-3 font-semibold" title={title}>
        {title}
      </h2>
      {presets.map((preset) => (
        <Button
          key={preset.key}
          weight="quiet"
          pressed={preset.key === current}
          title={`Window ${preset.label} (${preset.key})`}
          onClick={() => applyPreset(preset.key)}
        >
          {preset.label}
        </Button>
      ))}
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
      <span className="numbers w-9 text-right text-xs text-ink-soft">{Math.round(opacity * 100)} %</span>
      {divider}
      <Button weight="quiet" title={alone ? 'All three views (F)' : 'One view full (F)'} aria-label={alone ? 'All three views' : 'One view full'} onClick={() => toggleAlone()}>
        {alone ? <Columns3 size={16} aria-hidden /> : <Square size={15} aria-hidden />}
      </Button>
    </div>
  )
}
