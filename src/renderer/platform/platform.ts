/**
 * What the page needs from the front it runs in: the engine by the contract, bytes by handle, and files from the person.
 * Two implementations: `browser.ts` (loopback host) and `electron.ts` (preload).
 */
import type { HandleKind } from '../../shared/bridge'
import type { EngineClient } from '../../shared/contract'
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

export interface Platform extends EngineClient {
  readonly kind: 'electron' | 'browser'
  urlFor(kind: HandleKind, id: string): string
  /** Null when the person closed the dialog without choosing. */
  pick(what: 'files' | 'folder'): Promise<Intake | null>
  /** Must be called while the drop event is being handled: the browser forgets the entries afterwards. */
  fromDrop(transfer: DataTransfer): Intake
  /** Told `false` when events no longer arrive, and `true` when they do again. Returns the function that ends it. */
  watchConnection(listener: (connected: boolean) => void): () => void
}
