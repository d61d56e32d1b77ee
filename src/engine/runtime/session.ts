/**
 * ONNX Runtime behind one small interface: bytes of a model in, tensors in, tensors out, on a chosen provider.
 *
 * `run` occupies the thread that calls it, so this room is only ever used inside the engine's worker. The binding is
 * imported on first use, because importing it can fail (Windows without the VC runtime).
 */
import { availableParallelism } from 'node:os'
import type * as Ort from 'onnxruntime-node'
import { AssayError } from '../../shared/errors'
import { quietRuntime } from '../../shared/quiet-runtime'
import type { Fallback, Provider, ProviderChoice } from '../../shared/types'
import type { Tensor } from '../tensor/tensor'
import { feedToOrt, tensorFromOrt, type Feed } from './convert'
import { withoutLackingOperators } from './lowering'
import { knownAbsent, providerChain } from './providers'

export interface Session {
  readonly provider: Provider
  /** Providers that were asked for first and are not used, with the reason. */
  readonly fallbacks: readonly Fallback[]
  /** Operators that ONNX Runtime leaves to the CPU on this provider, where somebody has looked. */
  readonly onCpu?: readonly string[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** @throws AssayError `runtime-failed` */
  run(feeds: Record<string, Feed>): Promise<Record<string, Tensor>>
  release(): Promise<void>
}

export interface SessionOptions {
  /** A named provider is taken or refused; `auto` (default) asks the chooser, and without one walks the platform's chain. */
  provider?: ProviderChoice
  /** Threads within an operator; ONNX Runtime's own choice when absent. */
  threads?: number
  /** Whether operators may be fused into kernels of ONNX Runtime's own, some of which exist in single precision alone; by default they are. */
  fused?: boolean
  /** Opens a named provider without a comparison with the CPU: for whoever makes it, and for graphs with nothing in them to get wrong. */
  unchecked?: boolean
}

/** What `auto` comes to for a model. */
export interface AutoChoice {
  /** Providers to open, best first. */
  order: readonly Provider[]
  refused: readonly Fallback[]
  /** Per provider: operators that it leaves to the CPU. */
  onCpu?: Partial<Record<Provider, readonly string[]>>
}
export interface AutoChooser {
  /** @param candidates at least two, the CPU last */
  choose(model: Uint8Array, candidates: readonly Provider[]): Promise<AutoChoice>
  /** Why a provider that was named is refused for a model: it computes otherwise than the CPU. */
  objection(provider: Provider, model: Uint8Array): Promise<string | undefined>
}

let chooser: AutoChooser | undefined
/**
 * Who decides for `auto` in this process: the room that measures stands above this one. Where the CPU is the only
 * candidate nobody is asked.
 */
export function chooseAutoWith(decides: AutoChooser | undefined): void {
  chooser = decides
}

/**
 * Every session has threads of its own. By default they spin for some milliseconds after they ran out of work, and take
 * the cores from the session that is asked next: the classifier behind the purifier, another program. On few cores they
 * sleep at once; on many, where waking each of them for every operator costs more, when `run` ends.
 */
export const idleThreads = (cores = availableParallelism()): NonNullable<Ort.InferenceSession.SessionOptions['extra']> =>
  cores <= 4 ? { session: { intra_op: { allow_spinning: '0' } } } : { session: { force_spinning_stop: '1' } }

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

/** A session of ONNX Runtime, and where it runs. */
export interface Opened {
  ort: typeof Ort
  session: Ort.InferenceSession
  where: Pick<Session, 'provider' | 'fallbacks' | 'onCpu'>
}

/**
 * Operators that a provider lacks are run by ONNX Runtime's CPU provider, node by node.
 * @throws AssayError `provider-unavailable` when the named provider does not work here, or computes the model otherwise
 * than the CPU; `onnx-invalid` when the model does not load on the CPU either.
 */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const opened = await openChosen(model, options)
  const { session, where } = opened
  return {
    ...where,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds) => Object.fromEntries(Object.entries(await runOpened(opened, feeds)).map(([name, value]) => [name, tensorFromOrt(value)])),
    release: () => session.release(),
  }
}

/** As `createSession`. @param settings of ONNX Runtime for a provider, beside ours */
export async function openChosen(model: Uint8Array, options: SessionOptions, settings: (provider: Provider) => Ort.InferenceSession.SessionOptions = () => ({})): Promise<Opened> {
  const ort = await ortBinding()
  const choice = options.provider ?? 'auto'
  const objection = choice === 'auto' || choice === 'cpu' || options.unchecked ? undefined : await chooser?.objection(choice, model)
  if (objection !== undefined)
    throw new AssayError('provider-unavailable', `The provider ${choice} is refused: ${objection}; choose auto or cpu.`, { provider: choice })
  const fallbacks: Fallback[] = []
  const candidates: Provider[] = []
  for (const provider of providerChain(choice)) {
    const absent = choice === 'auto' ? knownAbsent(provider) : undefined
    const failed = choice === 'auto' ? missing.get(provider) : undefined
    if (absent !== undefined) fallbacks.push({ provider, reason: absent, absent: true })
    else if (failed !== undefined) fallbacks.push({ provider, reason: failed })
    else candidates.push(provider)
  }
  const chosen = choice === 'auto' && candidates.length > 1 ? await chooser?.choose(model, candidates) : undefined
  fallbacks.push(...(chosen?.refused ?? []))
  for (const provider of chosen?.order ?? candidates) {
    try {
      const [session, onCpu] = [await openSession(ort, model, provider, options, settings(provider)), chosen?.onCpu?.[provider]]
      return { ort, session, where: { provider, fallbacks, ...(onCpu && { onCpu }) } }
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

/** @param settings of ONNX Runtime, beside ours */
export async function openSession(ort: typeof Ort, model: Uint8Array, provider: Provider, { threads, fused = true }: SessionOptions = {}, settings: Ort.InferenceSession.SessionOptions = {}): Promise<Ort.InferenceSession> {
  const create = (bytes: Uint8Array) =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: fused ? 'all' : 'basic',
      // Errors come as exceptions; the log would only repeat them.
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      extra: idleThreads(),
      ...settings,
    })
  const lowered = withoutLackingOperators(model, provider)
  return lowered === model ? create(model) : create(lowered).catch(() => create(model))
}

const invalid = (reason: string | undefined) => new AssayError('onnx-invalid', `ONNX Runtime refuses this model (${reason}); export it again.`)

/** Tells a provider that does not work from a model that works nowhere. */
async function refuseBrokenModel(ort: typeof Ort, model: Uint8Array): Promise<void> {
  let session: Ort.InferenceSession
  try {
    session = await openSession(ort, model, 'cpu')
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

/** @throws AssayError `runtime-failed` */
export async function runOpened({ ort, session, where: { provider } }: Opened, feeds: Record<string, Feed>): Promise<Ort.InferenceSession.OnnxValueMapType> {
  const absent = session.inputNames.find((name) => !feeds[name])
  if (absent !== undefined) throw new AssayError('runtime-failed', `The model's input ${absent} was not given.`, { input: absent })
  try {
    const types = new Map(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : undefined]))
    const values = session.inputNames.map(async (name) => [name, await feedToOrt(ort, feeds[name]!, provider, types.get(name))] as const)
    return await session.run(Object.fromEntries(await Promise.all(values)))
  } catch (cause) {
    if (cause instanceof AssayError) throw cause
    throw new AssayError('runtime-failed', `ONNX Runtime failed on ${provider}: ${firstLine(cause)}`, { provider }, { cause })
  }
}
