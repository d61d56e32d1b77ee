/**
 * A stand-in for the `electron` module that remembers what it was told, so that main and preload can be tested where
 * the binary is not. A test mocks the module with the object that `electronDouble` returns.
 */
import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

export function electronDouble() {
  const windows: FakeWindow[] = []
  const children: FakeChild[] = []
  const handlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>()
  const schemeHandlers = new Map<string, (request: Request) => Promise<Response>>()

  class FakeContents extends EventEmitter {
    windowOpenHandler?: (details: { url: string }) => { action: string }
    readonly sent: unknown[][] = []
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
    constructor(readonly options: { webPreferences: Record<string, unknown> }) {
      super()
      windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
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

  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    quit: vi.fn(),
    enableSandbox: vi.fn(),
    getAppPath: () => process.cwd(),
    getPath: (name: string) => `/${name}`,
    requestSingleInstanceLock: vi.fn(() => true),
    whenReady: () => Promise.resolve(),
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
      Menu: { setApplicationMenu: vi.fn(), buildFromTemplate: (template: unknown) => template },
      dialog: { showOpenDialog: vi.fn(), showErrorBox: vi.fn() },
      ipcMain: { handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => Promise<unknown>) => handlers.set(channel, handler) },
      protocol: { registerSchemesAsPrivileged: vi.fn() },
      session: { defaultSession },
      utilityProcess: { fork: (file: string, args: string[]) => new FakeChild(file, args) },
      contextBridge: { exposeInMainWorld: (name: string, api: unknown) => void (exposed[name] = api) },
      ipcRenderer,
      webUtils: { getPathForFile: (file: { name: string }) => `/disk/${file.name}` },
    },
    windows,
    children,
    handlers,
    schemeHandlers,
    exposed,
  }
}
