/**
 * Recurrent layers, unrolled step by step for the backward pass; the forward pass keeps ONNX Runtime's own kernels.
 * Source: LSTM, GRU and RNN of the ONNX operator specification, whose order of gates this is.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { add, concat, matMul, mul, reshape, sigmoid, slice, sub, tanh, transpose } from '../../onnx/ops'
import { nodeRefusal } from '../../onnx/refusal'
import type { Composite } from '../primitive'
import { constants, integer, range, text, zeros } from './helpers'

/** What one direction of a layer has to itself. */
interface Direction {
  /** x·Wᵀ plus the bias of W: [length, batch, gates · hidden] */
  projected: Value
  /** [hidden, gates · hidden] */
  recurrent: Value
  /** Bias of R: [gates · hidden] */
  bias: Value | undefined
  hidden: number
}

/** State after one step, from the projected input of that step and the state before. State 0 is the output. */
type Step = (g: GraphBuilder, d: Direction, x: Value, state: readonly Value[]) => Value[]

const gate = (g: GraphBuilder, v: Value, index: number, hidden: number): Value => slice(g, v, [index * hidden], [(index + 1) * hidden], [1])

const withBias = (g: GraphBuilder, v: Value, bias: Value | undefined): Value => (bias ? add(g, v, bias) : v)

const longShort: Step = (g, d, x, [h, c]) => {
  const all = add(g, x, withBias(g, matMul(g, h!, d.recurrent), d.bias))
  const [input, output, forget] = range(3).map((i) => sigmoid(g, gate(g, all, i, d.hidden))) as [Value, Value, Value]
  const cell = add(g, mul(g, forget, c!), mul(g, input, tanh(g, gate(g, all, 3, d.hidden))))
  return [mul(g, output, tanh(g, cell)), cell]
}

const plain: Step = (g, d, x, [h]) => [tanh(g, add(g, x, withBias(g, matMul(g, h!, d.recurrent), d.bias)))]

const gated =
  (resetBehindProduct: boolean): Step =>
  (g, d, x, [h]) => {
    const n = d.hidden
    const own = (index: number) => gate(g, d.recurrent, index, n)
    const bias = (index: number) => d.bias && slice(g, d.bias, [index * n], [(index + 1) * n], [0])
    const [update, reset] = range(2).map((i) => sigmoid(g, add(g, gate(g, x, i, n), withBias(g, matMul(g, h!, own(i)), bias(i))))) as [Value, Value]
    const remembered = resetBehindProduct ? mul(g, reset, withBias(g, matMul(g, h!, own(2)), bias(2))) : withBias(g, matMul(g, mul(g, reset, h!), own(2)), bias(2))
    const candidate = tanh(g, add(g, gate(g, x, 2, n), remembered))
    return [add(g, mul(g, sub(g, 1, update), candidate), mul(g, update, h!))]
  }

const longest = 10_000

function refuseWhatIsRare(node: BuiltNode): void {
  const defaults: Record<string, string[]> = { LSTM: ['sigmoid', 'tanh', 'tanh'], GRU: ['sigmoid', 'tanh'], RNN: ['tanh'] }
  const wanted = attribute(node, 'activations', 'strings')?.map((a) => a.toLowerCase())
  const usual = !wanted || wanted.every((a, i) => a === defaults[node.op]![i % defaults[node.op]!.length])
  const length = node.inputs[0]!.shape[0]!
  // Some exporters write the lengths of the sequences down where all are whole.
  const cutShort = node.inputs[4] && !constants(node, 4)?.every((n) => n === length)
  const rare = attribute(node, 'clip', 'float') !== undefined || integer(node, 'input_forget', 0) || integer(node, 'layout', 0) || cutShort || node.inputs[7]
  if (length > longest) throw nodeRefusal('onnx-operator-not-differentiable', node, `over more than ${longest} steps`)
  if (!usual || rare) throw nodeRefusal('onnx-operator-not-differentiable', node, 'with options that Assay cannot differentiate')
}

/** Part of a tensor whose first axis are the directions, without that axis. */
const ofDirection = (g: GraphBuilder, v: Value, index: number): Value => reshape(g, slice(g, v, [index], [index + 1], [0]), v.shape.slice(1))

function layer(g: GraphBuilder, node: BuiltNode, gates: number, states: number, step: Step): Value[] {
  refuseWhatIsRare(node)
  const [x, w, r, b] = node.inputs as [Value, Value, Value, Value | undefined]
  const [length, batch] = x.shape as [number, number]
  const [directions, , hidden] = r.shape as [number, number, number]
  const width = gates * hidden
  const runs = range(directions).map((direction) => {
    const biases = b && ofDirection(g, b, direction)
    const projected = withBias(g, matMul(g, x, transpose(g, ofDirection(g, w, direction), [1, 0])), biases && slice(g, biases, [0], [width], [0]))
    const d: Direction = { projected, recurrent: transpose(g, ofDirection(g, r, direction), [1, 0]), bias: biases && slice(g, biases, [width], [2 * width], [0]), hidden }
    const initial = (index: number) => (node.inputs[5 + index] ? ofDirection(g, node.inputs[5 + index]!, direction) : zeros(g, [batch, hidden], x.dtype))
    let state = range(states).map(initial)
    const backwards = text(node, 'direction', 'forward') === 'reverse' || direction === 1
    const outputs: Value[] = []
    for (const i of range(length)) {
      const at = backwards ? length - 1 - i : i
      state = step(g, d, ofDirection(g, d.projected, at), state)
      outputs[at] = state[0]!
    }
    return { outputs, state }
  })
  const joined = (values: readonly Value[], shape: number[]) => concat(g, values.map((v) => reshape(g, v, shape)), 0)
  const steps = range(length).map((at) => concat(g, runs.map((run) => reshape(g, run.outputs[at]!, [1, 1, batch, hidden])), 1))
  return [concat(g, steps, 0), ...range(states).map((i) => joined(runs.map((run) => run.state[i]!), [1, batch, hidden]))]
}

export const recurrent: Composite[] = [
  { op: 'LSTM', forward: 'long short-term memory, without peepholes, clipping or sequences cut short', lower: (g, node) => layer(g, node, 4, 2, longShort) },
  { op: 'GRU', forward: 'gated recurrent unit, without clipping or sequences cut short', lower: (g, node) => layer(g, node, 3, 1, gated(integer(node, 'linear_before_reset', 0) === 1)) },
  { op: 'RNN', forward: 'tanh(W·x + R·h + b), step by step, without clipping or sequences cut short', lower: (g, node) => layer(g, node, 1, 1, plain) },
]
