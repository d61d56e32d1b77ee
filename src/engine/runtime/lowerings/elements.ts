/** Operators on single elements, along an axis, and those that cut. */
import { int } from '../../onnx/model'
import { float32, toNumbers } from '../../tensor/tensor'
import { cut, farEnd, intAttribute, integers, range, type Emit, type Write } from './emit'

export const sign: Write = (emit, { inputs, outputs }) => {
  if ((emit.typeOf(inputs[0])?.dtype ?? 'float32') !== 'float32') return false
  const zero = emit.constant(float32([], [0]))
  const side = (op: string) => emit('Cast', [emit(op, [inputs[0]!, zero])], { to: int(1) })
  emit('Sub', [side('Greater'), side('Less')], {}, outputs[0])
  return true
}

export const logSoftmax: Write = (emit, node) => {
  const axis = integers(emit, [intAttribute(node, 'axis', -1)])
  const [x] = node.inputs as [string]
  const shifted = emit('Sub', [x, emit('ReduceMax', [x, axis], { keepdims: int(1) })])
  const sum = emit('ReduceSum', [emit('Exp', [shifted]), axis], { keepdims: int(1) })
  emit('Sub', [shifted, emit('Log', [sum])], {}, node.outputs[0])
  return true
}

/**
 * Before operator set 13 all axes from the given one on are one. The WebGPU kernel fails at run time where their number
 * of elements divides by four or two and the length of the last does not, so that one axis is made of them beforehand.
 */
export const flatSoftmax: Write = (emit, node) => {
  const axis = intAttribute(node, 'axis', 1)
  const rank = emit.typeOf(node.inputs[0])?.shape.length
  if (emit.opset >= 13 || axis === -1 || axis + 1 === rank) return false
  const [x] = node.inputs as [string]
  const flat = emit('Softmax', [emit('Flatten', [x], { axis: int(axis) })], { axis: int(1) })
  emit('Reshape', [flat, emit('Shape', [x])], {}, node.outputs[0])
  return true
}

/**
 * Channels of the output: row within the block, then column, then channel. Columns and rows are taken apart one after
 * the other: ONNX Runtime would recognise slices of both at once, and put the SpaceToDepth back.
 */
export const spaceToDepth: Write = (emit, node) => {
  const size = intAttribute(node, 'blocksize', 1)
  const [end, step] = [integers(emit, [2 ** 31]), integers(emit, [size])]
  const everyOther = (x: string, axis: number, output?: string) => {
    const parts = range(size).map((i) => emit('Slice', [x, integers(emit, [i]), end, integers(emit, [axis]), step]))
    return emit('Concat', parts, { axis: int(1) }, output)
  }
  everyOther(everyOther(node.inputs[0]!, 3), 2, node.outputs[0])
  return true
}

/** One buffer for the input and one per output: eight in all are what every WebGPU device binds. */
const mostOutputs = 7

export const split: Write = (emit, node) => {
  const sizes = emit.known(node.inputs[1])
  if (node.outputs.length <= mostOutputs || !sizes) return false
  const axis = intAttribute(node, 'axis', 0)
  let start = 0
  toNumbers(sizes).forEach((size, i) => {
    if (node.outputs[i]) cut(emit, node.inputs[0]!, start, start + size, axis, node.outputs[i])
    start += size
  })
  return true
}

/**
 * Backwards, the WebGPU kernel begins at the last element wherever it is told to. What is to be turned round is cut out
 * first, and turned round as a whole.
 */
export const slice: Write = (emit, node) => {
  const [x, ...bounds] = node.inputs as [string, ...string[]]
  const [starts, ends, axes, steps] = range(4).map((i) => (emit.known(bounds[i]) ? toNumbers(emit.known(bounds[i])!) : undefined))
  if (!starts || !ends || !steps || (bounds[2] && !axes)) return false
  const cuts = starts.map((start, i) => ({ axis: axes ? axes[i]! : i, start, end: ends[i]!, step: steps[i]! }))
  const wrong = cuts.filter(({ start, step }) => step < 0 && start !== -1 && start < farEnd)
  if (!wrong.length) return false
  const write = (from: string, list: typeof cuts, output?: string) =>
    emit('Slice', [from, ...(['start', 'end', 'axis', 'step'] as const).map((key) => integers(emit, list.map((c) => c[key])))], {}, output)
  // −1 is the last element as a start, and would be an empty stretch as the number that follows.
  const after = (place: number) => (place === -1 ? farEnd : place + 1)
  const part = write(x, wrong.map(({ axis, start, end }) => ({ axis, start: after(end), end: after(start), step: 1 })))
  write(part, cuts.map((c) => (wrong.includes(c) ? { ...c, start: -1, end: -(2 ** 31) } : c)), node.outputs[0])
  return true
}

/** What a reduction does to every element even where it reduces nothing. */
const ofEveryElement: Record<string, (emit: Emit, x: string, output: string) => void> = {
  ReduceL1: (emit, x, output) => emit('Abs', [x], {}, output),
  ReduceL2: (emit, x, output) => emit('Abs', [x], {}, output),
  ReduceSumSquare: (emit, x, output) => emit('Mul', [x, x], {}, output),
  ReduceLogSum: (emit, x, output) => emit('Log', [x], {}, output),
}

/** Of no axes, where none means none, the WebGPU kernels hand on the input as it is. */
export const reduceNothing: Write = (emit, node) => {
  const [x, axes] = node.inputs as [string, string?]
  const none = !axes || emit.known(axes)?.data.length === 0
  if (!none || intAttribute(node, 'noop_with_empty_axes', 0) !== 1) return false
  ofEveryElement[node.op]!(emit, x, node.outputs[0]!)
  return true
}

/** A third matrix that is a single number without any axis takes the whole process with it, where columns do not come in fours. */
export const gemm: Write = (emit, node) => {
  const [a, b, c] = node.inputs as [string, string, string?]
  if (emit.typeOf(c)?.shape.length !== 0) return false
  emit('Gemm', [a, b, emit('Reshape', [c!, integers(emit, [1])])], node.attributes, node.outputs[0])
  return true
}
