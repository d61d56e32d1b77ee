/**
 * GraphBuilder: the one way by which graphs are made in Assay, our own networks and spliced-in foreign models alike.
 *
 * Every value has a known type and a shape of numbers, so that `gradient` (room autodiff) can append a backward graph
 * while building. Shape code of foreign models folds away into constants on the way in.
 *
 * ```ts
 * const g = new GraphBuilder()
 * const x = g.input('x', [8, 1, 128, 128])
 * const { logits } = g.inline(readModel(bytes), { x })
 * g.output('probabilities', softmax(g, logits))
 * const session = await createSession(g.toBytes())
 * ```
 */
import { AssayError } from '../../shared/errors'
import { float32, int64, tensor, type DType, type Shape, type Tensor } from '../tensor/tensor'
import { foldConstants } from './fold'
import type { Attributes, OnnxGraph, OnnxModel } from './model'
import { refusal, type Origin } from './refusal'
import { inferShapes } from './shape-inference'
import { splice, type InlineOptions } from './splice'
import { writeModel } from './writer'

/** The operator set that the builder writes; foreign nodes are brought to it by rewrite/. */
export const builderOpset = 18

export interface Value {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  /** Set when the value is known while building. */
  readonly constant?: Tensor
}

export interface BuiltNode {
  readonly op: string
  readonly domain: string
  readonly name: string
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: Value[]
  readonly attributes: Attributes
  /** Which node of a foreign model it was written for. */
  readonly origin?: Origin
}

/** Something about a foreign model that the person should know before trusting a gradient. */
export interface Warning {
  readonly code: 'straight-through' | 'half-precision' | 'whole-numbers' | 'no-gradient'
  readonly message: string
}

export class GraphBuilder {
  readonly nodes: BuiltNode[] = []
  private readonly producers = new Map<Value, BuiltNode>()
  private readonly constants = new Map<Value, Tensor>()
  private readonly shared = new Map<string, Value>()
  private readonly inputs: Value[] = []
  private readonly outputs: { name: string; value: Value }[] = []
  private readonly names = new Set<string>()
  private counter = 0
  private origin: Origin | undefined
  private readonly warned = new Map<string, Warning>()

  /** A graph input of a fixed shape. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    const value: Value = { name, shape, dtype }
    this.names.add(name)
    this.inputs.push(value)
    return value
  }

  /** A tensor that is part of the model file. */
  constant(data: Tensor, wanted = 'c'): Value {
    const value: Value = { name: this.unique(wanted), shape: data.shape, dtype: data.dtype, constant: data }
    this.constants.set(value, data)
    return value
  }

  /** A scalar of the given type; equal scalars share one initializer. */
  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.once(`${dtype}:${Object.is(value, -0) ? '-0' : value}`, () => {
      if (dtype === 'float32') return float32([], [value])
      if (dtype === 'float64') return tensor('float64', [], Float64Array.of(value))
      if (dtype === 'int64') return int64([], [value])
      if (dtype === 'bool') return tensor('bool', [], Uint8Array.of(value))
      throw new RangeError(`No scalars of type ${dtype}`)
    })
  }

  /** A vector of int64, as shapes, axes and pads are given. */
  integers(values: readonly number[]): Value {
    return this.once(`int64[${values.join()}]`, () => int64([values.length], values))
  }

  private once(key: string, make: () => Tensor): Value {
    let value = this.shared.get(key)
    if (!value) this.shared.set(key, (value = this.constant(make())))
    return value
  }

  /**
   * Appends a node and answers its outputs. A node whose inputs are all small and known becomes constants.
   * @throws AssayError `onnx-operator-unsupported`, `onnx-shape-unknown`
   */
  node(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}, outputCount = 1, wanted = op): Value[] {
    const folded = foldConstants(op, inputs, attributes, outputCount)
    if (folded) return folded.map((t) => this.constant(t))
    const name = this.unique(wanted)
    const types = this.inferred({ op, name, inputs, attributes, outputCount })
    const outputs = types.map(({ dtype, shape }, i): Value => ({ name: types.length > 1 ? this.unique(`${name}.${i}`) : name, dtype, shape }))
    const built: BuiltNode = { op, domain: '', name, inputs: withoutTrailing(inputs), outputs, attributes, ...(this.origin ? { origin: this.origin } : {}) }
    this.nodes.push(built)
    for (const output of outputs) this.producers.set(output, built)
    // A copy: the node's own list must not change in a caller's hands.
    return [...outputs]
  }

  private inferred(node: Parameters<typeof inferShapes>[0]): ReturnType<typeof inferShapes> {
    try {
      return inferShapes(node)
    } catch (error) {
      if (!this.origin || !(error instanceof AssayError)) throw error
      const reason = error.cause instanceof Error ? `where ${node.op} has a shape that cannot be worked out (${error.cause.message})` : 'which Assay cannot follow yet'
      throw refusal(error.code, this.origin, reason, error)
    }
  }

  /** Nodes that `write` appends are remembered as written for a node of a foreign model. */
  within<T>(origin: Origin, write: () => T): T {
    const before = this.origin
    this.origin = origin
    try {
      return write()
    } finally {
      this.origin = before
    }
  }

  /** Keeps a warning, the same one once. */
  warn(warning: Warning): void {
    this.warned.set(`${warning.code} ${warning.message}`, warning)
  }

  get warnings(): readonly Warning[] {
    return [...this.warned.values()]
  }

  /** A node with one output. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.node(op, inputs, attributes)[0]!
  }

  /** Gives an existing node one more output (MaxPool's indices, which only a gradient asks for). */
  extend(node: BuiltNode, outputCount: number): Value[] {
    const types = inferShapes({ ...node, outputCount })
    for (let i = node.outputs.length; i < outputCount; i++) {
      const value: Value = { name: this.unique(`${node.name}.${i}`), ...types[i]! }
      node.outputs.push(value)
      this.producers.set(value, node)
    }
    return node.outputs
  }

  producer(value: Value): BuiltNode | undefined {
    return this.producers.get(value)
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value })
  }

  /**
   * Splices a model in, its inputs bound to values of this graph, and answers its outputs by name.
   * Dimensions that the model leaves open take those of the bound values.
   * @throws AssayError `onnx-invalid` where an input is not bound or has another shape, `onnx-operator-unsupported` and
   * `onnx-shape-unknown` naming node, operator, domain and operator set.
   */
  inline(model: OnnxModel, bindings: Readonly<Record<string, Value>>, options: InlineOptions = {}): Record<string, Value> {
    return splice(this, model, bindings, options.prefix ?? this.unique('m'), options)
  }

  /** The name, with a number where it is taken: foreign models may call a node as they call a weight. */
  private unique(wanted: string): string {
    let name = wanted
    while (this.names.has(name)) name = `${wanted}_${this.counter++}`
    this.names.add(name)
    return name
  }

  /** What the outputs need: nodes in the order in which they were built, and the constants that they read. */
  needed(): { nodes: BuiltNode[]; constants: ReadonlyMap<Value, Tensor>; inputs: readonly Value[]; outputs: readonly Value[] } {
    const needed = new Set<BuiltNode>()
    const constants = new Map<Value, Tensor>()
    const stack = this.outputs.map((o) => o.value)
    while (stack.length) {
      const value = stack.pop()!
      const constant = this.constants.get(value)
      if (constant) constants.set(value, constant)
      const node = this.producers.get(value)
      if (!node || needed.has(node)) continue
      needed.add(node)
      for (const v of node.inputs) if (v) stack.push(v)
    }
    return { nodes: this.nodes.filter((n) => needed.has(n)), constants, inputs: this.inputs, outputs: this.outputs.map((o) => o.value) }
  }

  /** The model with only the nodes that its outputs need. */
  toModel(name = 'assay'): OnnxModel {
    const { nodes, constants } = this.needed()
    const publicNames = new Set(this.outputs.map((o) => o.name))
    const nameOf = (v: Value): string => (publicNames.has(v.name) && !this.inputs.includes(v) ? `${v.name}#` : v.name)
    const graph: OnnxGraph = {
      name,
      nodes: nodes.map((n) => ({
        op: n.op,
        domain: n.domain,
        name: n.name,
        inputs: n.inputs.map((v) => (v ? nameOf(v) : '')),
        outputs: n.outputs.map(nameOf),
        attributes: n.attributes,
      })),
      initializers: new Map([...this.constants].filter(([v]) => constants.has(v)).map(([v, t]) => [nameOf(v), t])),
      inputs: this.inputs.map((v) => ({ name: v.name, dtype: v.dtype, shape: [...v.shape] })),
      outputs: [],
    }
    // Outputs get their public names by an Identity, which ONNX Runtime removes.
    for (const { name: publicName, value } of this.outputs) {
      graph.nodes.push({ op: 'Identity', domain: '', name: `output/${publicName}`, inputs: [nameOf(value)], outputs: [publicName], attributes: {} })
      graph.outputs.push({ name: publicName, dtype: value.dtype, shape: [...value.shape] })
    }
    return { irVersion: 8, opsets: new Map([['', builderOpset]]), producer: 'assay', metadata: {}, graph }
  }

  toBytes(): Uint8Array {
    return writeModel(this.toModel())
  }
}

/** Optional inputs that are left out at the end are not written: older readers stumble over empty names. */
function withoutTrailing(inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  let end = inputs.length
  while (end && !inputs[end - 1]) end--
  return end === inputs.length ? inputs : inputs.slice(0, end)
}
