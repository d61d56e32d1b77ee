/** Arithmetic, comparisons and casts of constants. */
import { toNumbers, zeros, type DType, type Tensor } from '../../tensor/tensor'
import { attribute, dtypeOfNumber } from '../model'
import { broadcastShapes } from '../shapes'
import { broadcastStrides, filled, walk, type Fold, type Folds } from './fold'

function elementwise(inputs: readonly Tensor[], dtype: DType, f: (...values: number[]) => number): Tensor[] | undefined {
  const shape = inputs.map((t) => t.shape).reduce((a, b) => broadcastShapes(a, b), [] as readonly number[])
  const columns = inputs.map((t) => {
    const values = toNumbers(t)
    return { values, places: walk(shape, broadcastStrides(t.shape, shape)) }
  })
  const results = new Float64Array(columns[0]!.places.length)
  for (let i = 0; i < results.length; i++) results[i] = f(...columns.map(({ values, places }) => values[places[i]!]!))
  const result = filled(dtype, shape, results)
  return result && [result]
}

const all = (inputs: (Tensor | undefined)[]): inputs is Tensor[] => inputs.every((t) => t !== undefined && t.dtype !== 'float16')

const arithmetic =
  (f: (...values: number[]) => number): Fold =>
  (inputs) =>
    all(inputs) && inputs.every((t) => t.dtype === inputs[0]!.dtype) ? elementwise(inputs, inputs[0]!.dtype, f) : undefined

const truth =
  (f: (...values: number[]) => boolean): Fold =>
  (inputs) =>
    all(inputs) ? elementwise(inputs, 'bool', (...values) => Number(f(...values))) : undefined

/** The mean of a running pair is that of the specification: halves go to the even neighbour. */
const roundHalfToEven = (v: number): number => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))

const isInteger = (dtype: DType): boolean => !dtype.startsWith('float')

export const elementwiseFolds: Folds = {
  Identity: ([a]) => a && [a],
  Dropout: ([a], node) => (a && node.outputCount === 1 ? [a] : undefined),
  Cast: ([a], node) => {
    const to = dtypeOfNumber(attribute(node, 'to', 'int') ?? 0)
    if (!a || !to || a.dtype === 'float16' || to === 'float16') return undefined
    if (a.dtype === to) return [a]
    const result = filled(to, a.shape, toNumbers(a))
    return result && [result]
  },
  Add: arithmetic((a, b) => a! + b!),
  Sub: arithmetic((a, b) => a! - b!),
  Mul: arithmetic((a, b) => a! * b!),
  Div: (inputs) => (inputs.some((t) => t && isInteger(t.dtype)) && inputs[1] && toNumbers(inputs[1]).includes(0) ? undefined : arithmetic((a, b) => a! / b!)(inputs, { attributes: {}, outputCount: 1 })),
  Mod: (inputs, node) => {
    if (!all(inputs) || (isInteger(inputs[1]!.dtype) && toNumbers(inputs[1]!).includes(0))) return undefined
    const f = attribute(node, 'fmod', 'int') ? (a: number, b: number) => a % b : (a: number, b: number) => a - b * Math.floor(a / b)
    return elementwise(inputs, inputs[0]!.dtype, f as (...values: number[]) => number)
  },
  Pow: (inputs) => (all(inputs) ? elementwise(inputs, inputs[0]!.dtype, Math.pow as (...values: number[]) => number) : undefined),
  Max: arithmetic(Math.max),
  Min: arithmetic(Math.min),
  Sum: arithmetic((...values) => values.reduce((a, b) => a + b, 0)),
  Neg: arithmetic((a) => -a!),
  Abs: arithmetic(Math.abs),
  Sign: arithmetic(Math.sign),
  Floor: arithmetic(Math.floor),
  Ceil: arithmetic(Math.ceil),
  Round: arithmetic(roundHalfToEven),
  Sqrt: arithmetic(Math.sqrt),
  Reciprocal: arithmetic((a) => 1 / a!),
  Clip: ([x, low, high]) => {
    if (!x) return undefined
    const [from, to] = [low ? toNumbers(low)[0]! : -Infinity, high ? toNumbers(high)[0]! : Infinity]
    return arithmetic((v) => Math.min(to, Math.max(from, v!)))([x], { attributes: {}, outputCount: 1 })
  },
  Equal: truth((a, b) => a === b),
  Less: truth((a, b) => a! < b!),
  LessOrEqual: truth((a, b) => a! <= b!),
  Greater: truth((a, b) => a! > b!),
  GreaterOrEqual: truth((a, b) => a! >= b!),
  And: truth((a, b) => a !== 0 && b !== 0),
  Or: truth((a, b) => a !== 0 || b !== 0),
  Xor: truth((a, b) => (a !== 0) !== (b !== 0)),
  Not: truth((a) => a === 0),
  Where: ([condition, a, b]) => {
    if (!condition || !a || !b || a.dtype === 'float16' || a.dtype !== b.dtype) return undefined
    const shape = [a.shape, b.shape].reduce((s, t) => broadcastShapes(s, t), condition.shape as number[])
    const places = [condition, a, b].map((t) => walk(shape, broadcastStrides(t.shape, shape)))
    const result = zeros(a.dtype, shape)
    const [to, left, right] = [result.data, a.data, b.data] as { [i: number]: number }[]
    for (let i = 0; i < result.data.length; i++) to![i] = condition.data[places[0]![i]!] ? left![places[1]![i]!]! : right![places[2]![i]!]!
    return [result]
  },
}
