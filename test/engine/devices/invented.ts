/** A provider that does not exist: the CPU's answers, spoilt and timed as a test wants them. */
import { measure } from '../../../src/engine/devices/measure'
import type { Measure } from '../../../src/engine/devices/measure'
import type { Provider } from '../../../src/shared/types'
import type { Tensor } from '../../../src/engine/tensor/tensor'
import { float32 } from '../../../src/engine/tensor/tensor'

interface Invented {
  /** Added to every value, alternating in sign, as a share of the output's largest. */
  noise?: number
  /** Outputs that the noise is added to; all when absent. */
  only?: readonly string[]
  /** Time per step, or a share of the CPU's. */
  milliseconds?: number
  factor?: number
  onCpu?: string[]
  ran?: (provider: Provider) => void
}

function spoilt(t: Tensor, noise: number): Tensor {
  if (t.dtype !== 'float32') return t
  const values = t.data as Float32Array
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return float32(t.shape, values.map((value, i) => value + noise * scale * (i % 2 ? 1 : -1)))
}

/** Answers for every provider but the CPU, which is measured. */
export const inventedProvider =
  ({ noise = 0, only, milliseconds, factor = 1, onCpu = [], ran }: Invented): Measure =>
  async (provider, bytes, feeds, options) => {
    const real = await measure('cpu', bytes, feeds, { ...options, runs: 1, placements: false })
    if (provider === 'cpu') return real
    ran?.(provider)
    const outputs = Object.fromEntries(Object.entries(real.outputs).map(([name, t]) => [name, only && !only.includes(name) ? t : spoilt(t, noise)]))
    return { outputs, milliseconds: milliseconds ?? factor * real.milliseconds, onCpu }
  }
