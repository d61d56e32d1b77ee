/**
 * Entry of the desktop application: one instance, one window, and the engine beside it.
 */
import { join } from 'node:path'
import { app, BrowserWindow, dialog, session } from 'electron'
import { enginePlaces } from '../engine/places'
import { supervise } from '../shared/supervisor'
import type { SupervisedEngine } from '../shared/supervisor'
import { launchUtility } from './engine-process'
import { answerPages } from './ipc'
import { setMenu } from './menu'
import { declareScheme, handleScheme } from './protocol'
import { hardenAllContents, hardenSession } from './security'
import { askWhereToSave, openWindow } from './window'

const applicationFolder = app.getAppPath()

function start(): SupervisedEngine {
  // Packed, models and samples lie beside the archive; in a checkout, in the application's folder itself.
  const places = enginePlaces(app.isPackaged ? [process.resourcesPath] : [applicationFolder])
  const engine = supervise(() => launchUtility(places, applicationFolder), {
    onCrash: (message) => dialog.showErrorBox('Assay', message),
  })
  hardenSession(session.defaultSession)
  askWhereToSave(session.defaultSession)
  handleScheme(session.defaultSession, engine, join(applicationFolder, 'out', 'renderer'))
  answerPages(engine)
  setMenu(process.platform, app.isPackaged)
  openWindow(applicationFolder)
  return engine
}

function focusWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window?.isMinimized()) window.restore()
  if (window) window.focus()
  else openWindow(applicationFolder)
}

if (!app.requestSingleInstanceLock()) app.quit()
else {
  let engine: SupervisedEngine | undefined
  let stopped = false
  app.enableSandbox()
  declareScheme()
  hardenAllContents(app)
  app.on('second-instance', focusWindow)
  app.on('activate', () => {
    if (engine && BrowserWindow.getAllWindows().length === 0) openWindow(applicationFolder)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  // Leaving waits for running jobs to write their records.
  app.on('will-quit', (event) => {
    if (stopped || !engine) return
    event.preventDefault()
    void engine.stop().finally(() => {
      stopped = true
      app.quit()
    })
  })
  void app.whenReady().then(() => {
    engine = start()
  })
}
