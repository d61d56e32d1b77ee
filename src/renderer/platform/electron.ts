/** The page inside Electron: the preload script speaks the contract, and files are named by their paths, never copied. */
import type { AssayBridge, HandleKind } from '../../shared/bridge'
import type { AnyEvent, CallInput, CallName, CallOutput } from '../../shared/contract'
import { parseEvent, parseFailure, parseOutput } from './messages'
import type { Connection, DragOut, Intake, Platform, PlatformCommand } from './platform'

declare global {
  interface Window {
    /** Set by src/preload. */
    assay?: AssayBridge
  }
}

const intakeOf = (paths: string[]): Intake => ({ deliver: () => Promise.resolve({ paths, failures: [] }) })

export class ElectronPlatform implements Platform {
  readonly kind = 'electron'
  readonly dragOut: DragOut
  readonly openDataFolder: () => void
  constructor(private readonly bridge: AssayBridge) {
    this.openDataFolder = () => bridge.openDataFolder()
    this.dragOut = { prepare: (id) => bridge.prepareDrag(id), start: (id) => bridge.startDrag(id) }
  }

  async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> {
    const reply = await this.bridge.call(name, input)
    if (!reply.ok) throw parseFailure(reply.error, 'The engine has stopped; restart Assay.')
    return parseOutput(name, reply.output)
  }

  subscribe(listener: (event: AnyEvent) => void): () => void {
    return this.bridge.subscribe((value) => {
      const event = parseEvent(value)
      if (event) listener(event)
    })
  }

  /** A window and its engine live and die together. */
  watchConnection(listener: (connection: Connection) => void): () => void {
    listener('open')
    return () => undefined
  }

  watchCommands(listener: (command: PlatformCommand) => void): () => void {
    return this.bridge.onCommand((command) => listener(command.name === 'open' ? { name: 'open', page: command.page, intake: intakeOf(command.paths) } : command))
  }

  urlFor(kind: HandleKind, id: string): string {
    return this.bridge.urlFor(kind, id)
  }

  async pick(what: 'files' | 'folder'): Promise<Intake | null> {
    if (what === 'files') {
      const files = await this.bridge.pickFiles()
      return files.length > 0 ? intakeOf(files) : null
    }
    const folder = await this.bridge.pickFolder()
    return folder === null ? null : intakeOf([folder])
  }

  /** A folder is a File too here, and the engine walks it. */
  fromDrop(transfer: DataTransfer): Intake {
    return intakeOf(Array.from(transfer.files, (file) => this.bridge.pathForFile(file)).filter((path) => path !== ''))
  }
}
