/**
 * What the page needs from the front it runs in: the engine by the contract, bytes by handle, and files from the person.
 * Two implementations: `browser.ts` (loopback host) and `electron.ts` (preload).
 */
import type { HandleKind } from '../../shared/bridge'
import type { EngineClient } from '../../shared/contract'
import type { MenuCommand } from '../../shared/desktop'
import type { SerializedError } from '../../shared/errors'

export interface IntakeProgress {
  done: number
  total: number
}

/** What the engine can read, and what could not be brought to it. */
export interface IntakeResult {
  paths: string[]
  failures: { name: string; error: SerializedError }[]
}

/** Files or folders that a person handed over; `deliver` makes paths of them that the engine can read. */
export interface Intake {
  /**
   * @param choose where not all that is inside is wanted: which of these relative paths. A front that names folders instead
   * of copying their files does not ask.
   */
  deliver(onProgress: (progress: IntakeProgress) => void, signal: AbortSignal, choose?: (paths: readonly string[]) => readonly string[]): Promise<IntakeResult>
}

/** What the application around the page asks of it. */
export type PlatformCommand = { name: 'menu'; command: MenuCommand } | { name: 'open'; page: string; intake: Intake }

/** Artifacts dragged out of the window into other programs. */
export interface DragOut {
  /** Makes an artifact ready to be dragged. False when it is gone. */
  prepare(artifactId: string): Promise<boolean>
  /** Of a prepared one, while the mouse button is down. */
  start(artifactId: string): void
}

/** Whether events arrive: `refused` where an engine answers that was started anew, and wants to be entered by its own address. */
export type Connection = 'open' | 'lost' | 'refused'

export interface Platform extends EngineClient {
  readonly kind: 'electron' | 'browser'
  urlFor(kind: HandleKind, id: string): string
  /** Null when the person closed the dialog without choosing. */
  pick(what: 'files' | 'folder'): Promise<Intake | null>
  /** Must be called while the drop event is being handled: the browser forgets the entries afterwards. */
  fromDrop(transfer: DataTransfer): Intake
  /** Told when events no longer arrive, and when they do again. Returns the function that ends it. */
  watchConnection(listener: (connection: Connection) => void): () => void
  /** A browser asks nothing of its pages. Returns the function that ends it. */
  watchCommands(listener: (command: PlatformCommand) => void): () => void
  /** Shows the data folder in the system's file manager; null in a browser, which cannot. */
  readonly openDataFolder: (() => void) | null
  /** Null in a browser, where results are downloaded. */
  readonly dragOut: DragOut | null
}
