/**
 * Electron's own security checklist (electronjs.org/docs/latest/tutorial/security), item by item and in its order,
 * against the main process as it runs with the stand-in, and against what the build made of pages and preload.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { calls } from '../../src/shared/contract'
import { contentSecurityPolicy } from '../../src/shared/content-security'
import { channels, origin } from '../../src/shared/electron-origin'
import { builderConfiguration, root } from '../support/distribution'
import { packed, settle, startApplication, temporaryFolder } from './start-application'
import type { Electron } from './start-application'

const built = (...path: string[]): string => readFileSync(join(root, 'out', ...path), 'utf8')

let electron: Electron
beforeEach(async () => {
  electron = await startApplication({ prepare: (each) => packed(each, temporaryFolder()) })
})

const contents = () => electron.windows[0]!.webContents
const preferences = () => electron.windows[0]!.options.webPreferences
const session = () => electron.module.session.defaultSession
const isPrevented = (name: string, details: object = {}): boolean => {
  const event = { ...details, preventDefault: vi.fn() }
  contents().emit(name, event)
  return event.preventDefault.mock.calls.length > 0
}
const isCancelled = (url: string): boolean => {
  const answer = vi.fn()
  session().webRequest.onBeforeRequest.mock.lastCall![0]({ url }, answer)
  return answer.mock.calls[0]![0].cancel
}
const elsewhere = ['https://example.com/', 'http://127.0.0.1/', 'file:///etc/passwd', 'app://other/', 'app://assay.example.com/', 'javascript:alert(1)', 'data:text/html,x']

const checklist: Record<string, () => unknown> = {
  '1. only secure content is loaded: nothing but the application itself, over no network': () => {
    expect(electron.windows[0]!.url).toBe(`${origin}/`)
    for (const url of ['https://example.com/x.js', 'http://127.0.0.1:8080/', 'ws://example.com/', 'wss://example.com/', 'ftp://example.com/', 'file:///etc/passwd']) expect([url, isCancelled(url)]).toEqual([url, true])
    for (const url of [`${origin}/assets/page.js`, `blob:${origin}/1`]) expect([url, isCancelled(url)]).toEqual([url, false])
    expect(session().setSpellCheckerEnabled).toHaveBeenCalledWith(false)
  },
  '2. pages have no Node': () => {
    expect(preferences()).toMatchObject({ nodeIntegration: false })
    expect(preferences()).not.toHaveProperty('nodeIntegrationInWorker')
    expect(preferences()).not.toHaveProperty('nodeIntegrationInSubFrames')
  },
  '3. context isolation is on': () => expect(preferences()).toMatchObject({ contextIsolation: true }),
  '4. every process is sandboxed, and an installed Assay that is started without does not open': async () => {
    expect(preferences()).toMatchObject({ sandbox: true })
    expect(electron.module.app.enableSandbox).toHaveBeenCalled()
    const unsafe = await startApplication({
      prepare: (each) => {
        packed(each, temporaryFolder())
        each.module.app.commandLine.hasSwitch.mockImplementation((name) => name === 'no-sandbox')
      },
    })
    expect(unsafe.windows).toEqual([])
    expect(unsafe.module.dialog.showErrorBox).toHaveBeenCalledWith('Assay', expect.stringContaining('--no-sandbox'))
    expect(unsafe.module.app.exit).toHaveBeenCalledWith(1)
  },
  '5. no permission and no device is granted, in no session': () => {
    const other = { ...session(), setPermissionRequestHandler: vi.fn(), setPermissionCheckHandler: vi.fn(), setDevicePermissionHandler: vi.fn() }
    electron.module.app.emit('session-created', other)
    for (const each of [session(), other]) {
      const answer = vi.fn()
      for (const permission of ['media', 'geolocation', 'notifications', 'midi', 'clipboard-read', 'openExternal', 'fullscreen']) each.setPermissionRequestHandler.mock.calls[0]![0](null, permission, answer)
      expect(answer.mock.calls.every(([granted]) => granted === false)).toBe(true)
      expect(each.setPermissionCheckHandler.mock.calls[0]![0](null, 'media')).toBe(false)
      expect(each.setDevicePermissionHandler.mock.calls[0]![0]({ deviceType: 'usb' })).toBe(false)
    }
  },
  '6. web security is on': () => expect(preferences()).toMatchObject({ webSecurity: true }),
  '7. pages come with a policy that runs own scripts alone, and the built page has none inside': async () => {
    const answer = await electron.schemeHandlers.get('app')!(new Request(`${origin}/`))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    const policy = new Map(contentSecurityPolicy.split('; ').map((each) => [each.split(' ')[0]!, each.split(' ').slice(1)]))
    expect(policy.get('script-src') ?? policy.get('default-src')).toEqual(["'self'"])
    expect(policy.get('connect-src') ?? policy.get('default-src')).toEqual(["'self'"])
    for (const directive of ['object-src', 'base-uri', 'form-action', 'frame-ancestors']) expect(policy.get(directive)).toEqual(["'none'"])
    const page = built('renderer', 'index.html')
    expect([...page.matchAll(/<script\b[^>]*>([^<]*)/g)].map(([, inside]) => inside!.trim())).toEqual([''])
    expect(page).not.toMatch(/\son[a-z]+=/i)
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  },
  '8. insecure content is not allowed in': () => expect(preferences()).not.toHaveProperty('allowRunningInsecureContent'),
  '9. experimental features are off': () => expect(preferences()).not.toHaveProperty('experimentalFeatures'),
  '10. no features of Blink are switched on': () => expect(preferences()).not.toHaveProperty('enableBlinkFeatures'),
  '11. there are no webviews that could open windows': () => {
    expect(preferences()).not.toHaveProperty('webviewTag')
    for (const file of readdirSync(join(root, 'out', 'renderer', 'assets'))) if (file.endsWith('.js')) expect(built('renderer', 'assets', file)).not.toMatch(/<webview|allowpopups/i)
  },
  '12. a webview is refused whatever its options': () => expect(isPrevented('will-attach-webview')).toBe(true),
  '13. pages stay where they are, whatever sends them elsewhere': () => {
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      for (const url of elsewhere) expect([name, url, isPrevented(name, { url })]).toEqual([name, url, true])
      expect([name, isPrevented(name, { url: `${origin}/index.html` })]).toEqual([name, false])
    }
  },
  '14. pages open no windows': () => {
    for (const url of [...elsewhere, `${origin}/`]) expect(contents().windowOpenHandler!({ url })).toEqual({ action: 'deny' })
  },
  '15. nothing is ever handed to the system to open but the data folder': () => {
    const main = [built('main', 'index.js'), ...readdirSync(join(root, 'out', 'main', 'chunks')).map((file) => built('main', 'chunks', file))].join('\n')
    expect(main).not.toMatch(/openExternal/)
    const opened = [...main.matchAll(/openPath\(([^)]*)\)/g)].map(([, what]) => what)
    expect(opened.length).toBeGreaterThan(0)
    for (const what of opened) expect(['data', 'actions.dataFolder']).toContain(what)
    expect(built('preload', 'index.cjs')).not.toMatch(/shell/)
  },
  '16. Electron is a current version, and the one that is packed': async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string }
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(45)
    expect((await builderConfiguration()).electronVersion).toBe(version)
  },
  '17. every channel refuses whoever is not the main frame of an own page': async () => {
    expect([...electron.handlers.keys()].sort()).toEqual(Object.values(channels).filter((channel) => channel !== channels.event && channel !== channels.command).sort())
    const strangers = [{ parent: null, url: 'https://example.com/' }, { parent: null, url: 'app://assay.example.com/' }, { parent: null, url: 'about:blank' }, { parent: {}, url: `${origin}/` }, null]
    for (const [channel, handler] of electron.handlers)
      for (const senderFrame of strangers) await expect(handler({ senderFrame, sender: contents() }, 'jobs.list', {}), channel).rejects.toThrow('may not talk to Assay')
    await settle()
    expect(electron.children[0]!.posted).toEqual([])
    expect(contents().startDrag).not.toHaveBeenCalled()
  },
  '18. pages come over a protocol of our own that cannot lead out of its folder, not from file:': async () => {
    expect(electron.module.protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } }])
    expect((await builderConfiguration()).electronFuses).toMatchObject({ grantFileProtocolExtraPrivileges: false })
    for (const url of [`${origin}/../../package.json`, `${origin}/%2e%2e/%2e%2e/package.json`, `${origin}/..%2f..%2fpackage.json`]) expect((await electron.schemeHandlers.get('app')!(new Request(url))).status).toBe(404)
  },
  '19. fuses are set: no Node to be had from the program, and the archive is the one that was built': async () => {
    const { electronFuses, asar } = await builderConfiguration()
    expect(electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
    })
    expect(asar).toBeTruthy()
    expect(preferences()).toMatchObject({ devTools: false })
  },
  '20. pages see the bridge alone; no call of it names a channel, and the preload script has nothing of Node': () => {
    const preload = built('preload', 'index.cjs')
    expect([...preload.matchAll(/require\(["'`]([^"'`]+)/g)].map(([, name]) => name)).toEqual(['electron'])
    expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1)
    // What a call may ask for is the contract, checked again by the engine.
    expect(Object.keys(calls).length).toBeGreaterThan(0)
  },
}

describe("Electron's security checklist", () => {
  it.each(Object.keys(checklist))('%s', (item) => checklist[item]!() as Promise<void>)
  it('has all of its twenty items here', () => expect(Object.keys(checklist).map((item) => Number.parseInt(item))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1)))
})
