/**
 * Operators that had another form in older operator sets, or have one in newer ones: attributes that became inputs,
 * changed defaults, renamed modes, nodes that do nothing at inference. Source: the version history of the ONNX operator
 * specification.
 */
import { tensor, toNumbers } from '../../tensor/tensor'
import type { Value } from '../builder'
import { dataTypeNumbers, int, text, type Attributes } from '../model'
import { cast, floats, gather, reshape } from '../ops'
import { normaliseAxis } from '../shapes'
import { windowGeometry } from '../windows'
import { known, moderate, without, type Rewrite, type RewriteContext } from './rewrite'

const rewrite = (op: string, write: Rewrite['write']): Rewrite => ({ op, write })
const several = (ops: readonly string[], write: Rewrite['write']): Rewrite[] => ops.map((op) => ({ op, write }))

const axesBecameInput: Record<string, number> = {
  Squeeze: 13, Unsqueeze: 13, ReduceSum: 13, ReduceMean: 18, ReduceMax: 18, ReduceMin: 18, ReduceProd: 18, ReduceL1: 18, ReduceL2: 18,
  ReduceSumSquare: 18, ReduceLogSum: 18, ReduceLogSumExp: 18,
}

const withAxes = Object.entries(axesBecameInput).map(([op, since]) =>
  rewrite(op, (c) => {
    if (c.opset >= since) return c.emit(op, c.inputs, c.attributes)
    const axes = c.ints('axes')
    return c.emit(op, axes ? [c.x, c.g.integers(axes)] : [c.x], without(c.attributes, 'axes'))
  }),
)

/** Before 13 the tensor was seen as a matrix: everything from `axis` on is one softmax. */
const softmaxes = several(['Softmax', 'LogSoftmax', 'Hardmax'], (c) => {
  if (c.opset >= 13) return c.emit(c.node.op, c.inputs, c.attributes)
  const { shape } = c.x
  const axis = normaliseAxis(c.int('axis', 1), shape.length, shape.length)
  if (axis < shape.length && shape.slice(axis + 1).every((d) => d === 1)) return c.emit(c.node.op, c.inputs, { axis: int(axis) })
  const flat = c.g.op('Flatten', [c.x], { axis: int(axis) })
  return [reshape(c.g, c.emit(c.node.op, [flat], { axis: int(1) })[0]!, shape)]
})

function split(c: RewriteContext): Value[] {
  const { x, g } = c
  const axis = c.int('axis', 0)
  const sizes = c.opset < 13 ? c.ints('split') : undefined
  if (c.opset >= 13 && c.inputs[1]) return c.emit('Split', [x, c.inputs[1]], { axis: int(axis) })
  const extent = x.shape[normaliseAxis(axis, x.shape.length)]!
  const count = c.node.outputs.length
  const chunk = Math.ceil(extent / count)
  const lengths = sizes ?? Array.from({ length: count }, (_, i) => Math.min(chunk, extent - i * chunk))
  return c.emit('Split', [x, g.integers(lengths)], { axis: int(axis) }, lengths.length)
}

/** Pads of an auto_pad written out, since providers differ in which they take. */
function explicitPads(c: RewriteContext, kernel: readonly number[]): Attributes {
  if (['NOTSET', ''].includes(c.string('auto_pad', 'NOTSET'))) return without(c.attributes, 'auto_pad', 'storage_order')
  const { pads } = windowGeometry(c.node, c.x.shape.slice(2), kernel)
  return { ...without(c.attributes, 'auto_pad', 'storage_order'), pads: { type: 'ints', value: pads } }
}

/** Operator set 10 took the pixel before where it enlarges, and the one behind where it shrinks. */
function resizeOf10(c: RewriteContext): Value {
  const scales = c.inputs[1]?.constant
  if (!scales) throw c.refuse('whose scales are computed at run time, which Assay cannot follow')
  const all = toNumbers(scales)
  const only = (x: Value, wanted: (scale: number) => boolean, rounding: string): Value =>
    all.some((s) => s !== 1 && wanted(s))
      ? c.emit('Resize', [x, undefined, c.g.constant(floats('float32', [all.length], all.map((s) => (wanted(s) ? s : 1))))], { ...c.attributes, ...resizeBefore11, nearest_mode: text(rounding) })[0]!
      : x
  if (c.string('mode', 'nearest') !== 'nearest') return only(c.x, () => true, 'floor')
  return only(only(c.x, (s) => s < 1, 'ceil'), (s) => s >= 1, 'floor')
}

const resizeBefore11 = { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') }

export const versions: Rewrite[] = [
  ...withAxes,
  ...softmaxes,
  rewrite('Identity', (c) => [c.x]),
  rewrite('Dropout', (c) => {
    // A training mode that drops nothing is inference too.
    const zero = (v: Value | undefined) => v?.constant !== undefined && Number(v.constant.data[0]) === 0
    if (c.inputs[2] && !zero(c.inputs[2]) && !zero(c.inputs[1])) throw c.refuse('exported for training; export the model for inference')
    // A mask that somebody reads is all true.
    return [c.x, ...(c.node.outputs.length > 1 ? [c.g.op('ConstantOfShape', [c.g.integers(c.x.shape)], { value: { type: 'tensor', value: tensor('bool', [1], Uint8Array.of(1)) } })] : [])]
  }),
  // saturate and round_mode speak of 8-bit floats only, which came with operator set 19.
  rewrite('Cast', (c) => c.emit('Cast', [c.x], without(c.attributes, 'saturate', 'round_mode'))),
  { op: 'CastLike', forward: 'a in the type of b', write: (c) => [cast(c.g, c.x, c.required(1).dtype)] },
  rewrite('Clip', (c) => {
    if (c.opset >= 11) return c.emit('Clip', c.inputs, {})
    const [low, high] = ['min', 'max'].map((name) => (c.attributes[name] ? c.g.scalar(c.float(name, 0), c.x.dtype) : undefined))
    return c.emit('Clip', [c.x, low, high])
  }),
  rewrite('Slice', (c) => {
    if (c.opset >= 10) return c.emit('Slice', c.inputs)
    const starts = c.ints('starts') ?? []
    return c.emit('Slice', [c.x, c.g.integers(starts), c.g.integers(c.ints('ends') ?? []), c.g.integers(c.ints('axes') ?? starts.map((_, i) => i))])
  }),
  rewrite('Split', split),
  rewrite('Reshape', (c) => (c.opset < 5 ? c.emit('Reshape', [c.x, c.g.integers(c.ints('shape') ?? [])]) : c.emit('Reshape', c.inputs, c.attributes))),
  rewrite('Upsample', (c) => {
    const scales = c.floats('scales')
    return c.emit('Resize', [c.x, undefined, scales ? c.g.constant(floats('float32', [scales.length], scales)) : c.inputs[1]], { mode: c.attributes.mode ?? text('nearest'), ...resizeBefore11 })
  }),
  rewrite('Resize', (c) => {
    if (c.opset < 11) return [resizeOf10(c)]
    // Empty tensors stand for inputs that are left out; a region of interest is looked at in one mode alone.
    const given = (index: number) => (c.inputs[index]?.constant?.data.length === 0 ? undefined : c.inputs[index])
    const roi = c.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize' ? given(1) : undefined
    return c.emit('Resize', given(3) ? [c.x, roi, undefined, given(3)] : [c.x, roi, given(2)], c.attributes)
  }),
  ...several(['Sum', 'Max', 'Min', 'Mean'], (c) => (c.inputs.length === 1 ? [c.x] : c.emit(c.node.op, c.inputs, c.attributes))),
  rewrite('Pow', (c) => {
    const exponent = c.required(1)
    const real = [c.x, exponent].find(({ dtype }) => dtype.startsWith('float'))?.dtype ?? c.x.dtype
    // Of a whole number the root is cut off to one, and not the exponent.
    return [cast(c.g, c.emit('Pow', [cast(c.g, c.x, real), cast(c.g, exponent, real)])[0]!, c.x.dtype)]
  }),
  rewrite('TopK', (c) => {
    const k = c.opset < 10 ? c.g.integers([c.int('k', 1)]) : c.required(1)
    return c.emit('TopK', [c.x, k], without(c.attributes, 'k'), 2)
  }),
  rewrite('Scatter', (c) => c.emit('ScatterElements', c.inputs, c.attributes)),
  rewrite('MaxPool', (c) => {
    const outputs = c.emit('MaxPool', [c.x], explicitPads(c, c.ints('kernel_shape') ?? []))
    // Places counted down the columns are no others' places.
    return c.int('storage_order', 0) ? outputs.slice(0, 1) : outputs
  }),
  rewrite('Conv', (c) => c.emit('Conv', c.inputs, explicitPads(c, c.required(1).shape.slice(2)))),
  {
    op: 'EyeLike',
    forward: 'ones on a diagonal',
    write: (c) => {
      const [rows, columns] = c.x.shape as [number, number]
      const k = c.int('k', 0)
      const eye = floats('float32', [rows, columns], Array.from({ length: moderate(c, rows * columns) }, (_, i) => Number((i % columns) - Math.floor(i / columns) === k)))
      const to = Object.entries(dataTypeNumbers).find(([, number]) => number === c.int('dtype', 0))?.[0] ?? c.x.dtype
      return [cast(c.g, c.g.constant(eye), to as Value['dtype'])]
    },
  },
  {
    op: 'Compress',
    forward: 'x where a known condition holds',
    write: (c) => {
      const condition = known(c, 1)
      if (!condition) throw c.refuse('without its condition')
      const kept = c.g.integers(Array.from(condition.data as Uint8Array).flatMap((v, i) => (v ? [i] : [])))
      return c.attributes.axis ? [gather(c.g, c.x, kept, c.int('axis', 0))] : [gather(c.g, reshape(c.g, c.x, [-1]), kept, 0)]
    },
  },
]
