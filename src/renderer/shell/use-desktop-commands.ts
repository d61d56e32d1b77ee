/** Carries out what the native menu and the system ask of the page, from when it is able to. */
import { useEffect } from 'react'
import type { MenuCommand } from '../../shared/desktop'
import { platform } from '../platform'
import { exportResult } from '../state/exporting'
import { goTo, useNavigation } from '../state/navigation'
import { useSession } from '../state/session'
import { noteIsDue, useSettings } from '../state/settings'
import { pageOf } from './pages'

/** Like a drop: the page that is shown takes it. */
async function openOnPage(what: 'files' | 'folder'): Promise<void> {
  const intake = await platform.pick(what)
  if (intake) pageOf(useNavigation.getState().pageId).drop.take(intake)
}

/** @param showHelp opens the list of shortcuts */
export function useDesktopCommands(showHelp: () => void): void {
  const started = useSession((state) => state.phase === 'ready')
  const due = useSettings(noteIsDue)
  /** What comes before waits in the application. */
  const ready = started && !due
  useEffect(() => {
    if (!ready) return
    const actions: Record<MenuCommand, () => void> = {
      'open-files': () => void openOnPage('files'),
      'open-folder': () => void openOnPage('folder'),
      'save-png': () => void exportResult('png'),
      'save-pdf': () => void exportResult('pdf'),
      'save-json': () => void exportResult('json'),
      'save-dicom': () => void exportResult('dicom'),
      'save-anonymised': () => void exportResult('anonymised'),
      guide: () => goTo('guide'),
      shortcuts: showHelp,
    }
    return platform.watchCommands((command) => {
      if (command.name === 'menu') return actions[command.command]()
      goTo(command.page)
      pageOf(command.page).drop.take(command.intake)
    })
  }, [ready, showHelp])
}
