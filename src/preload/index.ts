/**
 * The only door between a page and the application: the contract, file dialogs, and where a dropped file lies. Runs
 * sandboxed; nothing of Electron or Node itself reaches the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { IpcRendererEvent } from 'electron'
import type { AssayBridge } from '../shared/bridge'
import type { AnyEvent } from '../shared/contract'
import { channels, origin } from '../shared/electron-origin'

const bridge: AssayBridge = {
  kind: 'electron',
  call: (name, input) => ipcRenderer.invoke(channels.call, name, input),
  subscribe(listener) {
    // The page gets the event of the contract, never Electron's own with its sender.
    const forward = (_event: IpcRendererEvent, event: AnyEvent): void => listener(event)
    ipcRenderer.on(channels.event, forward)
    return () => {
      ipcRenderer.off(channels.event, forward)
    }
  },
  pickFiles: () => ipcRenderer.invoke(channels.pickFiles),
  pickFolder: () => ipcRenderer.invoke(channels.pickFolder),
  pathForFile: (file) => webUtils.getPathForFile(file),
  urlFor: (kind, id) => `${origin}/${kind}/${encodeURIComponent(id)}`,
}

contextBridge.exposeInMainWorld('assay', bridge)
