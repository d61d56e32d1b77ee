/**
 * The only door between a page and the application: the contract, file dialogs, where a dropped file lies,
 * dragging out, and the native menu's choices. Runs sandboxed; nothing of Electron or Node itself reaches the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { IpcRendererEvent } from 'electron'
import type { AssayBridge } from '../shared/bridge'
import type { AnyEvent } from '../shared/contract'
import type { DesktopCommand } from '../shared/desktop'
import { channels, origin } from '../shared/electron-origin'

/** The page gets the message alone, never Electron's own event with its sender. */
function listenTo<T>(channel: string, listener: (message: T) => void): () => void {
  const forward = (_event: IpcRendererEvent, message: T): void => listener(message)
  ipcRenderer.on(channel, forward)
  return () => {
    ipcRenderer.off(channel, forward)
  }
}

const bridge: AssayBridge = {
  kind: 'electron',
  call: (name, input) => ipcRenderer.invoke(channels.call, name, input),
  subscribe: (listener) => listenTo<AnyEvent>(channels.event, listener),
  pickFiles: () => ipcRenderer.invoke(channels.pickFiles),
  pickFolder: () => ipcRenderer.invoke(channels.pickFolder),
  pathForFile: (file) => webUtils.getPathForFile(file),
  urlFor: (kind, id) => `${origin}/${kind}/${encodeURIComponent(id)}`,
  onCommand(listener) {
    const end = listenTo<DesktopCommand>(channels.command, listener)
    void ipcRenderer.invoke(channels.ready)
    return end
  },
  prepareDrag: (artifactId) => ipcRenderer.invoke(channels.prepareDrag, artifactId),
  openDataFolder: () => void ipcRenderer.invoke(channels.openDataFolder),
  startDrag: (artifactId) => void ipcRenderer.invoke(channels.startDrag, artifactId),
}

contextBridge.exposeInMainWorld('assay', bridge)
