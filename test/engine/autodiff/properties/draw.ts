/** Drawing of shapes, attributes, operator sets and values for the property tests, on fast-check's generator. */
import fc from 'fast-check'
import type { AttributeValue, Attributes } from '../../../../src/engine/onnx/model'
import { Random } from '../../../../src/engine/tensor/random'
import { int64, sizeOf, tensor, type Shape, type Tensor } from '../../../../src/engine/tensor/tensor'
import type { Drawn, Free } from './harness'

/** The newest operator set that ONNX Runtime 1.30 takes as a finished one. */
export const newest = 25

export class Draw {
  constructor(private readonly gen: fc.GeneratorValue) {}
  int(min: number, max: number): number {
    return this.gen(fc.integer, { min, max })
  }
  bool(): boolean {
    return this.gen(fc.boolean)
  }
  pick<T>(...options: T[]): T {
    return options[this.int(0, options.length - 1)]!
  }
  seed(): number {
    return this.gen(fc.nat)
  }
  real(min: number, max: number): number {
    return min + ((max - min) * this.int(0, 1000)) / 1000
  }
  opset(since: number, until = newest): number {
    return this.int(since, until)
  }
  shape(minRank: number, maxRank: number, largest = 4): number[] {
    return this.list(this.int(minRank, maxRank), () => this.int(1, largest))
  }
  list<T>(length: number, make: (i: number) => T): T[] {
    return Array.from({ length }, (_, i) => make(i))
  }
  axis(rank: number): number {
    return this.int(-rank, rank - 1)
  }
  /** Some of the axes, in any order and counted from either end. */
  axes(rank: number, least = 0): number[] {
    const all = this.order(rank)
    return all.slice(0, this.int(Math.min(least, rank), rank)).map((a) => (this.bool() ? a : a - rank))
  }
  order(n: number): number[] {
    const left = Array.from({ length: n }, (_, i) => i)
    return this.list(n, () => left.splice(this.int(0, left.length - 1), 1)[0]!)
  }
  /** A shape that broadcasts to the given one. */
  broadcast(to: Shape): number[] {
    return to.slice(this.int(0, to.length)).map((d) => (this.int(0, 3) === 0 ? 1 : d))
  }
  indices(shape: Shape, extent: number, negative = true): Tensor {
    return int64(shape, this.list(sizeOf(shape), () => this.int(negative ? -extent : 0, extent - 1)))
  }
}

/** Values of a tensor of the model in floating point, in whatever precision is tried. */
export const real = (shape: Shape, values: ArrayLike<number>): Tensor => tensor('float64', shape, Float64Array.from(values))
export const randomReal = (d: Draw, shape: Shape, low = -1, high = 1): Tensor => {
  const random = new Random(d.seed())
  return real(shape, Array.from({ length: sizeOf(shape) }, () => random.uniform(low, high)))
}
export const vector = (...values: number[]): Tensor => int64([values.length], values)
export const scalar = (value: number): Tensor => int64([], [value])
export const bools = (shape: Shape, values: readonly boolean[]): Tensor => tensor('bool', shape, Uint8Array.from(values, Number))

export const normal = (shape: Shape): Free => ({ shape })
export const between = (low: number, high: number) => (shape: Shape): Free => ({ shape, values: (r) => r.uniform(low, high) })
/** Normal numbers, none near a kink. */
export const away = (...kinks: number[]) => (shape: Shape, spread = 1): Free => ({
  shape,
  values: (r) => {
    for (;;) {
      const v = r.normal() * spread
      if (kinks.every((k) => Math.abs(v - k) > 0.06)) return v
    }
  },
})
/** Distinct numbers, far enough from each other that which is largest does not change under a finite difference. */
export const distinct = (shape: Shape): Free => {
  let order: number[] = []
  return {
    shape,
    values: (r, i) => {
      if (i === 0) order = r.shuffle(Array.from({ length: sizeOf(shape) }, (_, k) => k))
      return (order[i]! - sizeOf(shape) / 2) * 0.13 + 0.065
    },
  }
}

/** Attributes, of which some may be left out. */
export type Optional = Readonly<Record<string, AttributeValue | undefined>>
export const given = (attributes: Optional): Attributes => Object.fromEntries(Object.entries(attributes).flatMap(([name, a]) => (a ? [[name, a]] : [])))

type Argument = Free | Tensor | undefined
const isTensor = (a: Free | Tensor): a is Tensor => 'dtype' in a

/** One node with inputs x0, x1, … in the order of the arguments. */
export function node(d: Draw, op: string, opset: number, args: readonly Argument[], attributes: Optional = {}, more: Partial<Drawn> & { domain?: string; count?: number } = {}): Drawn {
  const { domain, count = 1, ...rest } = more
  const outputs = Array.from({ length: count }, (_, i) => `y${i}`)
  const named = args.map((a, i) => [`x${i}`, a] as const)
  return {
    opset,
    nodes: [{ op, ...(domain ? { domain } : {}), inputs: named.map(([name, a]) => (a ? name : '')), outputs, attributes: given(attributes) }],
    free: Object.fromEntries(named.flatMap(([name, a]) => (a && !isTensor(a) ? [[name, a]] : []))),
    constants: Object.fromEntries(named.flatMap(([name, a]) => (a && isTensor(a) ? [[name, a]] : []))),
    outputs,
    seed: d.seed(),
    ...(domain ? { domains: { [domain]: 1 } } : {}),
    ...rest,
  }
}

export type Case = (d: Draw) => Drawn
export type Cases = Record<string, Case>
