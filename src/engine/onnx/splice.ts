/**
 * A foreign model, node by node, into a graph that is being built. Every node is written in the builder's operator set
 * (rewrite/), shape code folds away, branches with a known condition are taken and loops with a known count unrolled.
 * Half precision is computed in single precision, whole-numbered image inputs as real numbers; both are warned of.
 */
import { AssayError } from '../../shared/errors'
import { float32, type Tensor } from '../tensor/tensor'
import type { GraphBuilder, Value } from './builder'
import { unrollLoop, takenBranch } from './control-flow'
import { dataTypeNumbers, type Attributes, type OnnxGraph, type OnnxModel, type OnnxNode } from './model'
import { neededNodes } from './needed'
import { halfToSingle } from './half'
import { cast } from './ops'
import { refusal, type Origin } from './refusal'
import { rewriteOf } from './rewrite'
import { contextOf } from './rewrite/rewrite'
import { isSequenceOp, sequenceOp } from './sequences'
import { rebatched, type Batches } from './rebatch'

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
    private readonly batches: Batches | undefined,
  ) {}

  /** Splices the nodes that the wanted values need. */
  graph(graph: OnnxGraph, scope: Scope, wanted: readonly string[]): void {
    for (const [name, type] of graph.foreign ?? [])
      scope.set(name, new AssayError('onnx-invalid', `The model's tensor ${name} has a type (${type}) that Assay does not know.`, { tensor: name }))
    for (const [name, data] of graph.initializers) scope.set(name, this.g.constant(this.single(data), `${this.prefix}/${name}`))
    for (const node of neededNodes(graph, wanted)) this.node(node, scope)
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
    if (node.domain === '' && isSequenceOp(node.op)) return sequenceOp(this, node, scope)
    const given = node.inputs.map((name) => (name === '' ? undefined : scope.value(name)))
    const { opset } = this.originOf(node)
    const rewrite = rewriteOf(node.domain, node.op)
    if (!rewrite && node.domain !== '') throw refusal('onnx-operator-unsupported', this.originOf(node), 'which is outside the ONNX standard and which Assay cannot follow')
    const single = { ...node, attributes: this.singleAttributes(node) }
    const inputs = this.batches ? rebatched(this.g, single, given, this.batches) : given
    const c = contextOf(this.g, single, inputs, opset, `${this.prefix}/${node.name}`)
    return rewrite ? rewrite.write(c) : c.emit(node.op, inputs, single.attributes)
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
}

/** See `GraphBuilder.inline`. */
export function splice(g: GraphBuilder, model: OnnxModel, bindings: Readonly<Record<string, Value>>, prefix: string, wanted: readonly string[] | undefined): Record<string, Value> {
  const scope = new Scope()
  let batches: Batches | undefined
  for (const info of model.graph.inputs) {
    const bound = bindings[info.name]
    if (!bound) throw new AssayError('onnx-invalid', `The model asks for an input ${info.name} that it was not given.`, { input: info.name })
    const fits = !info.shape || (info.shape.length === bound.shape.length && info.shape.every((d, i) => typeof d === 'string' || d === bound.shape[i] || i === 0))
    if (!fits)
      throw new AssayError('onnx-invalid', `The model's input ${info.name} has the shape [${info.shape}], not [${bound.shape}]; check size, channels and layout.`, { input: info.name })
    const declared = info.shape?.[0]
    if (typeof declared === 'number' && declared !== bound.shape[0]) batches = { declared, bound: bound.shape[0]! }
    scope.set(info.name, asDeclared(g, bound, info.name, info.dtype))
  }
  const names = wanted ?? model.graph.outputs.map(({ name }) => name)
  new Splicer(g, model.opsets, prefix, batches).graph(model.graph, scope, names)
  const outputs = Object.fromEntries(names.map((name) => [name, scope.value(name)]))
  if (batches) refuseMixedImages(model, outputs, batches)
  return outputs
}

function asDeclared(g: GraphBuilder, bound: Value, name: string, declared: Value['dtype']): Value {
  if (declared === 'float64' && bound.dtype === 'float32') return cast(g, bound, declared)
  if (bound.dtype.startsWith('float') && /^u?int/.test(declared))
    g.warn({ code: 'whole-numbers', message: `The model's input ${name} takes whole numbers; gradients are those of the model on real numbers.` })
  return bound
}

/** A model made for one image that is given several must answer for each of them. */
function refuseMixedImages(model: OnnxModel, outputs: Record<string, Value>, { declared, bound }: Batches): void {
  for (const { name, shape } of model.graph.outputs)
    if (outputs[name] && shape?.[0] === declared && outputs[name].shape[0] !== bound)
      throw new AssayError('onnx-invalid', `The model is made for batches of ${declared} and cannot be given ${bound} images at once; export it with an open batch dimension.`, { output: name })
}
