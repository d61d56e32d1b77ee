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
import { foldConstant } from './fold'
import type { Attributes, OnnxGraph, OnnxModel, OnnxNode } from './model'
import { inferShapes } from './shape-inference'
import { modernise } from './modernise'
import { writeModel } from './writer'

/** The operator set that the builder writes; older nodes are brought up to it by modernise.ts. */
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
   * Appends a node and answers its outputs. A node whose inputs are all small known integers becomes a constant.
   * @throws AssayError `onnx-operator-unsupported`, `onnx-shape-unknown`
   */
  node(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}, outputCount = 1, wanted = op): Value[] {
    const folded = foldConstant(op, inputs, attributes)
    if (folded) return [this.constant(folded)]
    const name = this.unique(wanted)
    const types = inferShapes({ op, name, inputs, attributes, outputCount })
    const outputs = types.map(({ dtype, shape }, i): Value => ({ name: types.length > 1 ? this.unique(`${name}.${i}`) : name, dtype, shape }))
    const built: BuiltNode = { op, domain: '', name, inputs, outputs, attributes }
    this.nodes.push(built)
    for (const output of outputs) this.producers.set(output, built)
    // A copy: the node's own list must not change in a caller's hands.
    return [...outputs]
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
   * @throws AssayError `onnx-invalid` where an input is not bound or has another shape.
   */
  inline(model: OnnxModel, bindings: Record<string, Value>, prefix = this.unique('m')): Record<string, Value> {
    const opset = model.opsets.get('') ?? builderOpset
    const values = new Map<string, Value>()
    for (const info of model.graph.inputs) {
      const bound = bindings[info.name]
      if (!bound) throw new AssayError('onnx-invalid', `The model asks for an input ${info.name} that it was not given.`, { input: info.name })
      const fits = !info.shape || (info.shape.length === bound.shape.length && info.shape.every((d, i) => typeof d === 'string' || d === bound.shape[i] || i === 0))
      if (!fits)
        throw new AssayError('onnx-invalid', `The model's input ${info.name} has the shape [${info.shape}], not [${bound.shape}]; check size, channels and layout.`, { input: info.name })
      values.set(info.name, bound)
    }
    for (const [name, data] of model.graph.initializers) values.set(name, this.constant(data, `${prefix}/${name}`))
    for (const node of model.graph.nodes) this.splice(node, opset, values, prefix)
    return Object.fromEntries(model.graph.outputs.map(({ name }) => [name, required(values, name)]))
  }

  private splice(node: OnnxNode, opset: number, values: Map<string, Value>, prefix: string): void {
    if (node.domain !== '')
      throw new AssayError('onnx-operator-unsupported', `The model's node ${node.name} uses ${node.domain}.${node.op}, an operator outside the ONNX standard.`, { node: node.name, operator: `${node.domain}.${node.op}` })
    const inputs = node.inputs.map((name) => (name === '' ? undefined : required(values, name)))
    const outputs = modernise(this, node, inputs, opset, `${prefix}/${node.name}`)
    node.outputs.forEach((name, i) => name !== '' && outputs[i] && values.set(name, outputs[i]))
  }

  /** The name, with a number where it is taken: foreign models may call a node as they call a weight. */
  private unique(wanted: string): string {
    let name = wanted
    while (this.names.has(name)) name = `${wanted}_${this.counter++}`
    this.names.add(name)
    return name
  }

  /** The model with only the nodes that its outputs need. */
  toModel(name = 'assay'): OnnxModel {
    const needed = new Set<BuiltNode>()
    const usedConstants = new Set<Value>()
    const stack = this.outputs.map((o) => o.value)
    while (stack.length) {
      const value = stack.pop()!
      if (this.constants.has(value)) usedConstants.add(value)
      const node = this.producers.get(value)
      if (!node || needed.has(node)) continue
      needed.add(node)
      for (const v of node.inputs) if (v) stack.push(v)
    }
    const publicNames = new Set(this.outputs.map((o) => o.name))
    const nameOf = (v: Value): string => (publicNames.has(v.name) && !this.inputs.includes(v) ? `${v.name}#` : v.name)
    const graph: OnnxGraph = {
      name,
      nodes: this.nodes.filter((n) => needed.has(n)).map((n) => ({
        op: n.op,
        domain: n.domain,
        name: n.name,
        inputs: n.inputs.map((v) => (v ? nameOf(v) : '')),
        outputs: n.outputs.map(nameOf),
        attributes: n.attributes,
      })),
      initializers: new Map([...this.constants].filter(([v]) => usedConstants.has(v)).map(([v, t]) => [nameOf(v), t])),
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

function required(values: Map<string, Value>, name: string): Value {
  const value = values.get(name)
  if (!value) throw new AssayError('onnx-invalid', `The model uses a value ${name} that nothing produces; export the model again.`, { value: name })
  return value
}
