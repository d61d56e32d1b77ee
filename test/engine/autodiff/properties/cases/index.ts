/** All cases: by family of the registry, and by domain for what foreign models write otherwise. */
import type { Cases } from '../draw'
import { activations, arithmetic, functions } from './elementwise'
import { foreign, ownForm } from './foreign'
import { indexing } from './indexing'
import { movement } from './movement'
import { normalisation } from './normalisation'
import { linear, softmaxes } from './products'
import { quantisation } from './quantisation'
import { recurrent } from './recurrent'
import { reductions } from './reduction'
import { resizing, sampling } from './resize'
import { convolutions, pools } from './windows'

export const byFamily: Record<string, Cases> = {
  arithmetic, functions, activations, reduction: reductions, movement, indexing, linear, convolutions, pooling: pools, normalisation, softmaxes, resizing, sampling, recurrent, quantisation,
}

/** Operators that are written with others while a model is read. '' is ONNX's own domain. */
export const byDomain: Record<string, Cases> = { '': ownForm, ...foreign }
