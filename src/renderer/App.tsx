/** The shell: top bar, rail, the pages, and what lies over them. */
import { useCallback, useMemo, useState } from 'react'
import { DeviceSheet } from './features/devices/DeviceSheet'
import { batchPage } from './features/batch/page'
import { screenPage } from './features/screen/page'
import { TagSheet } from './features/tags/TagSheet'
import { DropTarget } from './shell/DropTarget'
import { FirstStartNote } from './shell/FirstStartNote'
import { PageHost } from './shell/PageHost'
import { useDesktopCommands } from './shell/use-desktop-commands'
import { pageOf, pages } from './shell/pages'
import { Rail } from './shell/Rail'
import { TopBar } from './shell/TopBar'
import { ShortcutsSheet } from './shortcuts/ShortcutsSheet'
import { currentShortcuts } from './shortcuts/named'
import { useShortcuts } from './shortcuts/use-shortcuts'
import type { ShortcutActions } from './shortcuts/use-shortcuts'
import { t } from './language'
import { stepViewed, useBatchTable } from './state/batch-table'
import { exportResult } from './state/exporting'
import { stepFrames, togglePlaying } from './state/frames'
import { goTo, useNavigation } from './state/navigation'
import { openSelected, step } from './state/screening'
import { useSession } from './state/session'
import { loadSession } from './state/start'
import { openTags } from './state/tags'
import { Button } from './ui/Button'
import { LiveRegion } from './ui/LiveRegion'
import { Problem } from './ui/Problem'
import { Toasts } from './ui/Toasts'
import { useViewer } from './viewer/viewer-store'

const opacityStep = 0.1
const shownPage = () => pageOf(useNavigation.getState().pageId)
/** Whether a page with the viewer is shown. */
const screening = (): boolean => shownPage() === screenPage || (shownPage() === batchPage && useBatchTable.getState().viewing)
const go = (by: number): void => (shownPage() === batchPage ? stepViewed(by) : step(by))

function zoomFromKeyboard(factor: number): void {
  const { placement, place } = useViewer.getState()
  place({ ...placement, zoom: Math.min(40, Math.max(0.25, placement.zoom * factor)) })
}

const actionsWith = (showHelp: () => void): ShortcutActions => {
  const viewer = useViewer.getState
  return {
    next: () => go(1),
    previous: () => go(-1),
    first: () => go(-Infinity),
    last: () => go(Infinity),
    open: () => (shownPage() === batchPage ? false : openSelected()),
    preset: (key) => {
      const preset = viewer().presets.find((each) => each.key === key)
      if (preset && viewer().study) viewer().applyPreset(preset)
    },
    invert: () => viewer().toggleInvert(),
    'turn-right': () => viewer().turn(1),
    'turn-left': () => viewer().turn(-1),
    'mirror-across': () => viewer().mirror('across'),
    'mirror-down': () => viewer().mirror('down'),
    reset: () => viewer().reset(),
    'zoom-in': () => zoomFromKeyboard(1.25),
    'zoom-out': () => zoomFromKeyboard(1 / 1.25),
    magnifier: () => viewer().toggleMagnifier(),
    ruler: () => viewer().toggleMeasuring(),
    flicker: () => viewer().toggleFlicker(),
    heat: () => viewer().toggleHeat(),
    'less-heat': () => viewer().setOpacity(viewer().opacity - opacityStep),
    'more-heat': () => viewer().setOpacity(viewer().opacity + opacityStep),
    alone: () => viewer().toggleAlone(),
    'next-frame': () => stepFrames(1),
    'previous-frame': () => stepFrames(-1),
    'ten-frames-on': () => stepFrames(10),
    'ten-frames-back': () => stepFrames(-10),
    play: togglePlaying,
    tags: openTags,
    'save-picture': () => void exportResult('png'),
    help: showHelp,
    go: (key) => {
      const page = pages.find((each) => each.key === key)
      if (page) goTo(page.id)
      return page !== undefined
    },
  }
}

function Body() {
  const phase = useSession((state) => state.phase)
  const error = useSession((state) => state.error)
  if (phase === 'ready') return <PageHost />
  return (
    <main className="flex flex-1 items-center justify-center p-8 text-ink-soft">
      {phase === 'failed' && error ? (
        <Problem title={t('shell.couldNotStart')} error={error}>
          <Button onClick={() => void loadSession()}>{t('tryAgain')}</Button>
        </Problem>
      ) : (
        t('shell.starting')
      )}
    </main>
  )
}

export function App() {
  const [help, setHelp] = useState(false)
  const showHelp = useCallback(() => setHelp(true), [])
  const actions = useMemo(() => actionsWith(showHelp), [showHelp])
  useShortcuts(actions, screening, currentShortcuts)
  useDesktopCommands(showHelp)
  return (
    <div className="flex h-full flex-col">
      <TopBar onHelp={showHelp} />
      <div className="flex min-h-0 flex-1">
        <Rail />
        <Body />
      </div>
      <FirstStartNote />
      <ShortcutsSheet open={help} onClose={() => setHelp(false)} />
      <TagSheet />
      <DeviceSheet />
      <DropTarget />
      <Toasts />
      <LiveRegion />
    </div>
  )
}
