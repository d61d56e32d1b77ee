/**
 * The desktop application's wiring against a stand-in for Electron: mostly Electron's own security checklist
 * (electronjs.org/docs/latest/tutorial/security), point by point.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { channels, origin } from '../../src/shared/electron-origin'
import { electronDouble } from './electron-double'

type Electron = ReturnType<typeof electronDouble>
let electron: Electron

const ownFrame = { parent: null, url: `${origin}/index.html` }
const fromOwnPage = () => ({ senderFrame: ownFrame, sender: electron.windows[0]!.webContents })
const settle = () => new Promise((resolve) => setTimeout(resolve, 10))

async function startApplication(prepare: (electron: Electron) => void = () => {}): Promise<void> {
  vi.resetModules()
  electron = electronDouble()
  prepare(electron)
  vi.doMock('electron', () => electron.module)
  await import('../../src/main/index')
  await settle()
}

/** Answers the engine's next call as the engine would. */
function answerCall(output: unknown): void {
  const child = electron.children.at(-1)!
  const { id } = child.posted.at(-1)!
  child.emit('message', { type: 'output', id, output })
}

describe('the window', () => {
  beforeEach(() => startApplication())

  it('shows a page that is sandboxed, isolated and without Node', () => {
    const [window] = electron.windows
    expect(window!.options.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true })
    expect(window!.options.webPreferences['preload']).toMatch(/out[\\/]preload[\\/]index\.cjs$/)
    expect(window!.url).toBe(`${origin}/`)
    expect(electron.module.app.enableSandbox).toHaveBeenCalled()
  })

  it.each(['https://example.com/', 'http://127.0.0.1/', 'file:///etc/passwd', 'app://other/', 'app://assay.example.com/', 'javascript:alert(1)'])('does not go to %s', (url) => {
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const event = { url, preventDefault: vi.fn() }
      electron.windows[0]!.webContents.emit(name, event)
      expect(event.preventDefault).toHaveBeenCalled()
    }
  })

  it('may reload its own page', () => {
    const event = { url: `${origin}/index.html`, preventDefault: vi.fn() }
    electron.windows[0]!.webContents.emit('will-navigate', event)
    expect(event.preventDefault).not.toHaveBeenCalled()
  })

  it('opens no other window and holds no webview', () => {
    const { webContents } = electron.windows[0]!
    expect(webContents.windowOpenHandler!({ url: 'https://example.com' })).toEqual({ action: 'deny' })
    const event = { preventDefault: vi.fn() }
    webContents.emit('will-attach-webview', event)
    expect(event.preventDefault).toHaveBeenCalled()
  })
})

describe('the session', () => {
  beforeEach(() => startApplication())
  const session = () => electron.module.session.defaultSession

  it('grants no permission and no device', () => {
    const answer = vi.fn()
    session().setPermissionRequestHandler.mock.calls[0]![0](null, 'media', answer)
    expect(answer).toHaveBeenCalledWith(false)
    expect(session().setPermissionCheckHandler.mock.calls[0]![0](null, 'media')).toBe(false)
    expect(session().setDevicePermissionHandler.mock.calls[0]![0]({})).toBe(false)
  })

  it.each([
    ['https://example.com/x.js', true],
    ['http://127.0.0.1:8080/', true],
    ['ws://example.com/', true],
    ['file:///etc/passwd', true],
    [`${origin}/assets/page.js`, false],
    ['blob:app://assay/1', false],
  ])('asked for %s, cancels: %s', (url, cancel) => {
    const answer = vi.fn()
    session().webRequest.onBeforeRequest.mock.calls[0]![0]({ url }, answer)
    expect(answer).toHaveBeenCalledWith({ cancel })
  })

  it('fetches no dictionaries for a spell checker', () => {
    expect(session().setSpellCheckerEnabled).toHaveBeenCalledWith(false)
  })

  it('asks where to save a download', () => {
    const item = { getFilename: () => 'a-assay.png', setSaveDialogOptions: vi.fn() }
    session().emit('will-download', {}, item)
    expect(item.setSaveDialogOptions).toHaveBeenCalledWith({ defaultPath: expect.stringMatching(/downloads[\\/]a-assay\.png$/) as string })
  })
})

describe('requests from pages', () => {
  beforeEach(() => startApplication())

  it.each([
    ['another origin', { parent: null, url: 'https://example.com/' }],
    ['an origin that begins alike', { parent: null, url: 'app://assay.example.com/' }],
    ['a frame inside the page', { parent: {}, url: `${origin}/` }],
    ['a page that is gone', null],
  ])('are refused from %s, on every channel', async (_what, senderFrame) => {
    for (const channel of [channels.call, channels.pickFiles, channels.pickFolder])
      await expect(electron.handlers.get(channel)!({ senderFrame, sender: {} }, 'jobs.list', {})).rejects.toThrow('may not talk to Assay')
    expect(electron.children[0]!.posted).toEqual([])
  })

  it('reach the engine and bring its answer, or its error, in an envelope', async () => {
    const asked = electron.handlers.get(channels.call)!(fromOwnPage(), 'jobs.list', {})
    await settle()
    answerCall([])
    expect(await asked).toEqual({ ok: true, output: [] })

    const failing = electron.handlers.get(channels.call)!(fromOwnPage(), 'jobs.list', {})
    await settle()
    const error = { code: 'job-not-found', message: 'There is no such job.', facts: {} }
    electron.children[0]!.emit('message', { type: 'error', id: electron.children[0]!.posted.at(-1)!.id, error })
    expect(await failing).toEqual({ ok: false, error })
  })

  it('answer with the chosen files, and with nothing when the dialog was cancelled', async () => {
    const { showOpenDialog } = electron.module.dialog
    showOpenDialog.mockResolvedValue({ canceled: false, filePaths: ['/a.dcm', '/b.dcm'] })
    expect(await electron.handlers.get(channels.pickFiles)!(fromOwnPage())).toEqual(['/a.dcm', '/b.dcm'])
    showOpenDialog.mockResolvedValue({ canceled: true, filePaths: [] })
    expect(await electron.handlers.get(channels.pickFiles)!(fromOwnPage())).toEqual([])
    expect(await electron.handlers.get(channels.pickFolder)!(fromOwnPage())).toBeNull()
  })

  it('hear of events', () => {
    const event = { name: 'job', payload: { id: 'a', endedAt: 1 } }
    electron.children[0]!.emit('message', { type: 'event', event })
    expect(electron.windows[0]!.webContents.sent).toEqual([[channels.event, event]])
  })
})

describe('app://', () => {
  beforeEach(() => startApplication())
  const get = (url: string, method = 'GET') => electron.schemeHandlers.get('app')!(new Request(url, { method }))

  it('is a standard, secure scheme', () => {
    expect(electron.module.protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([{ scheme: 'app', privileges: expect.objectContaining({ standard: true, secure: true }) as object }])
  })

  it('serves bytes by handle, with the policy', async () => {
    const asked = get(`${origin}/artifacts/h`)
    await settle()
    answerCall({ bytes: new Uint8Array([7]), mediaType: 'image/png', fileName: 'ü.png' })
    const response = await asked
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([7]))
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''%C3%BC.png")
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  it.each([`${origin}/../../package.json`, `${origin}/%2e%2e/%2e%2e/package.json`, `${origin}/..%2f..%2fpackage.json`, `${origin}/nothing.js`])('has nothing at %s', async (url) => {
    expect((await get(url)).status).toBe(404)
  })

  it('answers to its own name and to GET only', async () => {
    expect((await get('app://other/index.html')).status).toBe(403)
    expect((await get(`${origin}/`, 'POST')).status).toBe(405)
  })
})

describe('the application', () => {
  it('gives way to one that runs already', async () => {
    await startApplication(({ module }) => module.app.requestSingleInstanceLock.mockReturnValue(false))
    expect(electron.module.app.quit).toHaveBeenCalled()
    expect(electron.windows).toEqual([])
  })

  it('comes to the front when it is started again', async () => {
    await startApplication()
    electron.module.app.emit('second-instance')
    expect(electron.windows).toHaveLength(1)
    expect(electron.windows[0]!.focused).toBe(1)
  })

  it('runs the engine in a process of its own, and says so when it had to be started again', async () => {
    await startApplication()
    expect(electron.children[0]!.file).toMatch(/out[\\/]main[\\/]worker\.js$/)
    const waiting = electron.handlers.get(channels.call)!(fromOwnPage(), 'jobs.list', {})
    await settle()
    electron.children[0]!.emit('exit', 139)
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'engine-stopped' } })
    await settle()
    expect(electron.module.dialog.showErrorBox).toHaveBeenCalledWith('Assay', expect.stringContaining('engine'))
    void electron.handlers.get(channels.call)!(fromOwnPage(), 'jobs.list', {})
    await settle()
    expect(electron.children).toHaveLength(2)
  })

  it('waits for the engine to write its records before it leaves', async () => {
    await startApplication()
    const event = { preventDefault: vi.fn() }
    electron.module.app.emit('will-quit', event)
    expect(event.preventDefault).toHaveBeenCalled()
    expect(electron.children[0]!.posted.at(-1)).toEqual({ type: 'stop' })
    await settle()
    expect(electron.module.app.quit).toHaveBeenCalled()
    const again = { preventDefault: vi.fn() }
    electron.module.app.emit('will-quit', again)
    expect(again.preventDefault).not.toHaveBeenCalled()
  })
})
