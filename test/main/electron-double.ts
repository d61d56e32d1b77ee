/**
 * A stand-in for the `electron` module that remembers what it was told, so that main and preload can be tested where
 * the binary is not. A test mocks the module with the object that `electronDouble` returns.
 */
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { vi } from 'vitest'

interface Item {
  id?: string
  label?: string
  role?: string
  accelerator?: string
  submenu?: Item[]
  click?: (item: { checked?: boolean }) => void
  [more: string]: unknown
}

/** @param data the person's data folder, and the folder of everything else that Electron is asked for */
export function electronDouble(data: string) {
  const state = { ready: false, focused: true, display: { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } } }
  const menus: Item[][] = []
  const notifications: FakeNotification[] = []
  const windows: FakeWindow[] = []
  const children: FakeChild[] = []
  const handlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>()
  const schemeHandlers = new Map<string, (request: Request) => Promise<Response>>()

  class FakeContents extends EventEmitter {
    windowOpenHandler?: (details: { url: string }) => { action: string }
    readonly sent: unknown[][] = []
    startDrag = vi.fn()
    reload = vi.fn()
    setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
      this.windowOpenHandler = handler
    }
    send(...args: unknown[]): void {
      this.sent.push(args)
    }
  }

  class FakeWindow extends EventEmitter {
    readonly webContents = new FakeContents()
    url = ''
    focused = 0
    bounds = { x: 10, y: 20, width: 1000, height: 700 }
    maximised = false
    fullScreen = false
    progress: number[] = []
    constructor(readonly options: { webPreferences: Record<string, unknown>; x?: number; y?: number; width: number; height: number; fullscreen?: boolean }) {
      super()
      windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
      app.emit('browser-window-created', {}, this)
    }
    static getFocusedWindow = (): FakeWindow | null => (state.focused ? (windows[0] ?? null) : null)
    /** What the person's click on the window's cross does. True when it went. */
    closeByHand(): boolean {
      const event = { defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true) }
      this.emit('close', event)
      if (!event.defaultPrevented) windows.splice(windows.indexOf(this), 1)
      return !event.defaultPrevented
    }
    getNormalBounds = () => this.bounds
    isMaximized = () => this.maximised
    isFullScreen = () => this.fullScreen
    maximize(): void {
      this.maximised = true
    }
    setProgressBar(progress: number): void {
      this.progress.push(progress)
    }
    destroy = vi.fn()
    static getAllWindows = (): FakeWindow[] => windows
    static fromWebContents = (contents: unknown): FakeWindow | null => windows.find(({ webContents }) => webContents === contents) ?? null
    async loadURL(url: string): Promise<void> {
      this.url = url
    }
    show = vi.fn()
    restore = vi.fn()
    isMinimized = () => false
    isDestroyed = () => false
    focus(): void {
      this.focused += 1
    }
  }

  class FakeChild extends EventEmitter {
    readonly posted: { type: string; id?: number; name?: string }[] = []
    killed = false
    constructor(
      readonly file: string,
      readonly args: string[],
    ) {
      super()
      children.push(this)
    }
    postMessage(message: { type: string }): void {
      this.posted.push(message)
      if (message.type === 'stop') queueMicrotask(() => this.emit('exit', 0))
    }
    kill(): void {
      this.killed = true
      this.emit('exit', 1)
    }
  }

  class FakeNotification extends EventEmitter {
    static isSupported = () => true
    constructor(readonly options: { title: string; body: string }) {
      super()
    }
    show(): void {
      notifications.push(this)
    }
  }

  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    isReady: () => state.ready,
    exit: vi.fn(),
    setPath: vi.fn(),
    setAppUserModelId: vi.fn(),
    setAboutPanelOptions: vi.fn(),
    showAboutPanel: vi.fn(),
    addRecentDocument: vi.fn(),
    clearRecentDocuments: vi.fn(),
    commandLine: { hasSwitch: vi.fn((_name: string) => false) },
    quit: vi.fn(),
    enableSandbox: vi.fn(),
    getAppPath: () => process.cwd(),
    getPath: (name: string) => join(data, name),
    requestSingleInstanceLock: vi.fn((_handedOver: { paths: string[] }) => true),
    async whenReady(): Promise<void> {
      state.ready = true
    },
  })
  const defaultSession = Object.assign(new EventEmitter(), {
    setPermissionRequestHandler: vi.fn(),
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
    setSpellCheckerEnabled: vi.fn(),
    webRequest: { onBeforeRequest: vi.fn() },
    protocol: { handle: (scheme: string, handler: (request: Request) => Promise<Response>) => schemeHandlers.set(scheme, handler) },
  })
  const ipcRenderer = Object.assign(new EventEmitter(), { invoke: vi.fn(async (...args: unknown[]) => args) })
  const exposed: Record<string, unknown> = {}

  return {
    /** What `import … from 'electron'` gives. */
    module: {
      app,
      BrowserWindow: FakeWindow,
      Menu: { setApplicationMenu: (template: Item[]) => void menus.push(template), buildFromTemplate: (template: unknown) => template },
      Notification: FakeNotification,
      dialog: { showOpenDialog: vi.fn(), showErrorBox: vi.fn(), showMessageBox: vi.fn(async (..._args: unknown[]) => ({ response: 0 })) },
      // Only `handle`: a channel opened in another way would fail here.
      ipcMain: { handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => Promise<unknown>) => handlers.set(channel, handler) },
      nativeImage: { createFromPath: (path: string) => ({ resize: () => ({ path }) }) },
      powerSaveBlocker: { start: vi.fn((_kind: string) => 7), stop: vi.fn() },
      screen: { getPrimaryDisplay: () => state.display, getAllDisplays: () => [state.display] },
      shell: { openPath: vi.fn(async () => '') },
      protocol: { registerSchemesAsPrivileged: vi.fn() },
      session: { defaultSession },
      utilityProcess: { fork: (file: string, args: string[]) => new FakeChild(file, args) },
      contextBridge: { exposeInMainWorld: (name: string, api: unknown) => void (exposed[name] = api) },
      ipcRenderer,
      webUtils: { getPathForFile: (file: { name: string }) => `/disk/${file.name}` },
    },
    state,
    windows,
    children,
    menus,
    notifications,
    handlers,
    schemeHandlers,
    exposed,
  }
}
