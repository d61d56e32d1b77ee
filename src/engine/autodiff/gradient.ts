/**
 * Reverse-mode differentiation of a graph that is being built: the backward graph is appended to the same builder and
 * run by the same ONNX Runtime.
 */
import type { BuiltNode, GraphBuilder, Value } from '../onnx/builder'
import { add, expand } from '../onnx/ops'
import { nodeRefusal, offer } from '../onnx/refusal'
import { isDiscrete, ruleFor } from './registry'

/**
 * Gradients of Σ loss by each of `wrt`, with their shapes. A value that the loss does not depend on gets zeros.
 * @throws AssayError `onnx-operator-not-differentiable`, naming node, operator, domain and operator set.
 */
export function gradient(g: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  return vectorJacobianProduct(g, [loss], [onesLike(g, loss)], wrt)
}

/** The same without the zeros: undefined where no gradient reaches a value. */
export function reachedGradients(g: GraphBuilder, loss: Value, wrt: readonly Value[]): (Value | undefined)[] {
  const found = backpropagate(g, g.nodes.slice(), [loss], [onesLike(g, loss)], wrt)
  return wrt.map((value) => found.get(value))
}

const onesLike = (g: GraphBuilder, v: Value): Value => (v.shape.length ? expand(g, g.scalar(1, v.dtype), v.shape) : g.scalar(1, v.dtype))

/** Gradients of Σᵢ ⟨seedᵢ, outputᵢ⟩ by each of `wrt`. */
export function vectorJacobianProduct(g: GraphBuilder, outputs: readonly Value[], seeds: readonly Value[], wrt: readonly Value[]): Value[] {
  const nodes = g.nodes.slice()
  const found = backpropagate(g, nodes, outputs, seeds, wrt)
  return wrt.map((value) => {
    const gradient = found.get(value)
    if (!gradient) warnOfSteps(g, nodes, outputs, value)
    return gradient ?? expand(g, g.scalar(0, value.dtype), value.shape)
  })
}

/** An answer that depends on the value in steps alone has the gradient zero, which no attack gets anywhere with. */
function warnOfSteps(g: GraphBuilder, nodes: readonly BuiltNode[], outputs: readonly Value[], value: Value): void {
  const dependent = dependents(nodes, [value])
  if (!outputs.some((v) => dependent.has(v))) return
  const steps = nodes.find((node) => node.inputs.some((v) => v && dependent.has(v)) && (isDiscrete(node.op) || stepwise.has(node.op) || node.outputs.some((v) => !v.dtype.startsWith('float'))))
  const where = steps?.origin ? ` (its node ${steps.origin.node}, operator ${steps.origin.operator})` : ''
  g.warn({ code: 'no-gradient', message: `The model's answer changes with the image in steps alone${where}, so that its gradient is zero everywhere; ${offer}.` })
}

const stepwise: ReadonlySet<string> = new Set(['Round', 'Floor', 'Ceil', 'Sign'])

function backpropagate(g: GraphBuilder, nodes: readonly BuiltNode[], outputs: readonly Value[], seeds: readonly Value[], wrt: readonly Value[]): Map<Value, Value> {
  const dependent = dependents(nodes, wrt)
  const adjoints = new Map<Value, Value>()
  const accumulate = (value: Value, more: Value) => {
    const sum = adjoints.get(value)
    adjoints.set(value, sum ? add(g, sum, more) : more)
  }
  outputs.forEach((output, i) => accumulate(output, seeds[i]!))

  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!
    const gradients = node.outputs.map((v) => adjoints.get(v))
    if (gradients.every((d) => d === undefined) || !node.inputs.some((v) => v && dependent.has(v))) continue
    const needs = (index: number) => node.inputs[index] !== undefined && dependent.has(node.inputs[index])
    inputGradients(g, node, gradients, needs).forEach((d, index) => {
      if (d && needs(index)) accumulate(node.inputs[index]!, d)
    })
  }
  return adjoints
}

/** Values that change when one of `roots` does. */
function dependents(nodes: readonly BuiltNode[], roots: readonly Value[]): Set<Value> {
  const found = new Set(roots)
  for (const node of nodes) if (node.inputs.some((v) => v && found.has(v))) for (const output of node.outputs) found.add(output)
  return found
}

function inputGradients(g: GraphBuilder, node: BuiltNode, gradients: (Value | undefined)[], needs: (index: number) => boolean): (Value | undefined)[] {
  const rule = ruleFor(node.op)
  if (!rule) {
    if (isDiscrete(node.op)) return []
    throw nodeRefusal('onnx-operator-not-differentiable', node, 'which Assay cannot differentiate')
  }
  const through = (write: () => Value[]) => throughLowering(g, node, gradients, needs, write)
  if ('lower' in rule) return through(() => rule.lower(g, node))
  const dy = gradients[0]
  if (!dy && node.outputs.length === 1) return []
  return rule.vjp({ g, node, inputs: node.inputs, x: node.inputs[0]!, y: node.outputs[0]!, dy: dy!, gradients, needs, through })
}

/** Gradients of a node that is written with others: through what was written. */
function throughLowering(g: GraphBuilder, node: BuiltNode, gradients: (Value | undefined)[], needs: (index: number) => boolean, write: () => Value[]): (Value | undefined)[] {
  const before = g.nodes.length
  const lowered = write()
  const written = g.nodes.slice(before)
  const wanted = node.inputs.flatMap((v, i) => (v && needs(i) ? [v] : []))
  const reached = lowered.flatMap((value, i) => (gradients[i] ? [{ value, seed: gradients[i] }] : []))
  const found = backpropagate(g, written, reached.map((r) => r.value), reached.map((r) => r.seed), wanted)
  // The same value may stand at two inputs: its whole gradient goes to the first.
  return node.inputs.map((v, i) => (v && node.inputs.indexOf(v) === i ? found.get(v) : undefined))
}
