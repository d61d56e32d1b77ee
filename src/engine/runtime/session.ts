/**
 * ONNX Runtime behind one small interface: bytes of a model in, tensors in, tensors out, on a chosen provider.
 *
 * `run` occupies the thread that calls it, so this room is only ever used inside the engine's worker. The binding is
 * imported on first use, because importing it can fail (Windows without the VC runtime).
 */
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import { quietRuntime } from '../../shared/quiet-runtime'
import type { Provider, ProviderChoice } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import { tensorFromOrt, tensorToOrt } from './convert'
import { withoutLackingOperators } from './lowering'
import { knownAbsent, providerChain } from './providers'

export interface Session {
  readonly provider: Provider
  /** Providers that were asked for first and did not work, with the reason. */
  readonly fallbacks: readonly { provider: Provider; reason: string }[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** @throws AssayError `runtime-failed` */
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
  release(): Promise<void>
}

export interface SessionOptions {
  /** A named provider is taken or refused; `auto` (default) walks the platform's chain down to the CPU. */
  provider?: ProviderChoice
  /** Threads within an operator; ONNX Runtime's own choice when absent. */
  threads?: number
  /** Whether operators may be fused into kernels of ONNX Runtime's own, some of which exist in single precision alone; by default they are. */
  fused?: boolean
}

let binding: Promise<typeof Ort> | undefined

/** @throws AssayError `provider-unavailable` when the binding itself cannot be loaded. */
export function ortBinding(): Promise<typeof Ort> {
  // Of use where this is the process's main thread; workers are given it by whoever starts them.
  Object.assign(process.env, quietRuntime)
  binding ??= import('onnxruntime-node').then(
    (module) => ('InferenceSession' in module ? module : (module as { default: typeof Ort }).default),
    (cause: unknown) => {
      binding = undefined
      throw new AssayError(
        'provider-unavailable',
        'ONNX Runtime could not be loaded; on Windows install the Microsoft Visual C++ runtime, elsewhere install Assay again.',
        {},
        { cause },
      )
    },
  )
  return binding
}

/** Providers of `auto` that this process has found missing: asking a driver again costs time and cannot help. */
const missing = new Map<Provider, string>()
/** What ONNX Runtime says when the provider is at fault, whatever the model. */
const providersOwnFault = /adapter|backend not found|no available backend|provider .*not (available|supported|enabled)/i

/**
 * Operators that a provider lacks are run by ONNX Runtime's CPU provider, node by node.
 * @throws AssayError `provider-unavailable` when the named provider does not work here, `onnx-invalid` when the model
 * does not load on the CPU either.
 */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const ort = await ortBinding()
  const choice = options.provider ?? 'auto'
  const fallbacks: { provider: Provider; reason: string }[] = []
  for (const provider of providerChain(choice)) {
    const absent = choice === 'auto' ? (missing.get(provider) ?? knownAbsent(provider)) : undefined
    if (absent !== undefined) {
      fallbacks.push({ provider, reason: absent })
      continue
    }
    try {
      return wrap(ort, await open(ort, model, provider, options), provider, fallbacks)
    } catch (error) {
      const reason = firstLine(error)
      if (provider !== 'cpu' && providersOwnFault.test(reason)) missing.set(provider, reason)
      fallbacks.push({ provider, reason })
    }
  }
  if (choice !== 'auto' && choice !== 'cpu') await refuseBrokenModel(ort, model)
  const last = fallbacks.at(-1)
  if (choice !== 'auto' && choice !== 'cpu')
    throw new AssayError('provider-unavailable', `The provider ${choice} does not work on this machine (${last?.reason}); choose auto or cpu.`, { provider: choice })
  throw invalid(last?.reason)
}

async function open(ort: typeof Ort, model: Uint8Array, provider: Provider, { threads, fused = true }: SessionOptions): Promise<Ort.InferenceSession> {
  const create = (bytes: Uint8Array) =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: fused ? 'all' : 'basic',
      // Errors come as exceptions; the log would only repeat them.
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    })
  const lowered = withoutLackingOperators(model, provider)
  return lowered === model ? create(model) : create(lowered).catch(() => create(model))
}

const invalid = (reason: string | undefined) => new AssayError('onnx-invalid', `ONNX Runtime refuses this model (${reason}); export it again.`)

/** Tells a provider that does not work from a model that works nowhere. */
async function refuseBrokenModel(ort: typeof Ort, model: Uint8Array): Promise<void> {
  let session: Ort.InferenceSession
  try {
    session = await open(ort, model, 'cpu', {})
  } catch (error) {
    throw invalid(firstLine(error))
  }
  await session.release()
}

/** What ONNX Runtime says, without the place in its own source that it begins with. */
function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
  return line.replace(/^.*\S+\.(?:cc|cpp|h):\d+ .*? was false\. /, '').replace(/\/\S+\.(?:cc|cpp|h):\d+ /g, '').slice(0, 300)
}

function wrap(ort: typeof Ort, session: Ort.InferenceSession, provider: Provider, fallbacks: Session['fallbacks']): Session {
  return {
    provider,
    fallbacks,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const absent = session.inputNames.find((name) => !feeds[name])
      if (absent !== undefined) throw new AssayError('runtime-failed', `The model's input ${absent} was not given.`, { input: absent })
      try {
        const ortFeeds = Object.fromEntries(session.inputNames.map((name) => [name, tensorToOrt(ort, feeds[name]!)]))
        const results = await session.run(ortFeeds)
        return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, tensorFromOrt(value)]))
      } catch (cause) {
        if (cause instanceof AssayError) throw cause
        throw new AssayError('runtime-failed', `ONNX Runtime failed on ${provider}: ${firstLine(cause)}`, { provider }, { cause })
      }
    },
    release: () => session.release(),
  }
}
