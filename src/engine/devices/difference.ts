/**
 * How far a provider's answers are from the CPU's.
 */
import type { Tensor } from '../tensor/tensor'

/** Results of one run of a graph, by output. */
export type Outputs = Record<string, Tensor>

/**
 * Largest difference that sums of float32 in another order may make, as a share of the largest value of the output.
 * Measured with WebGPU on a software adapter: below 1e-6 on the probe, forward and backward. Half precision rounds each
 * single number by up to 5e-4, and is to be kept out: its gradients are not those of the model.
 */
export const tolerances = { forward: 1e-4, backward: 1e-3 } as const

/**
 * For a person's own model: deeper, and not chosen to stay away from kinks. One value in a hundred may be further off
 * (a ReLU's input at zero, the sign of a gradient near zero); a wrong kernel puts more than that in the wrong.
 */
export const modelTolerance = { difference: 1e-3, share: 0.01 } as const

export interface Difference {
  /** As a share of the CPU's largest value; Infinity where a number is missing. */
  largest: number
  /** Share of the values that differ by more than the tolerance. */
  beyond: number
}

function numbersOf(t: Tensor | undefined): readonly number[] | Float32Array | Float64Array {
  if (t?.dtype === 'float32' || t?.dtype === 'float64') return t.data as Float32Array | Float64Array
  return Array.from((t?.data ?? []) as ArrayLike<number | bigint>, Number)
}

export function difference(cpu: Tensor | undefined, other: Tensor | undefined, tolerance: number): Difference {
  const [a, b] = [numbersOf(cpu), numbersOf(other)]
  if (a.length !== b.length) return { largest: Infinity, beyond: 1 }
  let scale = 0
  for (const value of a) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value))
  let [largest, beyond] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    const [mine, theirs] = [a[i]!, b[i]!]
    if (Object.is(mine, theirs) || mine === theirs) continue
    const apart = Math.abs(mine - theirs) / (scale || 1)
    // Not a number on one side, or infinity on one side.
    const far = Number.isFinite(apart) ? apart : Infinity
    largest = Math.max(largest, far)
    if (far > tolerance) beyond++
  }
  return { largest, beyond: a.length === 0 ? 0 : beyond / a.length }
}

/** The worst among several outputs. */
export function worst(cpu: Outputs, other: Outputs, names: readonly string[], tolerance: number): Difference {
  const all = names.map((name) => difference(cpu[name], other[name], tolerance))
  return { largest: Math.max(0, ...all.map(({ largest }) => largest)), beyond: Math.max(0, ...all.map(({ beyond }) => beyond)) }
}
