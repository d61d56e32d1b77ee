/**
 * Models exported for a fixed batch, given another number of images. Their shape constants name the batch that they were
 * made for, so they are put right as the model is spliced in; that no operator mixes images is followed node by node.
 *
 * A value holds images when its first axis is theirs: image by image, each with the same number of rows. Operators that
 * treat rows of the first axis alike keep it so, and a Reshape does whose first axis is a multiple of the number of
 * images. Whatever else meets images is `Unbatchable`, and the caller splices the model in once per image instead.
 *
 * Shape code that exporters left in such a model speaks of the images that there are, its constants of those that it was
 * made for. Which is which shows in what the code comes to for the number that the model declares, worked out beside.
 */
import { sizeOf, toNumbers, type Tensor } from '../tensor/tensor'
import type { GraphBuilder, Value } from './builder'
import { attribute, type OnnxNode } from './model'
import { normaliseAxis } from './shapes'

export interface Batches {
  /** What the model was made for. */
  readonly declared: number
  /** What it is given. */
  readonly bound: number
}

export class Unbatchable extends Error {}

type Inputs = readonly (Value | undefined)[]
/** Writes a node again, for other inputs. */
type Write = (inputs: Inputs) => Inputs

const equal = (a: Tensor | undefined, b: Tensor | undefined): boolean =>
  a !== undefined && b !== undefined && a.shape.join() === b.shape.join() && Array.from<number | bigint>(a.data as ArrayLike<number>).every((v, i) => v === b.data[i])

/** Every element, or every row of the first axis, for itself, whatever the attributes say. */
const rowByRow = new Set([
  'Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh',
  'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'ThresholdedRelu', 'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish', 'Mish', 'Gelu', 'Swish', 'Shrink', 'Erf',
  'Clip', 'Identity', 'Cast', 'CastLike', 'Dropout', 'Not', 'IsNaN', 'IsInf', 'Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool',
  'GlobalLpPool', 'LRN', 'InstanceNormalization', 'GroupNormalization', 'DepthToSpace', 'SpaceToDepth', 'Pad', 'Tile', 'Resize', 'Upsample',
])
/** As numpy broadcasts. */
const broadcasting = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Max', 'Min', 'Sum', 'Mean', 'PRelu', 'Where', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor'])
/** Along one axis, with the one that is meant when none is named. */
const alongAxis: Record<string, number> = { Softmax: 1, LogSoftmax: 1, Hardmax: 1, LayerNormalization: -1, RMSNormalization: -1, SimplifiedLayerNormalization: -1, LpNormalization: -1, Split: 0, Concat: 0, Gather: 0, ArgMax: 0, ArgMin: 0, TopK: -1 }
/** Which input is the shape that a node gives. */
const targets: Record<string, number> = { Reshape: 1, Resize: 3, Expand: 1 }

export class BatchTracker {
  private readonly images = new Set<Value>()
  /** Of values that are worked out from the number of images: what they are for the number that the model declares. */
  private readonly counted = new Map<Value, Value>()
  constructor(
    private readonly g: GraphBuilder,
    private readonly batches: Batches,
  ) {}

  mark(value: Value): void {
    this.images.add(value)
  }

  private holds(value: Value | undefined): boolean {
    return value !== undefined && this.images.has(value)
  }

  /** What the model calls the length of the first axis. */
  private declaredRows(x: Value): number {
    return (x.shape[0]! / this.batches.bound) * this.batches.declared
  }

  /** The node's inputs, with the number of images put right in constants. */
  prepared(node: OnnxNode, inputs: Inputs): Inputs {
    const x = inputs.find((v) => this.holds(v))
    if (!x || node.domain !== '') return inputs
    const at = targets[node.op]
    if (at !== undefined) {
      const wanted = inputs[at]?.constant && toNumbers(inputs[at].constant)
      if (!wanted?.length) return inputs
      const target = this.g.integers(this.target(node, x, wanted, this.declaredNumbers(inputs[at]!) ?? wanted))
      return inputs.map((v, i) => (i === at ? target : v))
    }
    if (node.op === 'Concat') return inputs.map((v) => (v && !this.holds(v) && v.shape[0] === this.declaredRows(x) ? this.perImage(v) : v))
    return inputs
  }

  /** Numbers that a constant would have for the declared number of images; undefined where it does not depend on it. */
  private declaredNumbers(v: Value): number[] | undefined {
    const declared = this.counted.get(v)?.constant
    return declared && toNumbers(declared)
  }

  /**
   * The shape that a node is to give, for as many images as there are.
   * @param asDeclared the same for as many as the model declares
   */
  private target(node: OnnxNode, x: Value, wanted: readonly number[], asDeclared: readonly number[]): number[] {
    const [first, ...rest] = wanted as [number, ...number[]]
    if (rest.some((d, i) => d !== asDeclared[i + 1])) throw new Unbatchable()
    if (node.op === 'Reshape') return [first === asDeclared[0] ? this.reshapedRows(x, first, wanted) : first, ...rest]
    return [wanted.length === x.shape.length && asDeclared[0] === this.declaredRows(x) ? x.shape[0]! : first, ...rest]
  }

  /** The first entry of a Reshape's target that does not know how many images there are. */
  private reshapedRows(x: Value, first: number, wanted: readonly number[]): number {
    if (first === -1 || first === 0) return first
    const { declared, bound } = this.batches
    const named = wanted.map((d, i) => (d === 0 ? x.shape[i]! : d))
    if (!wanted.includes(-1) && sizeOf(named) === sizeOf(x.shape)) return first
    const scaled = (first * bound) / declared
    if (!Number.isInteger(scaled)) throw new Unbatchable()
    return scaled
  }

  /** What is the same for every image, a class token for instance, once for each. */
  private perImage(v: Value): Value {
    const { declared, bound } = this.batches
    if (declared !== 1) throw new Unbatchable()
    const repeated = this.g.op('Tile', [v, this.g.integers([bound, ...v.shape.slice(1).map(() => 1)])])
    this.mark(repeated)
    return repeated
  }

  /** Follows the images, and their number, through a node. @param write how its outputs were written @throws Unbatchable */
  follow(node: OnnxNode, inputs: Inputs, outputs: Inputs, write: Write): void {
    const counts = node.domain === '' && (node.op === 'Shape' || node.op === 'Size')
    if (counts || !inputs.some((v) => this.holds(v))) return this.count(inputs, outputs, write)
    const kept = node.domain === '' && this.keepsImages(node, inputs, outputs)
    if (!kept || outputs.some((v) => v && !(v.shape[0]! % this.batches.bound === 0))) throw new Unbatchable()
    for (const v of outputs) if (v) this.mark(v)
  }

  /** Remembers of outputs that depend on the number of images what they would be for the declared one. */
  private count(inputs: Inputs, outputs: Inputs, write: Write): void {
    const asDeclared = inputs.map((v) => v && (this.holds(v) ? { ...v, shape: [this.declaredRows(v), ...v.shape.slice(1)] } : (this.counted.get(v) ?? v)))
    if (asDeclared.every((v, i) => v === inputs[i])) return
    write(asDeclared).forEach((declared, i) => {
      const found = outputs[i]
      if (found && declared && !equal(found.constant, declared.constant)) this.counted.set(found, declared)
    })
  }

  private keepsImages(node: OnnxNode, inputs: Inputs, outputs: Inputs): boolean {
    const [x] = inputs as [Value]
    const [y] = outputs as [Value]
    const others = inputs.slice(1)
    const sameRows = y.shape[0] === x.shape[0]
    const rest = !others.some((v) => this.holds(v))
    // What is computed from the number of images is not what it would be for one.
    if (inputs.some((v) => v && this.counted.has(v))) return false
    if (broadcasting.has(node.op)) return inputs.every((v) => !v || this.broadcasts(v, y))
    if (rowByRow.has(node.op)) return rest && sameRows
    switch (node.op) {
      case 'BatchNormalization':
        return rest && attribute(node, 'training_mode', 'int') !== 1
      case 'Concat':
        return sameRows && this.axis(node, x) !== 0 && inputs.every((v) => this.holds(v))
      case 'Expand':
        return rest && sameRows && y.shape.length === x.shape.length
      case 'Reshape':
        return true
      case 'Flatten':
        return normaliseAxis(attribute(node, 'axis', 'int') ?? 1, x.shape.length, x.shape.length) > 0
      case 'Transpose':
        return attribute(node, 'perm', 'ints')?.[0] === 0
      case 'Squeeze':
      case 'Unsqueeze':
        return this.axes(node, y.shape.length > x.shape.length ? y.shape.length : x.shape.length, inputs)?.every((a) => a !== 0) ?? false
      case 'Slice':
        return rest && sameRows && !this.cutsImages(node, inputs)
      case 'MatMul':
        return this.multiplies(x, inputs[1]!)
      case 'Gemm':
        return rest && !attribute(node, 'transA', 'int') && (!inputs[2] || inputs[2].shape.length < 2 || inputs[2].shape[0] === 1)
      case 'GridSample':
        return this.holds(x) && this.holds(inputs[1])
      case 'QuantizeLinear':
      case 'DequantizeLinear':
        return rest && (!inputs[1]!.shape.length || (attribute(node, 'axis', 'int') ?? 1) !== 0)
    }
    if (node.op.startsWith('Reduce')) return rest && (this.axes(node, x.shape.length, inputs)?.every((a) => a !== 0) ?? false)
    return node.op in alongAxis && rest && this.axis(node, x) !== 0
  }

  private axis(node: OnnxNode, x: Value): number {
    return normaliseAxis(attribute(node, 'axis', 'int') ?? alongAxis[node.op] ?? 0, x.shape.length)
  }

  private axes(node: OnnxNode, rank: number, inputs: Inputs): number[] | undefined {
    const given = attribute(node, 'axes', 'ints') ?? (inputs[1]?.constant && toNumbers(inputs[1].constant))
    return given?.length ? given.map((a) => normaliseAxis(a, rank)) : undefined
  }

  /** An operand with images leads; another must be the same for each row. */
  private broadcasts(v: Value, y: Value): boolean {
    if (this.holds(v)) return v.shape.length === y.shape.length && v.shape[0] === y.shape[0]
    return v.shape.length < y.shape.length || v.shape[0] === 1
  }

  private cutsImages(node: OnnxNode, inputs: Inputs): boolean {
    const numbers = (name: string, index: number) => attribute(node, name, 'ints') ?? (inputs[index]?.constant && toNumbers(inputs[index].constant))
    const starts = numbers('starts', 1) ?? []
    const ends = numbers('ends', 2) ?? []
    const steps = numbers('steps', 4)
    const at = (numbers('axes', 3) ?? starts.map((_, i) => i)).findIndex((a) => normaliseAxis(a, inputs[0]!.shape.length) === 0)
    // Up to an end that is no batch size anybody exports for.
    return at >= 0 && !(starts[at] === 0 && ends[at]! > 2 ** 30 && (steps?.[at] ?? 1) === 1)
  }

  private multiplies(a: Value, b: Value): boolean {
    if (this.holds(a) && this.holds(b)) return a.shape.length > 2 && a.shape.length === b.shape.length && a.shape[0] === b.shape[0]
    if (this.holds(a)) return a.shape.length > 1 && (b.shape.length <= 2 || b.shape.length < a.shape.length || (b.shape[0] === 1 && a.shape.length > 2))
    return b.shape.length > 2 && (a.shape.length < b.shape.length || a.shape[0] === 1)
  }
}
