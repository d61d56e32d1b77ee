/**
 * One graph on one provider: its answers, its speed, and what it leaves to the CPU. The only file of the room that
 * runs models, so that tests of the decisions can bring numbers of their own.
 */
import type { Provider } from '../../shared/types'
import { operatorsOnCpu } from '../runtime/placements'
import { createSession } from '../runtime/session'
import type { Tensor } from '../tensor/tensor'
import type { Outputs } from './difference'

export interface Measured {
  outputs: Outputs
  /** Median of the runs after the first, which compiles the kernels; NaN where there were none. */
  milliseconds: number
  onCpu: string[]
}

export interface Measuring {
  /** After the first, which is not timed. */
  runs?: number
  /** Beyond the first of them, none is begun once the runs so far took this long, in milliseconds. A run cannot be interrupted. */
  budget?: number
  placements?: boolean
}

export type Measure = (provider: Provider, bytes: Uint8Array, feeds: Record<string, Tensor>, options?: Measuring) => Promise<Measured>

/** @throws AssayError `provider-unavailable`, `runtime-failed`, `onnx-invalid` */
export const measure: Measure = async (provider, bytes, feeds, { runs = 3, budget = 1500, placements = false } = {}) => {
  const session = await createSession(bytes, { provider, unchecked: true })
  try {
    const outputs = await session.run(feeds)
    const times: number[] = []
    const began = performance.now()
    while (times.length < runs && (times.length === 0 || performance.now() - began < budget)) {
      const started = performance.now()
      await session.run(feeds)
      times.push(performance.now() - started)
    }
    const onCpu = placements ? await operatorsOnCpu(bytes, provider, feeds) : []
    return { outputs, milliseconds: times.sort((a, b) => a - b)[times.length >> 1] ?? NaN, onCpu }
  } finally {
    await session.release()
  }
}
