/** The windows and tables at one touch: buttons while there is room for them, a menu where there are more. */
import { Check, ChevronDown } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { t } from '../language'
import { Button } from '../ui/Button'
import { pixelValue } from '../wording/amounts'
import { presetShown } from './presets'
import type { Preset } from './presets'
import { useViewer } from './viewer-store'
import { floating } from '../ui/floating'

const buttonsAtMost = 3
const lettersAtMost = 14

const detail = ({ table, center, width }: Preset, range: number): string => (table === null ? t('window.values', { center: pixelValue(center, range), width: pixelValue(width, range) }).replace('-', '−') : t('window.lookup'))

function PresetMenu({ presets, current }: { presets: readonly Preset[]; current: Preset | undefined }) {
  const range = useViewer((state) => state.range)
  const { applyPreset } = useViewer.getState()
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button weight="quiet" className="max-w-48" title={t('window.menuHint')} aria-label={t('window.current', { label: current?.label ?? t('window.setByHand') })}>
          <span className="text-ink-soft">{t('window.title')}</span>
          <span className="truncate text-ink">{current?.label ?? t('window.byHand')}</span>
          <ChevronDown size={14} className="shrink-0" aria-hidden />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={6} className={`${floating} max-h-[70vh] w-72 overflow-y-auto p-1`}>
          {presets.map((preset, i) => (
            <div key={i} className="contents">
              {preset.origin !== presets[i - 1]?.origin && <DropdownMenu.Label className="px-2 pt-1.5 pb-0.5 text-2xs text-ink-soft">{t(`window.origin.${preset.origin}`)}</DropdownMenu.Label>}
              <DropdownMenu.CheckboxItem
                checked={preset === current}
                className="flex items-center gap-2 rounded-md py-1 pr-2 pl-7 outline-none data-[highlighted]:bg-accent-deep"
                onSelect={() => applyPreset(preset)}
              >
                <DropdownMenu.ItemIndicator className="absolute left-3 text-accent">
                  <Check size={14} aria-hidden />
                </DropdownMenu.ItemIndicator>
                <span className="min-w-0 flex-1 truncate" title={preset.label}>
                  {preset.label}
                </span>
                <span className="numbers shrink-0 text-xs text-ink-soft">{detail(preset, range)}</span>
                <kbd className="w-4 shrink-0 text-right font-sans text-xs text-ink-soft">{preset.key}</kbd>
              </DropdownMenu.CheckboxItem>
            </div>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function WindowPresets() {
  const presets = useViewer((state) => state.presets)
  const window = useViewer((state) => state.window)
  const table = useViewer((state) => state.table)
  const current = presetShown(presets, window, table)
  if (presets.length > buttonsAtMost || presets.some(({ label }) => label.length > lettersAtMost)) return <PresetMenu presets={presets} current={current} />
  return presets.map((preset) => (
    <Button
      key={preset.key}
      weight="quiet"
      pressed={preset === current}
      title={`${preset.table === null ? t('window.title') : t('window.table')} ${preset.label} (${preset.key})`}
      onClick={() => useViewer.getState().applyPreset(preset)}
    >
      {preset.label}
    </Button>
  ))
}
