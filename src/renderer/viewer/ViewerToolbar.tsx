/** Windows, turns, tools, heat map, tags and layout: what the keyboard does, for the mouse. */
import { Columns3, Contrast, Eye, Flame, FlipHorizontal2, FlipVertical2, ListTree, RotateCcw, RotateCw, RotateCwSquare, Ruler, ScanSearch, SlidersHorizontal, Square, Undo2 } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { DropdownMenu, Popover } from 'radix-ui'
import { heatColourNames } from '../../shared/heat-colours'
import type { HeatColours } from '../../shared/heat-colours'
import { t } from '../language'
import type { PlainKey } from '../language'
import { keysInWords, currentShortcuts, withKeys } from '../shortcuts/named'
import type { ShortcutId } from '../shortcuts/table'
import { openTags } from '../state/tags'
import { Button } from '../ui/Button'
import { SelectField } from '../ui/Field'
import { Slider } from '../ui/Slider'
import { in255ths } from '../wording/amounts'
import { useViewer } from './viewer-store'
import { WindowPresets } from './WindowPresets'
import { floating } from '../ui/floating'

const divider = <span className="mx-1 h-5 w-px shrink-0 bg-line" aria-hidden />

interface ToolProps {
  icon: LucideIcon
  name: PlainKey
  hint?: PlainKey
  shortcut: ShortcutId
  pressed?: boolean
  onClick: () => void
}

function Tool({ icon: Icon, name, hint, shortcut, pressed, onClick }: ToolProps) {
  return (
    <Button weight="quiet" className="px-1.5!" {...(pressed !== undefined && { pressed })} title={withKeys(t(hint ?? name), shortcut)} aria-label={t(name)} onClick={onClick}>
      <Icon size={15} aria-hidden />
    </Button>
  )
}

function TurnMenu() {
  const { turn, mirror } = useViewer.getState()
  const table = currentShortcuts()
  const items: [ShortcutId, LucideIcon, PlainKey, () => void][] = [
    ['turn-right', RotateCw, 'view.turnRight', () => turn(1)],
    ['turn-left', RotateCcw, 'view.turnLeft', () => turn(-1)],
    ['mirror-across', FlipHorizontal2, 'view.mirrorAcross', () => mirror('across')],
    ['mirror-down', FlipVertical2, 'view.mirrorDown', () => mirror('down')],
  ]
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button weight="quiet" className="px-1.5!" title={t('view.turn')} aria-label={t('view.turn')}>
          <RotateCwSquare size={15} aria-hidden />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={6} className={`${floating} w-64 p-1`}>
          {items.map(([id, Icon, key, act]) => (
            <DropdownMenu.Item key={id} className="flex items-center gap-2 rounded-md px-2 py-1.5 outline-none data-[highlighted]:bg-accent-deep" onSelect={act}>
              <Icon size={15} aria-hidden /> <span className="flex-1">{t(key)}</span>
              <kbd className="font-sans text-xs text-ink-soft">{keysInWords(table.find((each) => each.id === id)!)}</kbd>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const colourLabels: Record<HeatColours, PlainKey> = { heat: 'view.coloursHeat', viridis: 'view.coloursViridis', red: 'view.coloursRed' }

function HeatSettings() {
  const opacity = useViewer((state) => state.opacity)
  const { threshold, colours } = useViewer((state) => state.heatLook)
  const hot = useViewer((state) => state.study?.view.heatmapScale.hot ?? 0)
  const { setOpacity, setHeatLook } = useViewer.getState()
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button weight="quiet" className="px-1.5!" title={t('view.heatSettings')} aria-label={t('view.heatSettings')}>
          <SlidersHorizontal size={15} aria-hidden />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={6} aria-label={t('view.heatSettings')} className={`${floating} w-72 space-y-3 p-3`}>
          <div>
            <div className="flex items-center justify-between gap-3">
              {t('view.opacity')} <Slider label={t('view.opacity')} value={opacity} onChange={setOpacity} />
            </div>
          </div>
          <div>
            <div className="flex items-center justify-between gap-3">
              {t('view.threshold')} <Slider label={t('view.threshold')} value={threshold} onChange={(next) => setHeatLook({ threshold: next })} />
            </div>
            <p className="numbers text-2xs text-ink-soft">{t('view.thresholdHint', { value: in255ths(threshold * hot) })}</p>
          </div>
          <SelectField
            label={t('view.colours')}
            value={colours}
            choices={heatColourNames.map((value) => ({ value, label: t(colourLabels[value]) }))}
            onChange={({ target }) => setHeatLook({ colours: target.value as HeatColours })}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** @param frame which of several pictures is shown, in words */
export function ViewerToolbar({ title, frame }: { title: string; frame: string }) {
  const { invert, opacity, heatVisible, alone, magnifier, measuring, flicker } = useViewer()
  const { toggleInvert, reset, toggleHeat, setOpacity, toggleAlone, toggleMagnifier, toggleMeasuring, toggleFlicker } = useViewer.getState()
  return (
    <div role="toolbar" aria-label={t('view.toolbar')} className="flex min-h-10 shrink-0 items-center gap-0.5 border-b border-line px-2.5 max-xl:flex-wrap max-xl:py-1">
      <h2 className="selectable min-w-0 truncate font-semibold max-xl:flex-1 max-xl:basis-24" title={title}>
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
      <Tool icon={Contrast} name="view.invert" shortcut="invert" pressed={invert} onClick={toggleInvert} />
      <TurnMenu />
      <Tool icon={Undo2} name="view.reset" hint="view.resetHint" shortcut="reset" onClick={reset} />
      {divider}
      <Tool icon={ScanSearch} name="view.magnifier" shortcut="magnifier" pressed={magnifier} onClick={toggleMagnifier} />
      <Tool icon={Ruler} name="view.ruler" hint="view.rulerHint" shortcut="ruler" pressed={measuring} onClick={toggleMeasuring} />
      <Tool icon={Eye} name="view.flicker" hint="view.flickerHint" shortcut="flicker" pressed={flicker} onClick={toggleFlicker} />
      {divider}
      <Button weight="quiet" pressed={heatVisible} title={withKeys(t('view.heatHint'), 'heat')} onClick={toggleHeat}>
        <Flame size={15} aria-hidden /> {t('view.heat')}
      </Button>
      <span className="hidden items-center 2xl:flex">
        <Slider label={t('view.opacity')} value={opacity} onChange={setOpacity} disabled={!heatVisible} />
        <span className="numbers w-9 shrink-0 text-right text-xs text-ink-soft">{Math.round(opacity * 100)} %</span>
      </span>
      <HeatSettings />
      {divider}
      <Button weight="quiet" title={withKeys(t('view.tagsHint'), 'tags')} onClick={openTags}>
        <ListTree size={15} aria-hidden /> {t('screen.tags')}
      </Button>
      <Button weight="quiet" className="px-1.5!" title={withKeys(alone ? t('view.all') : t('view.one'), 'alone')} aria-label={alone ? t('view.all') : t('view.one')} onClick={() => toggleAlone()}>
        {alone ? <Columns3 size={16} aria-hidden /> : <Square size={15} aria-hidden />}
      </Button>
    </div>
  )
}
