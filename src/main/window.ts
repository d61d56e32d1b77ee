/**
 * The application's window. Its page runs sandboxed, without Node, and apart from the preload script's world.
 */
import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'
import type { Session } from 'electron'
import { origin } from '../shared/electron-origin'

export function openWindow(applicationFolder: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 920,
    minWidth: 960,
    minHeight: 640,
    show: false,
    backgroundColor: '#0b0d10',
    title: 'Assay',
    webPreferences: {
      preload: join(applicationFolder, 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${origin}/`)
  return window
}

/** Downloads ask where to save, starting at the person's own folder for downloads. */
export function askWhereToSave(session: Session): void {
  session.on('will-download', (_event, item) => {
    item.setSaveDialogOptions({ defaultPath: join(app.getPath('downloads'), item.getFilename()) })
  })
}
