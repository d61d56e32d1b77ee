/**
 * What pages may not do, after Electron's security checklist: leave Assay's own origin, open windows, hold webviews,
 * ask for devices, or reach a network.
 */
import type { App, Session, WebContents } from 'electron'
import { isOwnAddress } from '../shared/electron-origin'

const localSchemes = ['app:', 'blob:', 'data:', 'devtools:']

export function hardenContents(contents: WebContents): void {
  const stay = (event: { preventDefault(): void; url?: string }, url?: string): void => {
    if (!isOwnAddress(event.url ?? url ?? '')) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  // The spell checker would fetch its dictionaries from the internet.
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !localSchemes.some((local) => details.url.startsWith(local)) })
  })
}

/** Every page and every session that is ever made, whoever makes it. */
export function hardenEverything(app: App): void {
  app.on('web-contents-created', (_event, contents) => hardenContents(contents))
  app.on('session-created', hardenSession)
}

/** Set where pages would run without the sandbox: an installed Assay does not open then. Null where all is well. */
export function whyUnsafe(app: App): string | null {
  if (!app.isPackaged || !app.commandLine.hasSwitch('no-sandbox')) return null
  return (
    'Assay was started without the sandbox that its pages run in (--no-sandbox), and does not open like that. ' +
    'Start it without that option. Where Linux forbids user namespaces, install the .deb package instead of the AppImage: it brings its own sandbox helper.'
  )
}
