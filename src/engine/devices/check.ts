/**
 * Every provider of this machine against the CPU, on a forward-and-backward graph: does it work, does it agree, how
 * fast is it.
 */
import { toAssayError } from '../../shared/errors'
import type { Device, Provider } from '../../shared/types'
import { knownAbsent } from '../runtime/providers'
import { tolerances, worst } from './difference'
import type { Difference, Outputs } from './difference'
import { measure } from './measure'
import type { Measure } from './measure'
import { probe } from './probe'

/**
 * The first is for agreement, the last is what a step of an attack is like: a batch of as many images, since a graphics
 * card that loses on four may win by far on thirty-two. Each is a rung on the way to it.
 */
const rungs = [
  { batch: 2, side: 16, width: 8 },
  { batch: 2, side: 32, width: 12 },
  { batch: 2, side: 64, width: 16 },
  { batch: 4, side: 128, width: 24 },
  { batch: 32, side: 128, width: 24 },
] as const
const work = ({ batch, side, width }: (typeof rungs)[number]): number => batch * side ** 2 * width ** 2

/** In milliseconds. A rung that is expected to take longer is not tried: an emulated GPU would block its thread for minutes. */
const patience = 2000

export interface CheckOptions {
  signal?: AbortSignal
  /** Said, and waited for, before each provider. */
  progress?: (provider: Provider, done: number, total: number) => void | Promise<void>
  measure?: Measure
  /** Longest step that is waited for, in milliseconds. */
  longestStep?: number
  /** Why a provider is not tried at all. */
  absent?: (provider: Provider) => string | undefined
}

export const inNumbers = (difference: number): string => (Number.isFinite(difference) ? difference.toExponential(1) : 'not a number')

/** Infinity does not survive JSON. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Why answers are refused, or undefined when they may pass. */
function objection(forward: Difference, backward: Difference): string | undefined {
  if (forward.largest > tolerances.forward) return `its answers differ from the CPU's by ${inNumbers(forward.largest)} of the largest value (allowed ${inNumbers(tolerances.forward)})`
  if (backward.largest > tolerances.backward) return `its gradients differ from the CPU's by ${inNumbers(backward.largest)} of the largest value (allowed ${inNumbers(tolerances.backward)})`
  return undefined
}

/**
 * @param providers those to look at, the CPU among them; it comes out as the reference
 * @throws AssayError where the CPU itself does not work
 */
export async function checkDevices(providers: readonly Provider[], { signal, progress, measure: measured = measure, longestStep = patience, absent = knownAbsent }: CheckOptions = {}): Promise<Device[]> {
  const graphs = rungs.map((rung) => ({ rung, ...probe(rung) }))
  const [small, ...larger] = graphs as [(typeof graphs)[number], ...typeof graphs]
  let reference: Outputs = {}
  const devices = new Map<Provider, Device>()

  const speed = async (provider: Provider, milliseconds: number): Promise<Pick<Device, 'milliseconds' | 'reason'>> => {
    let [at, time] = [small.rung as (typeof rungs)[number], milliseconds]
    for (const { rung, bytes, feeds } of larger) {
      signal?.throwIfAborted()
      const expected = (time * work(rung)) / work(at)
      if (provider !== 'cpu' && expected > longestStep) return { reason: `too slow to be timed at a realistic size: ${Math.round(time)} ms for ${at.batch} images of ${at.side} × ${at.side}` }
      ;[at, time] = [rung, (await measured(provider, bytes, feeds)).milliseconds]
    }
    return { milliseconds: time }
  }

  const check = async (provider: Provider): Promise<Device> => {
    const reason = provider === 'cpu' ? undefined : absent(provider)
    if (reason !== undefined) return { provider, state: 'absent', reason }
    const { outputs, milliseconds, onCpu } = await measured(provider, small.bytes, small.feeds, { placements: true })
    if (provider === 'cpu') {
      reference = outputs
      return { provider, state: 'reference', ...(await speed(provider, milliseconds)) }
    }
    const forward = worst(reference, outputs, small.forward, tolerances.forward)
    const backward = worst(reference, outputs, small.backward, tolerances.backward)
    const found = { provider, forward: finite(forward.largest), backward: finite(backward.largest), onCpu }
    const objected = objection(forward, backward)
    return objected === undefined ? { ...found, state: 'agrees', ...(await speed(provider, milliseconds)) } : { ...found, state: 'disagrees', reason: objected }
  }

  const order: Provider[] = ['cpu', ...providers.filter((provider) => provider !== 'cpu')]
  for (const [done, provider] of order.entries()) {
    signal?.throwIfAborted()
    await progress?.(provider, done, order.length)
    try {
      devices.set(provider, await check(provider))
    } catch (error) {
      if (provider === 'cpu' || signal?.aborted) throw error
      devices.set(provider, { provider, state: 'failed', reason: toAssayError(error).message })
    }
  }
  return providers.map((provider) => devices.get(provider)!)
}
