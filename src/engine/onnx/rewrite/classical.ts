/**
 * Linear models and the steps around them as scikit-learn's exporters write them (domain ai.onnx.ml; source: ONNX,
 * Operators-ml). Trees have no gradient and are refused; labels that are words are not followed.
 */
import { int64 } from '../../tensor/tensor'
import type { GraphBuilder, Value } from '../builder'
import { attribute, int } from '../model'
import { abs, add, cast, concat, div, equal, floats, gather, greater, matMul, mul, reduceMax, reduceSum, reshape, sigmoid, softmax, sqrt, square, sub, where } from '../ops'
import type { Rewrite, RewriteContext } from './rewrite'

const row = (c: RewriteContext, values: readonly number[]): Value => c.g.constant(floats('float32', [values.length], values))
const real = (c: RewriteContext): Value => cast(c.g, c.x, 'float32')

/** x·Wᵀ + b with the rows of W one after the other in the attribute `coefficients`. */
function affine(c: RewriteContext, rows: number): Value {
  const coefficients = c.floats('coefficients') ?? []
  const features = coefficients.length / rows
  const turned = Array.from({ length: coefficients.length }, (_, i) => coefficients[(i % rows) * features + Math.floor(i / rows)]!)
  const product = matMul(c.g, reshape(c.g, real(c), [-1, features]), c.g.constant(floats('float32', [features, rows], turned)))
  const intercepts = c.floats('intercepts')
  return intercepts?.length ? add(c.g, product, row(c, intercepts)) : product
}

function linearClassifier(c: RewriteContext): (Value | undefined)[] {
  const { g } = c
  const labels = attribute(c.node, 'classlabels_ints', 'ints')
  const classes = labels?.length || attribute(c.node, 'classlabels_strings', 'strings')?.length || 0
  const rows = c.floats('intercepts')?.length || classes
  const transform = c.string('post_transform', 'NONE')
  const raw = affine(c, rows)
  const scores = transformed(c, raw, transform)
  const both = rows === 1 && classes === 2 ? concat(g, [transform === 'NONE' ? mul(g, scores, -1) : sub(g, 1, scores), scores], 1) : scores
  const label = labels?.length ? gather(g, g.constant(int64([labels.length], labels)), g.op('ArgMax', [both], { axis: int(1), keepdims: int(0) }), 0) : undefined
  return [label, both]
}

function transformed(c: RewriteContext, scores: Value, name: string): Value {
  if (name === 'NONE') return scores
  if (name === 'LOGISTIC') return sigmoid(c.g, scores)
  if (name === 'SOFTMAX') return softmax(c.g, scores, 1)
  throw c.refuse(`with the transform ${name}, which Assay cannot follow`)
}

function normalizer(g: GraphBuilder, x: Value, norm: string): Value {
  const length = norm === 'L1' ? reduceSum(g, abs(g, x), [-1], true) : norm === 'L2' ? sqrt(g, reduceSum(g, square(g, x), [-1], true)) : reduceMax(g, x, [-1], true)
  const empty = equal(g, length, 0)
  return where(g, empty, x, div(g, x, where(g, empty, 1, length)))
}

export const classical: Rewrite[] = [
  { op: 'LinearClassifier', forward: 'x·Wᵀ + b, then Softmax or Sigmoid', write: linearClassifier },
  { op: 'LinearRegressor', forward: 'x·Wᵀ + b', write: (c) => [transformed(c, affine(c, c.int('targets', 1)), c.string('post_transform', 'NONE'))] },
  { op: 'Scaler', forward: '(x − offset)·scale', write: (c) => [mul(c.g, sub(c.g, real(c), row(c, c.floats('offset') ?? [0])), row(c, c.floats('scale') ?? [1]))] },
  { op: 'Normalizer', forward: 'x by its largest entry, or by its 1- or 2-norm', write: (c) => [normalizer(c.g, real(c), c.string('norm', 'MAX'))] },
  { op: 'ZipMap', forward: 'probabilities, without the names of their classes', write: (c) => [c.x] },
  { op: 'ArrayFeatureExtractor', forward: 'chosen columns of x', write: (c) => [gather(c.g, c.x, reshape(c.g, c.required(1), [-1]), c.x.shape.length - 1)] },
  { op: 'FeatureVectorizer', forward: 'inputs side by side', write: (c) => [concat(c.g, c.inputs.map((x) => cast(c.g, x!, 'float32')), 1)] },
  {
    op: 'Imputer',
    forward: 'x, or what stands for a missing value',
    write: (c) => {
      const missing = c.float('replaced_value_float', 0)
      const absent = Number.isNaN(missing) ? c.g.op('IsNaN', [c.x]) : equal(c.g, c.x, missing)
      return [where(c.g, absent, row(c, c.floats('imputed_value_floats') ?? [0]), c.x)]
    },
  },
  { op: 'Binarizer', forward: 'x > threshold', write: (c) => [cast(c.g, greater(c.g, c.x, c.float('threshold', 0)), c.x.dtype)] },
  { op: 'LabelEncoder', forward: 'labels, which are not followed', write: () => [undefined] },
]
