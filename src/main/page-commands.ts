/**
 * The way from the application to its page. A page that is still loading gets what came meanwhile once it says that
 * it listens.
 */
import { BrowserWindow } from 'electron'
import type { WebContents } from 'electron'
import type { DesktopCommand } from '../shared/desktop'
import { channels } from '../shared/electron-origin'

export interface PageCommands {
  send(command: DesktopCommand): void
  /** To be called when a page says that it listens. */
  listening(contents: WebContents): void
}

/** @param showWindow opens or restores the window and brings it to the front */
export function commandPages(showWindow: () => void): PageCommands {
  const listeners = new WeakSet<WebContents>()
  const watched = new WeakSet<WebContents>()
  let waiting: DesktopCommand[] = []
  return {
    send(command) {
      showWindow()
      const window = BrowserWindow.getAllWindows().find(({ webContents }) => listeners.has(webContents))
      if (window) window.webContents.send(channels.command, command)
      else waiting.push(command)
    },
    listening(contents) {
      listeners.add(contents)
      if (!watched.has(contents)) {
        // A page that is loaded anew listens only when it says so again; another address of the same page is no such thing.
        contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
          if (isMainFrame && !isSameDocument) listeners.delete(contents)
        })
        // Nobody listens in a window whose page stopped, until it is loaded again.
        contents.on('render-process-gone', () => listeners.delete(contents))
      }
      watched.add(contents)
      for (const command of waiting) contents.send(channels.command, command)
      waiting = []
    },
  }
}
