/**
 * The page served by the loopback host: calls are POSTs, events a server-sent stream, and files are copied to the host
 * (which is on the same machine) because a browser does not say where they lie.
 */
import type { HandleKind, UploadReply } from '../../shared/bridge'
import type { AnyEvent, CallInput, CallName, CallOutput } from '../../shared/contract'
import { AssayError, serializeError } from '../../shared/errors'
import { filesUnder, isSystemFile, takeEntries } from './dropped-entries'
import type { NamedFile } from './dropped-entries'
import { parseEvent, parseFailure, parseOutput } from './messages'
import type { Connection, Intake, IntakeResult, Platform } from './platform'

const unreachable = 'The engine does not answer; see whether `assay serve` is still running, then reload the page.'

async function request(path: string, init: RequestInit): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init })
  } catch (error) {
    if (init.signal?.aborted) throw new AssayError('cancelled', 'Cancelled.', {}, { cause: error })
    throw new AssayError('engine-stopped', unreachable, {}, { cause: error })
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw parseFailure(body, unreachable)
  return body
}

/** Whether a host answers that does not know this page: one that was started since has another key. */
const isRefused = (): Promise<boolean> =>
  fetch('/', { credentials: 'same-origin', cache: 'no-store' }).then(
    ({ status }) => status === 403,
    () => false,
  )

async function upload({ file, relativePath }: NamedFile, batch: string, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams({ name: relativePath, batch })
  const answer = await request(`/api/upload?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
    signal,
  })
  return (answer as UploadReply).path
}

const uploadsAtOnce = 4

function intakeOf(list: () => Promise<NamedFile[]>): Intake {
  return {
    async deliver(onProgress, signal, choose = (paths) => paths) {
      const all = await list()
      const chosen = new Set(choose(all.map(({ relativePath }) => relativePath)))
      const files = all.filter(({ relativePath }) => chosen.has(relativePath))
      const batch = crypto.randomUUID()
      const paths = new Array<string | undefined>(files.length)
      const failures: IntakeResult['failures'] = []
      let next = 0
      let done = 0
      onProgress({ done, total: files.length })
      const worker = async (): Promise<void> => {
        for (let i = next++; i < files.length; i = next++) {
          const item = files[i]!
          try {
            paths[i] = await upload(item, batch, signal)
          } catch (error) {
            if (signal.aborted) throw error
            failures.push({ name: item.relativePath, error: serializeError(error) })
          }
          onProgress({ done: ++done, total: files.length })
        }
      }
      await Promise.all(Array.from({ length: uploadsAtOnce }, worker))
      return { paths: paths.filter((path) => path !== undefined), failures }
    },
  }
}

export class BrowserPlatform implements Platform {
  readonly kind = 'browser'
  readonly dragOut = null
  readonly openDataFolder = null
  private stream: EventSource | null = null
  private readonly listeners = new Set<(event: AnyEvent) => void>()
  private readonly watchers = new Set<(connection: Connection) => void>()

  async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> {
    const answer = await request(`/api/call/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    return parseOutput(name, answer)
  }

  subscribe(listener: (event: AnyEvent) => void): () => void {
    this.listeners.add(listener)
    this.open()
    return () => this.listeners.delete(listener)
  }

  watchConnection(listener: (connection: Connection) => void): () => void {
    this.watchers.add(listener)
    return () => this.watchers.delete(listener)
  }

  watchCommands(): () => void {
    return () => undefined
  }

  urlFor(kind: HandleKind, id: string): string {
    return `/${kind}/${encodeURIComponent(id)}`
  }

  pick(what: 'files' | 'folder'): Promise<Intake | null> {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.webkitdirectory = what === 'folder'
    return new Promise((resolve) => {
      input.addEventListener('cancel', () => resolve(null))
      input.addEventListener('change', () => {
        const files = Array.from(input.files ?? [])
          .filter((file) => !isSystemFile(file.name))
          .map((file) => ({ file, relativePath: file.webkitRelativePath || file.name }))
        resolve(files.length > 0 ? intakeOf(() => Promise.resolve(files)) : null)
      })
      input.click()
    })
  }

  fromDrop(transfer: DataTransfer): Intake {
    const { entries, files } = takeEntries(transfer)
    const loose = files.map((file) => ({ file, relativePath: file.name }))
    return intakeOf(async () => [...loose, ...(await filesUnder(entries))])
  }

  /** An EventSource reconnects by itself; what was missed meanwhile is asked for by whoever watches the connection. */
  private open(): void {
    if (this.stream) return
    const stream = new EventSource('/api/events')
    this.stream = stream
    stream.onopen = () => this.tell('open')
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return this.tell('lost')
      this.stream = null
      setTimeout(() => this.open(), 2000)
      void isRefused().then((refused) => this.tell(refused ? 'refused' : 'lost'))
    }
    stream.onmessage = (message: MessageEvent<string>) => {
      const event = parseEvent(JSON.parse(message.data))
      if (event) for (const listener of this.listeners) listener(event)
    }
  }

  private tell(connection: Connection): void {
    for (const watcher of this.watchers) watcher(connection)
  }
}
