/**
 * A foreign model, node by node, into a graph that is being built. Every node is written in the builder's operator set
 * (rewrite/), shape code folds away, branches with a known condition are taken and loops with a known count unrolled.
 * Half precision is computed in single precision, whole-numbered image inputs as real numbers; both are warned of.
 */
import { AssayError } from '../../shared/errors'
import { float32, type Tensor } from '../tensor/tensor'
import type { GraphBuilder, Value } from './builder'
import { BatchTracker, Unbatchable, type Batches } from './batches'
import { unrollLoop, takenBranch } from './control-flow'
import { dataTypeNumbers, type Attributes, type OnnxGraph, type OnnxModel, type OnnxNode } from './model'
import { neededNodes } from './needed'
import { halfToSingle } from './half'
import { cast, concat, slice } from './ops'
import { refusal, type Origin } from './refusal'
import { rewriteOf } from './rewrite'
import { contextOf } from './rewrite/rewrite'
import { isSequenceOp, sequenceOp } from './sequences'

/** A tensor, or a list of them, as exporters write torch.split. */
export type Held = Value | readonly Value[]

/** Values by their name in a graph; names of the graph around it are seen too. */
export class Scope {
  private readonly own = new Map<string, Held | AssayError>()
  constructor(private readonly outer?: Scope) {}

  set(name: string, held: Held | AssayError): void {
    this.own.set(name, held)
  }
  has(name: string): boolean {
    return this.own.has(name) || (this.outer?.has(name) ?? false)
  }
  /** @throws AssayError `onnx-invalid`, or what is known of why there is no such value */
  held(name: string): Held {
    const found = this.own.get(name)
    if (found instanceof AssayError) throw found
    if (found) return found
    if (this.outer) return this.outer.held(name)
    throw new AssayError('onnx-invalid', `The model uses a value ${name} that nothing produces; export the model again.`, { value: name })
  }
  value(name: string): Value {
    const held = this.held(name)
    if (!('dtype' in held)) throw new AssayError('onnx-invalid', `The model uses the list ${name} as a tensor; export the model again.`, { value: name })
    return held
  }
}

/** Nodes that unrolled loops may come to. */
const mostNodes = 200_000

export class Splicer {
  private written = 0
  constructor(
    readonly g: GraphBuilder,
    private readonly opsets: ReadonlyMap<string, number>,
    private readonly prefix: string,
    /** Weights by their tensor: a model that is spliced in once per image brings them once. */
    private readonly weights: Map<Tensor, Value>,
    private readonly tracker?: BatchTracker,
  ) {}

  /** Splices the nodes that the wanted values need. @param replaced values that stand in for initializers, by name */
  graph(graph: OnnxGraph, scope: Scope, wanted: readonly string[], replaced?: ReadonlyMap<string, Value>): void {
    for (const [name, type] of graph.foreign ?? [])
      scope.set(name, new AssayError('onnx-invalid', `The model's tensor ${name} has a type (${type}) that Assay does not know.`, { tensor: name }))
    for (const [name, data] of graph.initializers) scope.set(name, replaced?.get(name) ?? this.weight(data, name))
    for (const node of neededNodes(graph, wanted)) this.node(node, scope)
  }

  private weight(data: Tensor, name: string): Value {
    let value = this.weights.get(data)
    if (!value) this.weights.set(data, (value = this.g.constant(this.single(data), `${this.prefix}/${name}`)))
    return value
  }

  private node(node: OnnxNode, scope: Scope): void {
    if (++this.written > mostNodes) throw refusal('onnx-operator-unsupported', this.originOf(node), 'in loops that come to too many nodes')
    this.g.within(this.originOf(node), () => {
      const outputs = this.outputsOf(node, scope)
      node.outputs.forEach((name, i) => {
        if (name !== '') scope.set(name, outputs[i] ?? refusal('onnx-operator-unsupported', this.originOf(node), `whose output ${i} Assay cannot follow`))
      })
    })
  }

  private outputsOf(node: OnnxNode, scope: Scope): readonly (Held | undefined)[] {
    if (node.domain === '' && node.op === 'If') return takenBranch(this, node, scope)
    if (node.domain === '' && node.op === 'Loop') return unrollLoop(this, node, scope)
    if (node.domain === '' && isSequenceOp(node.op)) {
      // Lists are not followed image by image.
      if (this.tracker) throw new Unbatchable()
      return sequenceOp(this, node, scope)
    }
    const given = node.inputs.map((name) => (name === '' ? undefined : scope.value(name)))
    const { opset } = this.originOf(node)
    const rewrite = rewriteOf(node.domain, node.op)
    if (!rewrite && node.domain !== '') throw refusal('onnx-operator-unsupported', this.originOf(node), node.domain === 'ai.onnx.ml' ? 'which Assay cannot differentiate' : 'which is outside the ONNX standard and which Assay cannot follow')
    const single = { ...node, attributes: this.singleAttributes(node) }
    const inputs = this.tracker?.prepared(single, given) ?? given
    const write = (from: typeof inputs) => {
      const c = contextOf(this.g, single, from, opset, `${this.prefix}/${node.name}`)
      return rewrite ? rewrite.write(c) : c.emit(node.op, from, single.attributes)
    }
    const outputs = write(inputs)
    this.tracker?.follow(single, inputs, outputs, write)
    return outputs
  }

  originOf(node: OnnxNode): Origin {
    return { node: node.name, operator: node.op, domain: node.domain, opset: node.opset ?? this.opsets.get(node.domain) ?? 1 }
  }

  private single(data: Tensor): Tensor {
    if (data.dtype !== 'float16') return data
    this.warnOfHalf()
    return float32(data.shape, halfToSingle(data.data as Uint16Array))
  }

  private warnOfHalf(): void {
    this.g.warn({ code: 'half-precision', message: 'The model computes in half precision; Assay computes it in single precision, so that its answers may differ in the third digit.' })
  }

  /** Attributes that name half precision name single precision. */
  private singleAttributes(node: OnnxNode): Attributes {
    return Object.fromEntries(
      Object.entries(node.attributes).map(([name, a]) => {
        if (a.type === 'tensor') return [name, { ...a, value: this.single(a.value) }]
        if (a.type === 'int' && ['to', 'dtype', 'output_dtype', 'stash_type'].includes(name) && a.value === dataTypeNumbers.float16) {
          this.warnOfHalf()
          return [name, { ...a, value: dataTypeNumbers.float32 }]
        }
        return [name, a]
      }),
    )
  }
}

export interface InlineOptions {
  /** What the names of the model's nodes and weights begin with. */
  prefix?: string
  /** The outputs that are wanted; all by default. Nodes that they do not need are left out. */
  outputs?: readonly string[]
  /** Values that stand in for initializers of the model, by name: weights that are learned. */
  weights?: ReadonlyMap<string, Value>
}

/** See `GraphBuilder.inline`. */
export function splice(g: GraphBuilder, model: OnnxModel, bindings: Readonly<Record<string, Value>>, prefix: string, { outputs, weights: replaced }: InlineOptions): Record<string, Value> {
  const wanted = outputs ?? model.graph.outputs.map(({ name }) => name)
  const bound = new Map<string, Value>()
  let batches: Batches | undefined
  for (const info of model.graph.inputs) {
    const value = bindings[info.name]
    if (!value) throw new AssayError('onnx-invalid', `The model asks for an input ${info.name} that it was not given.`, { input: info.name })
    const fits = !info.shape || (info.shape.length === value.shape.length && info.shape.every((d, i) => typeof d === 'string' || d === value.shape[i] || i === 0))
    if (!fits)
      throw new AssayError('onnx-invalid', `The model's input ${info.name} has the shape [${info.shape}], not [${value.shape}]; check size, channels and layout.`, { input: info.name })
    const declared = info.shape?.[0]
    if (typeof declared === 'number' && declared !== value.shape[0]) batches = { declared, bound: value.shape[0]! }
    bound.set(info.name, asDeclared(g, value, info.name, info.dtype))
  }
  const weights = new Map<Tensor, Value>()
  const at = (inputs: ReadonlyMap<string, Value>, tracker?: BatchTracker): Record<string, Value> => {
    const scope = new Scope()
    for (const [name, value] of inputs) scope.set(name, value)
    new Splicer(g, model.opsets, prefix, weights, tracker).graph(model.graph, scope, wanted, replaced)
    return Object.fromEntries(wanted.map((name) => [name, scope.value(name)]))
  }
  return batches ? inAnotherBatch(g, model, bound, batches, at) : at(bound)
}

/** All images at once where none is mixed with another, else one after the other. */
function inAnotherBatch(g: GraphBuilder, model: OnnxModel, bound: ReadonlyMap<string, Value>, batches: Batches, at: (inputs: ReadonlyMap<string, Value>, tracker?: BatchTracker) => Record<string, Value>): Record<string, Value> {
  const { declared, bound: count } = batches
  const fixed = new Set(model.graph.inputs.filter(({ shape }) => typeof shape?.[0] === 'number').map(({ name }) => name))
  const tracker = new BatchTracker(g, batches)
  for (const name of fixed) tracker.mark(bound.get(name)!)
  try {
    const outputs = at(bound, tracker)
    if (Object.values(outputs).every((v) => v.shape[0] === count)) return outputs
  } catch (error) {
    // A shape that does not fit is one that speaks of the batch, or wrong for one image too, which is found out next.
    if (!(error instanceof Unbatchable) && !(error instanceof AssayError && error.code === 'onnx-shape-unknown')) throw error
  }
  const refused = () => new AssayError('onnx-invalid', `The model is made for batches of ${declared} and cannot be given ${count} images at once; export it with an open batch dimension.`)
  if (count % declared) throw refused()
  const parts = Array.from({ length: count / declared }, (_, i) =>
    at(new Map([...bound].map(([name, v]) => [name, fixed.has(name) ? slice(g, v, [i * declared], [(i + 1) * declared], [0]) : v]))),
  )
  return Object.fromEntries(
    Object.keys(parts[0]!).map((name) => {
      const values = parts.map((part) => part[name]!)
      if (values[0]!.shape[0] !== declared) throw refused()
      return [name, concat(g, values, 0)]
    }),
  )
}

function asDeclared(g: GraphBuilder, bound: Value, name: string, declared: Value['dtype']): Value {
  if (declared === 'float64' && bound.dtype === 'float32') return cast(g, bound, declared)
  if (bound.dtype.startsWith('float') && /^u?int/.test(declared))
    g.warn({ code: 'whole-numbers', message: `The model's input ${name} takes whole numbers; gradients are those of the model on real numbers.` })
  return bound
}
