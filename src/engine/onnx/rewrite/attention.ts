/**
 * Scaled dot-product attention written out as products and a softmax: ONNX's Attention (operator set 23), and the
 * forms that ONNX Runtime's optimiser makes (domain com.microsoft).
 */
import type { GraphBuilder, Value } from '../builder'
import { add, div, expand, floats, matMul, mul, reshape, slice, softmax, tanh, transpose, where } from '../ops'
import { moderate, type Rewrite, type RewriteContext } from './rewrite'

/** What is added to the score of a pair that is masked out. */
const masked = -3.4e38

/** [batch, length, heads · size] → [batch, heads, length, size] */
function inHeads(g: GraphBuilder, x: Value, heads: number): Value {
  const [batch, length, width] = x.shape as [number, number, number]
  return transpose(g, reshape(g, x, [batch, length, heads, width / heads]), [0, 2, 1, 3])
}

/** [batch, heads, length, size] → [batch, length, heads · size] */
function joined(g: GraphBuilder, x: Value): Value {
  const [batch, heads, length, size] = x.shape as [number, number, number, number]
  return reshape(g, transpose(g, x, [0, 2, 1, 3]), [batch, length, heads * size])
}

/** Several heads of queries share one of keys and values. */
function repeated(g: GraphBuilder, x: Value, times: number): Value {
  if (times === 1) return x
  const [batch, heads, length, size] = x.shape as [number, number, number, number]
  return reshape(g, expand(g, reshape(g, x, [batch, heads, 1, length, size]), [batch, heads, times, length, size]), [batch, heads * times, length, size])
}

/** 0 on and below the diagonal, a very negative number above it. */
function causalMask(c: RewriteContext, queries: number, keys: number, dtype: Value['dtype']): Value {
  return c.g.constant(floats(dtype, [queries, keys], Array.from({ length: moderate(c, queries * keys) }, (_, i) => (i % keys > Math.floor(i / keys) ? masked : 0))))
}

interface Settings {
  scale: number
  mask?: Value | undefined
  causal?: boolean
  softcap?: number
}

/** q, k, v are [batch, heads, length, size]; masks broadcast over [batch, heads, queries, keys] and are added. */
function attend(c: RewriteContext, q: Value, k: Value, v: Value, s: Settings): Value {
  const { g } = c
  const root = Math.sqrt(s.scale)
  let scores = matMul(g, mul(g, q, root), mul(g, transpose(g, k, [0, 1, 3, 2]), root))
  if (s.softcap) scores = mul(g, tanh(g, div(g, scores, s.softcap)), s.softcap)
  if (s.causal) scores = add(g, scores, causalMask(c, q.shape[2]!, k.shape[2]!, q.dtype))
  if (s.mask) scores = add(g, scores, s.mask)
  return matMul(g, softmax(g, scores, -1), v)
}

/** Truths are turned into what is added; a mask that is shorter than the keys hides the rest. */
function additive(g: GraphBuilder, mask: Value, keys: number, dtype: Value['dtype']): Value {
  const zero = g.scalar(0, dtype)
  const summand = mask.dtype === 'bool' ? where(g, mask, zero, g.scalar(masked, dtype)) : mask
  const length = summand.shape.at(-1)!
  if (length >= keys || length === 1) return summand
  const pads = [...summand.shape.map(() => 0), ...summand.shape.map((_, i) => (i === summand.shape.length - 1 ? keys - length : 0))]
  return g.op('Pad', [summand, g.integers(pads), g.scalar(masked, dtype)])
}

function attention(c: RewriteContext): (Value | undefined)[] {
  const { g } = c
  if (c.inputs[4] ?? c.inputs[5] ?? c.inputs[6]) throw c.refuse('with earlier keys and values, as language models have them, which Assay cannot follow')
  const [queryHeads, keyHeads] = [c.int('q_num_heads', 0), c.int('kv_num_heads', 0)]
  const flat = c.x.shape.length === 3
  if (flat && !(queryHeads && keyHeads)) throw c.refuse('without the number of heads')
  const [q, k, v] = [c.x, c.required(1), c.required(2)].map((x, i) => (flat ? inHeads(g, x, i ? keyHeads : queryHeads) : x)) as [Value, Value, Value]
  const times = q.shape[1]! / k.shape[1]!
  const keys = k.shape[2]!
  const y = attend(c, q, repeated(g, k, times), repeated(g, v, times), {
    scale: c.float('scale', 1 / Math.sqrt(q.shape[3]!)),
    mask: c.inputs[3] && additive(g, c.inputs[3], keys, q.dtype),
    causal: c.int('is_causal', 0) === 1,
    softcap: c.float('softcap', 0),
  })
  return [flat ? joined(g, y) : y]
}

/** Queries, keys and values as three inputs, joined over the heads. */
function multiHead(c: RewriteContext): (Value | undefined)[] {
  const { g } = c
  if (c.inputs.slice(6).some(Boolean) || c.inputs[4]) throw c.refuse('with earlier keys and values or a mask of padding, which Assay cannot follow')
  const heads = c.int('num_heads', 1)
  const bias = c.inputs[3]
  let start = 0
  const parts = [c.x, c.required(1), c.required(2)].map((x) => {
    if (x.shape.length !== 3) throw c.refuse('with packed inputs, which Assay cannot follow')
    const width = x.shape[2]!
    const own = bias && slice(g, bias, [start], [(start += width)], [0])
    return inHeads(g, own ? add(g, x, own) : x, heads)
  }) as [Value, Value, Value]
  const causal = c.int('unidirectional', 0) === 1
  // ONNX Runtime lets the last query see all keys then, and the others those up to their own place.
  if (causal && parts[0].shape[2] !== parts[1].shape[2]) throw c.refuse('one way between queries and another number of keys, which Assay cannot follow')
  return [joined(g, attend(c, ...parts, { scale: c.float('scale', 0) || 1 / Math.sqrt(parts[0].shape[3]!), mask: c.inputs[5], causal }))]
}

/** One input that is multiplied with the weights of queries, keys and values. */
function fusedAttention(c: RewriteContext): (Value | undefined)[] {
  const { g } = c
  if (c.inputs[3] ?? c.inputs[4] ?? c.inputs[6]) throw c.refuse('with a mask or earlier keys and values, which Assay cannot follow')
  const heads = c.int('num_heads', 1)
  const product = matMul(g, c.x, c.required(1))
  const all = c.inputs[2] ? add(g, product, c.inputs[2]) : product
  const widths = c.ints('qkv_hidden_sizes') ?? Array<number>(3).fill(all.shape[2]! / 3)
  let start = 0
  const parts = widths.map((width) => inHeads(g, slice(g, all, [start], [(start += width)], [2]), heads)) as [Value, Value, Value]
  return [joined(g, attend(c, ...parts, { scale: c.float('scale', 0) || 1 / Math.sqrt(parts[0].shape[3]!), mask: c.inputs[5], causal: c.int('unidirectional', 0) === 1 }))]
}

const meaning = 'softmax(scale·Q·Kᵀ + mask)·V, over heads'

export const attentions: Rewrite[] = [{ op: 'Attention', forward: meaning, write: attention }]
export const microsoftAttentions: Rewrite[] = [
  { op: 'Attention', forward: `${meaning}, of x·W + bias`, write: fusedAttention },
  { op: 'MultiHeadAttention', forward: meaning, write: multiHead },
]
