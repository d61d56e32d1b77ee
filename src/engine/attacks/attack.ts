/**
 * The one interface of all attacks, and the parts they share: batches of a fixed size, and graphs compiled once each.
 */
import { GraphBuilder, type Value } from '../onnx/builder'
import { createSession, type Session } from '../runtime/session'
import { Random } from '../tensor/random'
import { float32, int64, sizeOf, type Tensor } from '../tensor/tensor'
import type { AttackTarget } from './target'

export interface AttackOptions {
  /** Radius of the ball, in units of [0, 1]. */
  epsilon: number
  steps: number
  /** Step size in units of [0, 1]. */
  stepSize: number
  randomStart: boolean
  restarts: number
  seed: number
}

export interface AttackRun {
  readonly target: AttackTarget
  /** Images per call of ONNX Runtime. */
  readonly batch: number
  readonly signal?: AbortSignal
  /** Images done so far. */
  readonly progress?: (done: number) => void
}

export interface Attack {
  readonly name: string
  readonly title: string
  readonly norm: 'linf' | 'l2'
  readonly reference: string
  readonly defaults: (epsilon: number) => AttackOptions
  /**
   * @param x [N, C, H, W] in [0, 1]
   * @param labels true classes, [N]
   * @returns adversarial images of the same shape, within ε and [0, 1]
   */
  run(run: AttackRun, x: Float32Array, labels: Int32Array, options: AttackOptions): Promise<Float32Array>
}

/** A graph of a fixed batch size, ready to run. */
export async function compile(target: AttackTarget, build: (g: GraphBuilder) => void): Promise<Session> {
  const g = new GraphBuilder()
  build(g)
  const session = await createSession(g.toBytes(), { provider: target.provider })
  target.opened?.(session)
  return session
}

export const imageInput = (g: GraphBuilder, name: string, batch: number, target: AttackTarget): Value => g.input(name, [batch, ...target.imageShape])

export interface Batch {
  /** Index of the first image. */
  start: number
  /** Images in it that count; the rest repeats the first, so that the shape stays. */
  count: number
  x: Tensor<'float32'>
  labels: Tensor<'int64'>
}

/** Cuts images into batches of one size. */
export function* batches(x: Float32Array, labels: Int32Array, size: number, imageShape: readonly number[]): Generator<Batch> {
  const pixels = sizeOf(imageShape)
  for (let start = 0; start < labels.length; start += size) {
    const count = Math.min(size, labels.length - start)
    const data = new Float32Array(size * pixels)
    data.set(x.subarray(start * pixels, (start + count) * pixels))
    for (let i = count; i < size; i++) data.set(x.subarray(start * pixels, (start + 1) * pixels), i * pixels)
    const padded = Array.from({ length: size }, (_, i) => labels[start + (i < count ? i : 0)]!)
    yield { start, count, x: float32([size, ...imageShape], data), labels: int64([size], padded) }
  }
}

/** x + U(−ε, ε), clipped to [0, 1]; the draw of an image depends on the seed and its own number alone. */
export function randomStart(x: Float32Array, first: number, pixels: number, epsilon: number, seed: number, restart: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let image = 0; image * pixels < x.length; image++) {
    const random = new Random(`${seed}/start/${restart}/${first + image}`)
    for (let i = image * pixels; i < (image + 1) * pixels; i++) out[i] = Math.min(1, Math.max(0, x[i]! + random.uniform(-epsilon, epsilon)))
  }
  return out
}

export const runNumber = (t: Tensor | undefined): Float32Array => t!.data as Float32Array
