/**
 * A session whose state comes back to it: outputs of one run are inputs of the next, as the weights of a training are.
 * Where the provider computes on a graphics card, the state stays there; elsewhere it lies in memory anyway.
 */
import type * as Ort from 'onnxruntime-node'
import type { Provider } from '../../shared/types'
import { GraphBuilder } from '../onnx/builder'
import { mul } from '../onnx/ops'
import { float32, type Tensor } from '../tensor/tensor'
import { inMemory, onDevice, tensorFromOrt, type DeviceTensor, type Feed } from './convert'
import { createSession, openChosen, runOpened, type Session, type SessionOptions } from './session'

/** Vectors by name. */
export type State<K extends string> = Record<K, Float32Array>

export interface RecurrentSession<K extends string> extends Pick<Session, 'provider' | 'fallbacks' | 'onCpu' | 'release'> {
  /** One step from the state as it is. @returns the outputs that are no part of it. @throws AssayError `runtime-failed`; the state is then as before */
  run(feeds: Record<string, Feed>): Promise<Record<string, Tensor>>
  /** A vector of the state, to feed to other sessions until the next step. */
  state(name: K): Feed
  read(): Promise<State<K>>
  write(state: State<K>): void
}

/** Providers on which ONNX Runtime for Node leaves an output where it was computed. */
const keeping: readonly Provider[] = ['webgpu']

/** The vector as it is: what a session answers is the one thing that ONNX Runtime for Node fetches from a card. */
function copyOf(length: number): Uint8Array {
  const g = new GraphBuilder()
  g.output('copy', mul(g, g.input('vector', [length]), 1))
  return g.toBytes()
}

/**
 * @param next of each vector of the state, as the model's inputs call it, the output that is it after the step
 * @throws AssayError as `createSession`
 */
export async function createRecurrentSession<K extends string>(model: Uint8Array, next: Readonly<Record<K, string>>, options: SessionOptions = {}): Promise<RecurrentSession<K>> {
  const names = Object.keys(next) as K[]
  const left = Object.fromEntries(names.map((name) => [next[name], 'gpu-buffer'])) as Record<string, 'gpu-buffer'>
  const opened = await openChosen(model, options, (provider) => (keeping.includes(provider) ? { preferredOutputLocation: left } : {}))
  const { session, where } = opened
  const readers = new Map<number, Promise<Session>>()
  let current = new Map<K, Feed>()

  async function fetch(vector: DeviceTensor): Promise<Tensor> {
    const length = vector.value.dims[0]!
    if (!readers.has(length)) readers.set(length, createSession(copyOf(length), { provider: vector.provider, unchecked: true }))
    return (await (await readers.get(length)!).run({ vector })).copy!
  }

  function taken(output: Ort.OnnxValue): Feed {
    const value = output as Ort.Tensor
    if (value.location !== 'gpu-buffer') return tensorFromOrt(value)
    let fetched: Promise<Tensor> | undefined
    const feed: DeviceTensor = { provider: where.provider, value, read: () => (fetched ??= fetch(feed)) }
    return feed
  }

  function replace(state: Map<K, Feed>): void {
    for (const feed of current.values()) if (onDevice(feed)) feed.value.dispose()
    current = state
  }

  return {
    ...where,
    async run(feeds) {
      const outputs = await runOpened(opened, { ...feeds, ...Object.fromEntries(current) })
      replace(new Map(names.map((name) => [name, taken(outputs[next[name]]!)])))
      const others = Object.entries(outputs).filter(([name]) => !(name in left))
      return Object.fromEntries(others.map(([name, value]) => [name, tensorFromOrt(value)]))
    },
    state: (name) => current.get(name)!,
    async read() {
      const read = await Promise.all(names.map(async (name) => [name, (await inMemory(current.get(name)!)).data as Float32Array] as const))
      return Object.fromEntries(read) as State<K>
    },
    write: (state) => replace(new Map(names.map((name) => [name, float32([state[name].length], state[name])]))),
    async release() {
      replace(new Map())
      await Promise.all([session.release(), ...[...readers.values()].map(async (reader) => (await reader).release())])
    },
  }
}
