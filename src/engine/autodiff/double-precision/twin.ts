/**
 * A built graph, forward and backward, in double precision: what single precision blurs (rounding, elements that are
 * nearly equal) is told apart from what is wrong. `assay gradcheck` judges gradients by it.
 *
 * Node by node the same graph, with two exceptions. ONNX Runtime's CPU provider lacks some operators in double precision:
 * those are written with others (writings.ts), or, where they are rare, computed in single precision and said to be.
 * Quantised numbers are left unrounded by default, which is the function that the straight-through estimator is the
 * gradient of.
 */
import type { DType, Tensor } from '../../tensor/tensor'
import { tensor } from '../../tensor/tensor'
import { GraphBuilder, type BuiltNode, type Value } from '../../onnx/builder'
import { dataTypeNumbers, int, type Attributes } from '../../onnx/model'
import { cast, mul, sub } from '../../onnx/ops'
import { writingOf, singleOnly } from './writings'

export interface Twin {
  g: GraphBuilder
  /** The twin of a value of the graph. */
  of: (value: Value) => Value
  /** Operators that are computed in single precision. */
  blurred: ReadonlySet<string>
}

export interface TwinOptions {
  /** Every answer of a node is rounded to so many bits, as if it had been computed with them. */
  bits?: number
  /** Whether quantised numbers are rounded as the model has it. */
  steps?: boolean
}

const widened = (dtype: DType): DType => (dtype === 'float32' ? 'float64' : dtype)
/** Larger weights stay in single precision in the model, and are widened when it is loaded: half the size. */
const mostWidened = 1 << 12

const wide = (t: Tensor): Tensor => (t.dtype === 'float32' ? tensor('float64', t.shape, Float64Array.from(t.data as Float32Array)) : t)

/** Attributes that name or hold single precision name or hold double precision. */
const wideAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, a]) => {
      if (a.type === 'tensor') return [name, { ...a, value: wide(a.value) }]
      return [name, a.type === 'int' && name === 'to' && a.value === dataTypeNumbers.float32 ? int(dataTypeNumbers.float64) : a]
    }),
  )

/** The twin of the part of a graph that the wanted values need, with inputs of the same names. */
export function inDoublePrecision(nodes: readonly BuiltNode[], inputs: readonly Value[], wanted: readonly Value[], { bits, steps = false }: TwinOptions = {}): Twin {
  const g = new GraphBuilder()
  const twins = new Map<Value, Value>(inputs.map((v) => [v, g.input(v.name, v.shape, widened(v.dtype))]))
  const blurred = new Set<string>()
  const of = (value: Value): Value => {
    let twin = twins.get(value)
    if (!twin) twins.set(value, (twin = constant(g, value.constant!)))
    return twin
  }
  for (const node of needed(nodes, wanted)) {
    const given = node.inputs.map((v) => v && of(v))
    const attributes = wideAttributes(node.attributes)
    const writing = writingOf(node.op)
    if (!writing && singleOnly.has(node.op)) blurred.add(node.op)
    const outputs = writing ? writing(g, { ...node, inputs: given, attributes }, steps) : singleOnly.has(node.op) ? inSingle(g, node, given) : g.node(node.op, given, attributes, node.outputs.length)
    node.outputs.forEach((v, i) => {
      const answer = outputs[i]
      if (answer) twins.set(v, bits !== undefined && answer.dtype === 'float64' && !answer.constant ? roundedTo(g, answer, bits) : answer)
    })
  }
  return { g, of, blurred }
}

/** Veltkamp's splitting: the leading bits of a number of 53. */
function roundedTo(g: GraphBuilder, v: Value, bits: number): Value {
  const shifted = mul(g, v, 2 ** (53 - bits) + 1)
  return sub(g, shifted, sub(g, shifted, v))
}

function constant(g: GraphBuilder, data: Tensor): Value {
  if (data.dtype !== 'float32' || data.data.length <= mostWidened) return g.constant(wide(data))
  return cast(g, g.constant(data), 'float64')
}

function inSingle(g: GraphBuilder, node: BuiltNode, given: readonly (Value | undefined)[]): Value[] {
  const narrow = given.map((v) => (v?.dtype === 'float64' ? cast(g, v, 'float32') : v))
  return g.node(node.op, narrow, node.attributes, node.outputs.length).map((v) => (v.dtype === 'float32' ? cast(g, v, 'float64') : v))
}

function needed(nodes: readonly BuiltNode[], wanted: readonly Value[]): BuiltNode[] {
  const values = new Set(wanted)
  const found = new Set<BuiltNode>()
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!
    if (!node.outputs.some((v) => values.has(v))) continue
    found.add(node)
    for (const v of node.inputs) if (v) values.add(v)
  }
  return nodes.filter((node) => found.has(node))
}
