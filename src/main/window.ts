/**
 * The application's window. Its page runs sandboxed, without Node, and apart from the preload script's world.
 */
import { join } from 'node:path'
import { app, BrowserWindow, dialog, screen } from 'electron'
import type { Session } from 'electron'
import { origin } from '../shared/electron-origin'
import type { Kept } from './kept'
import { placeOnScreens, smallest } from './window-state'
import type { WindowState } from './window-state'

/** A window that is being dragged moves many times a second; its place is kept once it rests. */
const restMilliseconds = 500

function screens(): Electron.Rectangle[] {
  const primary = screen.getPrimaryDisplay()
  return [primary, ...screen.getAllDisplays().filter(({ id }) => id !== primary.id)].map(({ workArea }) => workArea)
}

function keepPlace(window: BrowserWindow, kept: Kept<WindowState>): void {
  const keep = (): void => kept.write({ bounds: window.getNormalBounds(), maximised: window.isMaximized(), fullScreen: window.isFullScreen() })
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(keep, restMilliseconds)
  }
  // Written one by one: each name has a signature of its own.
  window.on('resize', soon)
  window.on('move', soon)
  window.on('close', () => {
    clearTimeout(timer)
    keep()
  })
}

/** A page whose process is gone shows nothing and answers nothing; the engine and its jobs go on without it. */
function offerReload(window: BrowserWindow): void {
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    void dialog
      .showMessageBox(window, {
        type: 'error',
        title: 'Assay',
        message: 'The page of this window stopped unexpectedly.',
        detail: 'Running jobs go on. Load the page again to see them.',
        buttons: ['Load again', 'Close window'],
        defaultId: 0,
        cancelId: 1,
      })
      .then(({ response }) => {
        if (window.isDestroyed()) return
        if (response === 0) window.webContents.reload()
        else window.destroy()
      })
  })
}

export function openWindow(applicationFolder: string, kept: Kept<WindowState>): BrowserWindow {
  const before = kept.read()
  const window = new BrowserWindow({
    ...placeOnScreens(before.bounds, screens()),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    // Said to be false, it would take the button for it from a Mac's window.
    ...(before.fullScreen && { fullscreen: true }),
    backgroundColor: '#0b0d10',
    title: 'Assay',
    icon: process.platform === 'linux' ? iconFile() : undefined,
    webPreferences: {
      preload: join(applicationFolder, 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  if (before.maximised) window.maximize()
  window.once('ready-to-show', () => window.show())
  keepPlace(window, kept)
  offerReload(window)
  void window.loadURL(`${origin}/`)
  return window
}

/** Beside the archive in a packed application, since the system itself reads it. */
export const iconFile = (): string => join(app.isPackaged ? process.resourcesPath : app.getAppPath(), 'resources', 'icons', 'icon.png')

/** Downloads ask where to save, starting at the person's own folder for downloads. */
export function askWhereToSave(session: Session): void {
  session.on('will-download', (_event, item) => {
    item.setSaveDialogOptions({ defaultPath: join(app.getPath('downloads'), item.getFilename()) })
  })
}
