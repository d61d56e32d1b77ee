/**
 * Trainable parameters as one flat vector.
 *
 * A network is written once, as a function that asks for its parameters by name and shape. Run on a scratch builder it
 * declares them; run on a training graph it gets slices of the flat vector that is the optimiser's state; run on an
 * export graph it gets constants. With one vector, an optimiser step is ten operators however deep the network is, and
 * a checkpoint is three arrays.
 */
import { GraphBuilder, type Value } from '../onnx/builder'
import { reshape, split } from '../onnx/ops'
import { Random } from '../tensor/random'
import { float32, sizeOf, type Shape, type Tensor } from '../tensor/tensor'

export type Initial = { kind: 'constant'; value: number } | { kind: 'normal'; deviation: number }

export interface ParameterSpec {
  name: string
  shape: Shape
  initial: Initial
  /** Whether weight decay pulls on it: weights yes, biases and gains no. */
  decay: boolean
}

/** Where a network gets its parameters. */
export type ParameterSource = (name: string, shape: Shape, initial: Initial, decay?: boolean) => Value

export class ParameterLayout {
  readonly size: number
  constructor(readonly specs: readonly ParameterSpec[]) {
    this.size = specs.reduce((sum, s) => sum + sizeOf(s.shape), 0)
  }

  /** The layout of the parameters that `network` asks for. */
  static of(network: (g: GraphBuilder, parameters: ParameterSource) => unknown): ParameterLayout {
    const specs: ParameterSpec[] = []
    const g = new GraphBuilder()
    network(g, (name, shape, initial, decay = false) => {
      if (specs.some((s) => s.name === name)) throw new Error(`two parameters are called ${name}`)
      specs.push({ name, shape, initial, decay })
      return g.input(name, shape)
    })
    return new ParameterLayout(specs)
  }

  /** Fresh parameters; each depends on the seed and its own name alone. */
  initialise(seed: number): Float32Array {
    const flat = new Float32Array(this.size)
    this.each((spec, offset, count) => {
      const random = new Random(seed).fork(spec.name)
      for (let i = 0; i < count; i++) flat[offset + i] = spec.initial.kind === 'constant' ? spec.initial.value : spec.initial.deviation * random.normal()
    })
    return flat
  }

  /** Slices of a flat vector that is part of the graph. */
  slices(g: GraphBuilder, flat: Value): ParameterSource {
    const parts = split(g, flat, this.specs.map((s) => sizeOf(s.shape)), 0)
    const byName = new Map(this.specs.map((s, i) => [s.name, reshape(g, parts[i]!, s.shape)]))
    return (name) => byName.get(name)!
  }

  /** Constants of a finished network. */
  constants(g: GraphBuilder, flat: Float32Array): ParameterSource {
    const byName = new Map([...this.tensors(flat)].map(([name, data]) => [name, g.constant(data, name)]))
    return (name) => byName.get(name)!
  }

  /** A flat vector's parameters by name. */
  tensors(flat: Float32Array): Map<string, Tensor<'float32'>> {
    const byName = new Map<string, Tensor<'float32'>>()
    this.each((spec, offset, count) => byName.set(spec.name, float32(spec.shape, flat.slice(offset, offset + count))))
    return byName
  }

  /** Parameters by name as a flat vector; names that the layout does not have are left out. */
  flat(tensors: ReadonlyMap<string, Tensor<'float32'>>): Float32Array {
    const flat = new Float32Array(this.size)
    this.each((spec, offset) => flat.set(tensors.get(spec.name)!.data, offset))
    return flat
  }

  /** 1 where weight decay pulls, 0 elsewhere. */
  decayMask(): Float32Array {
    const mask = new Float32Array(this.size)
    this.each((spec, offset, count) => spec.decay && mask.fill(1, offset, offset + count))
    return mask
  }

  private each(visit: (spec: ParameterSpec, offset: number, count: number) => void): void {
    let offset = 0
    for (const spec of this.specs) {
      const count = sizeOf(spec.shape)
      visit(spec, offset, count)
      offset += count
    }
  }
}
