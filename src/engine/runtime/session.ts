/**
 * ONNX Runtime behind one small interface: bytes of a model in, tensors in, tensors out, on a chosen provider.
 *
 * `run` occupies the thread that calls it, so this room is only ever used inside the engine's worker. The binding is
 * imported on first use, because importing it can fail (Windows without the VC runtime).
 */
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import type { Provider, ProviderChoice } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import { tensorFromOrt, tensorToOrt } from './convert'
import { providerChain } from './providers'

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
}

let binding: Promise<typeof Ort> | undefined

/** @throws AssayError `provider-unavailable` when the binding itself cannot be loaded. */
export function ortBinding(): Promise<typeof Ort> {
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

/**
 * @throws AssayError `provider-unavailable` when the named provider does not work here, `onnx-invalid` when the model
 * does not load on the CPU either.
 */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const ort = await ortBinding()
  const chain = providerChain(options.provider ?? 'auto')
  const fallbacks: { provider: Provider; reason: string }[] = []
  for (const provider of chain) {
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      })
      return wrap(ort, session, provider, fallbacks)
    } catch (error) {
      fallbacks.push({ provider, reason: firstLine(error) })
    }
  }
  const last = fallbacks.at(-1)
  if (chain.length === 1 && chain[0] !== 'cpu')
    throw new AssayError('provider-unavailable', `The provider ${chain[0]} does not work on this machine (${last?.reason}); choose auto or cpu.`, { provider: chain[0]! })
  throw new AssayError('onnx-invalid', `ONNX Runtime refuses this model: ${last?.reason}`, {})
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300)

function wrap(ort: typeof Ort, session: Ort.InferenceSession, provider: Provider, fallbacks: Session['fallbacks']): Session {
  return {
    provider,
    fallbacks,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const ortFeeds: Record<string, Ort.Tensor> = {}
      for (const name of session.inputNames) {
        const value = feeds[name]
        if (!value) throw new AssayError('runtime-failed', `The model's input ${name} was not given.`, { input: name })
        ortFeeds[name] = tensorToOrt(ort, value)
      }
      try {
        const results = await session.run(ortFeeds)
        return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, tensorFromOrt(value)]))
      } catch (cause) {
        throw new AssayError('runtime-failed', `ONNX Runtime failed on ${provider}: ${firstLine(cause)}`, { provider }, { cause })
      }
    },
    release: () => session.release(),
  }
}
