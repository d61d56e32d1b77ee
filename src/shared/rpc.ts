/**
 * The contract spoken over an abstract port: a worker thread's, an Electron utility process's, or a test's.
 * The serving side validates every input with the contract's schemas; errors cross as plain objects.
 */
import type { z } from 'zod'
import { calls } from './contract'
import type { AnyEvent, CallInput, CallName, CallOutput, EngineClient, StoredBytes } from './contract'
import { AssayError, serializeError } from './errors'
import type { SerializedError } from './errors'

/** Two ends that pass structured-cloneable messages. `transfer` is a wish: a port may copy instead. */
export interface Port {
  post(message: unknown, transfer?: ArrayBuffer[]): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once when the other end is gone for good. */
  onClose?(listener: () => void): void
}

/** A call's input after validation, defaults filled in. */
export type ParsedInput<K extends CallName> = z.output<(typeof calls)[K]['input']>

/** What answers the contract: the engine's facade. Inputs arrive validated. */
export interface EngineService extends Pick<EngineClient, 'subscribe'> {
  call<K extends CallName>(name: K, input: ParsedInput<K>): Promise<CallOutput<K>>
  bytes(id: string): Promise<StoredBytes>
}

/** What `connect` gives to a front. */
export interface EngineConnection extends EngineClient {
  /** The bytes behind a handle; the receiver owns them. */
  bytes(id: string): Promise<StoredBytes>
}

type Request =
  | { type: 'call'; id: number; name: string; input: unknown }
  | { type: 'bytes'; id: number; handle: string }
type Reply =
  | { type: 'output'; id: number; output: unknown }
  | { type: 'error'; id: number; error: SerializedError }
  | { type: 'event'; event: AnyEvent }

const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name)

/**
 * A call's input checked against the contract, defaults filled in.
 * @throws AssayError `invalid-arguments` that names the first field at fault, also for a call that does not exist.
 */
export function parseCall(name: string, input: unknown): { name: CallName; input: ParsedInput<CallName> } {
  if (!isCallName(name)) throw new AssayError('invalid-arguments', `There is no call named ${name.slice(0, 80)}.`)
  const parsed = calls[name].input.safeParse(input)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const field = issue?.path.join('.') ?? ''
    throw new AssayError('invalid-arguments', `${field === '' ? name : `${name}, ${field}`}: ${issue?.message ?? 'not valid'}.`, { call: name, field })
  }
  return { name, input: parsed.data }
}

async function answer(service: EngineService, request: Request): Promise<unknown> {
  if (request.type === 'bytes') return service.bytes(request.handle)
  const { name, input } = parseCall(request.name, request.input)
  return service.call(name, input)
}

/** Answers requests that arrive on `port`, and posts every event of the service to it. */
export function serve(port: Port, service: EngineService): void {
  const post = (reply: Reply, transfer?: ArrayBuffer[]): void => port.post(reply, transfer)
  const stop = service.subscribe((event) => post({ type: 'event', event }))
  port.onClose?.(stop)
  port.onMessage((message) => {
    const request = message as Request
    if (request.type !== 'call' && request.type !== 'bytes') return
    answer(service, request).then(
      (output) => {
        if (request.type !== 'bytes') return post({ type: 'output', id: request.id, output })
        // A copy of its own, because the transfer takes it away and the store keeps what it has.
        const stored = output as StoredBytes
        const bytes = stored.bytes.slice()
        post({ type: 'output', id: request.id, output: { ...stored, bytes } }, [bytes.buffer])
      },
      (error: unknown) => post({ type: 'error', id: request.id, error: serializeError(error) }),
    )
  })
}

/** The client's end. Calls that wait when the other end goes reject with `engine-stopped`, as do all later ones. */
export function connect(port: Port): EngineConnection {
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: AssayError): void }>()
  const listeners = new Set<(event: AnyEvent) => void>()
  let nextId = 1
  let closed = false
  const stopped = (): AssayError => new AssayError('engine-stopped', 'The engine has stopped; try again.')

  port.onMessage((message) => {
    const reply = message as Reply
    if (reply.type === 'event') {
      for (const listener of listeners) listener(reply.event)
      return
    }
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.type === 'output') call?.resolve(reply.output)
    else call?.reject(AssayError.from(reply.error))
  })
  port.onClose?.(() => {
    closed = true
    for (const { reject } of waiting.values()) reject(stopped())
    waiting.clear()
  })

  const request = (make: (id: number) => Request): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(stopped())
      const id = nextId++
      waiting.set(id, { resolve, reject })
      port.post(make(id))
    })

  return {
    call: <K extends CallName>(name: K, input: CallInput<K>) =>
      request((id) => ({ type: 'call', id, name, input })) as Promise<CallOutput<K>>,
    bytes: (handle) => request((id) => ({ type: 'bytes', id, handle })) as Promise<StoredBytes>,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
