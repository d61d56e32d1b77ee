/**
 * What the preload script puts on `window.assay` under Electron. Absent in a browser, where the loopback host answers
 * the same contract over HTTP:
 *
 * - `POST /api/call/<name>`, JSON in; 200 with the output, or another status with `{ error: SerializedError }`;
 * - `GET /api/events`, server-sent events, each `data:` one AnyEvent;
 * - `GET /pixels/<id>` and `GET /artifacts/<id>`, the bytes (urlFor gives these paths on both fronts);
 * - `POST /api/upload?name=<relative path>&batch=<id>`, the file's bytes; answers an UploadReply.
 */
import type { AnyEvent, CallInput, CallName, CallOutput } from './contract'
import type { DesktopCommand } from './desktop'
import type { SerializedError } from './errors'

/** Errors cross Electron's context bridge without their properties, so an answer is an envelope. */
export type CallReply<T = unknown> = { ok: true; output: T } | { ok: false; error: SerializedError }

export type HandleKind = 'pixels' | 'artifacts'

export interface AssayBridge {
  readonly kind: 'electron'
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallReply<CallOutput<K>>>
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: AnyEvent) => void): () => void
  /** Paths that the person chose; empty when the dialog was cancelled. */
  pickFiles(): Promise<string[]>
  /** Null when the dialog was cancelled. */
  pickFolder(): Promise<string | null>
  /** Where a dropped or chosen File lies on disk; empty for one that is not on disk. */
  pathForFile(file: File): string
  urlFor(kind: HandleKind, id: string): string
  /** Choices in the native menu and files opened from outside, those from before the page was there first. Returns what ends it. */
  onCommand(listener: (command: DesktopCommand) => void): () => void
  /** Puts an artifact where another program can take it from, before it is dragged there. False when it is gone. */
  prepareDrag(artifactId: string): Promise<boolean>
  /** Shows the data folder in the system's file manager. */
  openDataFolder(): void
  /** Hands a prepared artifact to the system's own dragging, while the mouse button is down. */
  startDrag(artifactId: string): void
}

/** The host's answer to an upload: where the file lies now, and the folder of its whole batch. */
export interface UploadReply {
  path: string
  folder: string
}
