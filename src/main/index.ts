/**
 * Entry of the desktop application: one instance, one window, and the engine beside it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, session, shell } from 'electron'
import { researchUseOnly } from '../shared/notice'
import { dataFolder, enginePlaces, version } from '../engine/places'
import { supervise } from '../shared/supervisor'
import type { SupervisedEngine } from '../shared/supervisor'
import { dragShelf } from './drag-out'
import { launchUtility } from './engine-process'
import { answerPages } from './ipc'
import { watchJobs } from './job-watch'
import type { JobWatch } from './job-watch'
import { keptIn, whyNotKept } from './kept'
import { setMenu } from './menu'
import { mayQuitDuring, tellOfCrash, tellOfMissing } from './messages'
import { commandsFor, pathsAmong } from './opened-files'
import { commandPages } from './page-commands'
import { declareScheme, handleScheme } from './protocol'
import { nothingRecent, recentFiles, recentSchema } from './recent-files'
import { hardenEverything, hardenSession, whyUnsafe } from './security'
import { firstWindow, windowStateSchema } from './window-state'
import { askWhereToSave, iconFile, openWindow } from './window'

/** As in electron-builder.config.js: Windows groups windows and shows notifications by it. */
const applicationId = 'org.assay.desktop'

const applicationFolder = app.getAppPath()
const data = dataFolder()
/** The window's and Chromium's own files, apart from jobs and bundles; with them an ASSAY_DATA of one's own is an Assay of one's own. */
const desktopFolder = join(data, 'desktop')
const windowState = keptIn(join(desktopFolder, 'window.json'), windowStateSchema, firstWindow)

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window?.isMinimized()) window.restore()
  if (window) window.focus()
  else if (app.isReady()) openWindow(applicationFolder, windowState)
}

const commands = commandPages(showWindow)
const openPaths = (paths: readonly string[]): void => commandsFor(paths).forEach((command) => commands.send(command))

/** What a start was asked to open. Electron in a checkout is given the application's folder first. */
const argumentsOf = (argv: readonly string[]): string[] => {
  const given = argv.slice(1)
  const folder = app.isPackaged ? -1 : given.findIndex((arg) => !arg.startsWith('-'))
  return given.filter((_arg, i) => i !== folder)
}

interface Running {
  engine: SupervisedEngine
  jobs: JobWatch
  stop(): Promise<void>
}

function start(): Running {
  // Packed, models and samples lie beside the archive; in a checkout, in the application's folder itself.
  const places = enginePlaces(app.isPackaged ? [process.resourcesPath] : [applicationFolder])
  const engine = supervise(() => launchUtility(places, applicationFolder), { onCrash: tellOfCrash })
  const shelf = dragShelf(engine, iconFile())
  const recent = recentFiles(keptIn(join(desktopFolder, 'recent.json'), recentSchema, nothingRecent), app.isPackaged ? process.resourcesPath : applicationFolder, () => menu())
  const menu = (): void => setMenu({ send: commands.send, openRecent, recent, dataFolder: data })
  function openRecent(path: string): void {
    if (existsSync(path)) return openPaths([path])
    recent.drop(path)
    void tellOfMissing(path)
  }

  hardenSession(session.defaultSession)
  askWhereToSave(session.defaultSession)
  handleScheme(session.defaultSession, engine, join(applicationFolder, 'out', 'renderer'))
  answerPages(engine, {
    shelf,
    commands,
    openDataFolder: () => void shell.openPath(data),
    onAnswered(name, input) {
      // The engine has checked the input by then.
      const started = input as { kind: string; parameters: { paths: string[] } }
      if (name === 'jobs.start' && started.kind === 'scan') recent.add(started.parameters.paths)
    },
  })
  const jobs = watchJobs(engine, showWindow)
  menu()
  showWindow()
  return {
    engine,
    jobs,
    async stop() {
      shelf.remove()
      await engine.stop()
    },
  }
}

function run(): void {
  let running: Running | undefined
  let stopped = false
  /** The person has said that running jobs may end. */
  let mayQuit = false
  let asking = false

  /** True when leaving has to wait for an answer, which then leaves by itself. */
  function asksFirst(): boolean {
    // A check of the hardware is made again at any time.
    const jobs = (running?.jobs.running() ?? []).filter(({ kind }) => kind !== 'devices')
    if (mayQuit || jobs.length === 0) return false
    if (asking) return true
    asking = true
    void mayQuitDuring(jobs)
      .then((quit) => {
        mayQuit = quit
        if (quit) app.quit()
        // The page's process may be gone, and its window with it: what works on without one could not be found again.
        else if (process.platform !== 'darwin') showWindow()
      })
      .finally(() => {
        asking = false
      })
    return true
  }

  declareScheme()
  hardenEverything(app)
  app.setAppUserModelId(applicationId)
  app.setAboutPanelOptions({
    applicationName: 'Assay',
    applicationVersion: version,
    copyright: "Apache License 2.0. The licences of what it is made of are in THIRD-PARTY-LICENSES.txt among the program's resources.",
    credits: researchUseOnly,
    iconPath: iconFile(),
  })
  app.on('second-instance', (_event, _argv, _workingFolder, handedOver) => {
    showWindow()
    const { paths } = (handedOver ?? {}) as { paths?: unknown }
    if (Array.isArray(paths)) openPaths(paths.filter((path) => typeof path === 'string'))
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    openPaths([path])
  })
  app.on('activate', () => {
    if (running && BrowserWindow.getAllWindows().length === 0) showWindow()
  })
  app.on('browser-window-created', (_event, window) => {
    // On a Mac the application stays when its window goes, and so do its jobs.
    window.on('close', (event) => {
      if (process.platform !== 'darwin' && asksFirst()) event.preventDefault()
    })
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (asksFirst()) event.preventDefault()
  })
  // Leaving waits for running jobs to write their records.
  app.on('will-quit', (event) => {
    if (stopped || !running) return
    event.preventDefault()
    void running.stop().finally(() => {
      stopped = true
      app.quit()
    })
  })
  void app.whenReady().then(() => {
    running = start()
    openPaths(opened)
  })
}

const obstacle = whyUnsafe(app) ?? whyNotKept(desktopFolder)
if (obstacle === null) app.setPath('userData', desktopFolder)
app.enableSandbox()
const opened = pathsAmong(argumentsOf(process.argv), process.cwd())

if (obstacle !== null) {
  dialog.showErrorBox('Assay', obstacle)
  app.exit(1)
} else if (app.requestSingleInstanceLock({ paths: opened })) run()
// The Assay that runs already opens the files.
else app.quit()
