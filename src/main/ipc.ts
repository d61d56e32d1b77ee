/**
 * The contract over Electron's IPC. Every request is refused unless the page that sends it is Assay's own main frame.
 */
import { BrowserWindow, dialog, ipcMain } from 'electron'
import type { IpcMainInvokeEvent } from 'electron'
import type { CallReply } from '../shared/bridge'
import type { CallName } from '../shared/contract'
import { channels, isOwnAddress } from '../shared/electron-origin'
import { serializeError } from '../shared/errors'
import type { EngineConnection } from '../shared/rpc'
import type { DragShelf } from './drag-out'
import type { PageCommands } from './page-commands'

/** @throws Error when the sender is not a page of Assay's, or only a frame inside one. */
export function checkSender({ senderFrame }: Pick<IpcMainInvokeEvent, 'senderFrame'>): void {
  if (!senderFrame || senderFrame.parent !== null || !isOwnAddress(senderFrame.url)) throw new Error('This page may not talk to Assay.')
}

function handle(channel: string, answer: (event: IpcMainInvokeEvent, ...args: unknown[]) => Promise<unknown>): void {
  ipcMain.handle(channel, async (event, ...args: unknown[]) => {
    checkSender(event)
    return answer(event, ...args)
  })
}

async function pick(event: IpcMainInvokeEvent, properties: Electron.OpenDialogOptions['properties'] & object): Promise<string[]> {
  const window = BrowserWindow.fromWebContents(event.sender)
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, { properties }) : dialog.showOpenDialog({ properties }))
  return canceled ? [] : filePaths
}

export interface Desk {
  shelf: DragShelf
  commands: PageCommands
  openDataFolder(): void
  /** Told of each call that the engine answered. */
  onAnswered(name: unknown, input: unknown): void
}

export function answerPages(client: EngineConnection, { shelf, commands, openDataFolder, onAnswered }: Desk): void {
  handle(channels.call, async (_event, name, input): Promise<CallReply> => {
    try {
      // The engine's side checks the name and the input against the contract.
      const output = await client.call(name as CallName, input as never)
      onAnswered(name, input)
      return { ok: true, output }
    } catch (error) {
      return { ok: false, error: serializeError(error) }
    }
  })
  handle(channels.pickFiles, (event) => pick(event, ['openFile', 'multiSelections']))
  handle(channels.pickFolder, async (event) => (await pick(event, ['openDirectory']))[0] ?? null)
  handle(channels.ready, async ({ sender }) => commands.listening(sender))
  handle(channels.prepareDrag, (_event, artifactId) =>
    shelf.prepare(String(artifactId)).then(
      () => true,
      () => false,
    ),
  )
  handle(channels.startDrag, async ({ sender }, artifactId) => shelf.start(sender, String(artifactId)))
  handle(channels.openDataFolder, async () => openDataFolder())
  client.subscribe((event) => {
    for (const window of BrowserWindow.getAllWindows()) if (!window.isDestroyed()) window.webContents.send(channels.event, event)
  })
}
