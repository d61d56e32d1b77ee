/**
 * AdamW with clipping by the global norm, as operators on the flat parameter vector.
 * Sources: Kingma & Ba, "Adam", ICLR 2015; Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, div, minimum, mul, reduceSum, sqrt, square, sub } from '../onnx/ops'
import { float32 } from '../tensor/tensor'

export interface AdamWOptions {
  beta1?: number
  beta2?: number
  epsilon?: number
  weightDecay: number
  /** 1 where weight decay pulls, 0 elsewhere, [P]. */
  decayMask: Float32Array
  /** Largest global norm of a gradient. */
  clipNorm: number
}

export interface AdamWState {
  weights: Value
  firstMoment: Value
  secondMoment: Value
}

/**
 * One step. `schedule` are scalars: the learning rate, 1 / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ) of step t
 * (see `adamWSchedule`).
 */
export function adamW(g: GraphBuilder, state: AdamWState, gradient: Value, schedule: [Value, Value, Value], options: AdamWOptions): AdamWState & { gradientNorm: Value } {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  const [learningRate, correction1, correction2] = schedule
  const gradientNorm = sqrt(g, reduceSum(g, square(g, gradient)))
  const clipped = mul(g, gradient, minimum(g, 1, div(g, options.clipNorm, add(g, gradientNorm, 1e-6))))
  const firstMoment = add(g, mul(g, state.firstMoment, beta1), mul(g, clipped, 1 - beta1))
  const secondMoment = add(g, mul(g, state.secondMoment, beta2), mul(g, square(g, clipped), 1 - beta2))
  const step = div(g, mul(g, firstMoment, correction1), add(g, sqrt(g, mul(g, secondMoment, correction2)), epsilon))
  const decay = options.weightDecay === 0 ? step : add(g, step, mul(g, state.weights, g.constant(scaled(options.decayMask, options.weightDecay))))
  return { weights: sub(g, state.weights, mul(g, decay, learningRate)), firstMoment, secondMoment, gradientNorm }
}

const scaled = (mask: Float32Array, factor: number) => float32([mask.length], mask.map((v) => v * factor))

/** The `schedule` of step t = 1, 2, … */
export function adamWSchedule(learningRate: number, t: number, beta1 = 0.9, beta2 = 0.999): [number, number, number] {
  return [learningRate, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)]
}

/** Linear warm-up, then half a cosine down to zero. Steps count from 0. */
export function cosineSchedule(peak: number, step: number, steps: number, warmUp: number): number {
  const rise = Math.min(1, (step + 1) / Math.max(1, warmUp))
  const fall = 0.5 * (1 + Math.cos((Math.PI * Math.max(0, step - warmUp)) / Math.max(1, steps - warmUp)))
  return peak * rise * fall
}
