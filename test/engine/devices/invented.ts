/** A provider that does not exist: the CPU's answers, spoilt and timed as a test wants them. */
import { createHash } from 'node:crypto'
import { measure } from '../../../src/engine/devices/measure'
import type { Measure, Measured } from '../../../src/engine/devices/measure'
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

/** The same graph is measured once, since what is tested is what becomes of the numbers. */
const measured = new Map<string, Measured>()
async function onCpuOnce(bytes: Uint8Array, feeds: Record<string, Tensor>): Promise<Measured> {
  const key = createHash('sha256').update(bytes).digest('hex')
  const known = measured.get(key) ?? (await measure('cpu', bytes, feeds, { runs: 1 }))
  measured.set(key, known)
  return known
}

/** Answers for every provider; the CPU's are real. */
export const inventedProvider =
  ({ noise = 0, only, milliseconds, factor = 1, onCpu = [], ran }: Invented): Measure =>
  async (provider, bytes, feeds) => {
    const real = await onCpuOnce(bytes, feeds)
    if (provider === 'cpu') return real
    ran?.(provider)
    const outputs = Object.fromEntries(Object.entries(real.outputs).map(([name, t]) => [name, only && !only.includes(name) ? t : spoilt(t, noise)]))
    return { outputs, milliseconds: milliseconds ?? factor * real.milliseconds, onCpu }
  }
